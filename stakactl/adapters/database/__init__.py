"""stakactl's own store on SQLite or PostgreSQL; rows stay in here and leave as domain values."""
