"""What is due of Stripe's invoices is walked by its due date, as ours and the orders are."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DUE = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_stripe_invoices_due",
        "stripe_invoices",
        ["due_at", "id"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )


def downgrade() -> None:
    op.drop_index("ix_stripe_invoices_due", "stripe_invoices")
