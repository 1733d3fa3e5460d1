"""Alembic's scripts, run by `schema` inside a transaction that is already open."""
