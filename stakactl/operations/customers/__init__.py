"""One customer: everything of theirs shown, read again, and added up by year."""
