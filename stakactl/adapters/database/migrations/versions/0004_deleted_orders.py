"""SQLite's index of deleted orders holds those alone: it was taken for looking up all others.

PostgreSQL knows by its statistics that nearly all orders are not deleted, and keeps its index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index_again(sa.text("deleted_at IS NOT NULL"))


def downgrade() -> None:
    _index_again(None)


def _index_again(where: sa.TextClause | None) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("ix_orders_deleted", "orders")
    op.create_index("ix_orders_deleted", "orders", ["deleted_at", "order_id"], sqlite_where=where)
