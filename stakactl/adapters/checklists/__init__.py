"""Checklists as files: ours, what a person's own file changes of them, and answers for CI."""
