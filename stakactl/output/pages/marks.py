"""Spaces and signs that the words of the pages are written with."""

THIN = "\N{NARROW NO-BREAK SPACE}"
HARD = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
