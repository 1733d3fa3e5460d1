"""Alembic's environment: the connection comes from `schema`, and so does its transaction."""

from alembic import context

from stakactl.adapters.database.schema import VERSION_TABLE
from stakactl.adapters.database.tables import all_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=all_tables(),
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
