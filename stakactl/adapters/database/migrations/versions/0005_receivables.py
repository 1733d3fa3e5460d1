"""What is due is walked by its due date, without a look at the many that never were due."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")
_INDEXES = {
    "invoices": ["due_at", "invoice_id", "paid_at"],
    "orders": ["due_at", "order_id", "status"],
}


def upgrade() -> None:
    for table, columns in _INDEXES.items():
        op.create_index(f"ix_{table}_due", table, columns, sqlite_where=_DUE, postgresql_where=_DUE)


def downgrade() -> None:
    for table in _INDEXES:
        op.drop_index(f"ix_{table}_due", table)
