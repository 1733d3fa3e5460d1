"""Invoices that belong to no order: a reference of their own, and whether they go by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STANDING = "reference <> '' AND cancelled_at IS NULL AND credits_id IS NULL"


def upgrade() -> None:
    reference = sa.Column("reference", sa.String(), server_default="", nullable=False)
    op.add_column("invoices", reference)
    kind, default = sa.Boolean(), sa.text("true")
    op.add_column("invoices", sa.Column("by_mail", kind, server_default=default, nullable=False))
    where = sa.text(_STANDING)
    op.create_index(
        "ux_invoices_reference",
        "invoices",
        ["reference"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ux_invoices_reference", "invoices")
    op.drop_column("invoices", "by_mail")
    op.drop_column("invoices", "reference")
