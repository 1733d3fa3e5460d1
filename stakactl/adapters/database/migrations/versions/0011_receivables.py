"""What is due is walked by its due date, without a look at the many that never were due."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_invoices_due",
        "invoices",
        ["due_at", "invoice_id", "paid_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_index("ix_orders_due", "orders", ["due_at", "order_id", "status"], sqlite_where=_DUE)


def downgrade() -> None:
    op.drop_index("ix_orders_due", "orders")
    op.drop_index("ix_invoices_due", "invoices")
