"""Pages to look at in a browser: reports as plain texts, laid out by `templates/reports`."""
