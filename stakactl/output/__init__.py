"""What people and programs see: a View of raw cells, shown as a table, JSON or CSV."""
