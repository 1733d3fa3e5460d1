"""Everything that is stored about one id, for a time line."""
