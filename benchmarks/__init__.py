"""The figures of the README, measured side by side; nothing is written to the tree."""
