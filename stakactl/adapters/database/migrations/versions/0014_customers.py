"""One customer is found and read by what is theirs, without a look at everybody else's."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_PAGE = 10_000
#: Where a customer is named.
_NAMED = (
    ("orders", "customer_id"),
    ("orders", "stripe_customer_id"),
    ("stripe_sessions", "customer_id"),
    ("stripe_intents", "customer_id"),
    ("stripe_invoices", "customer_id"),
    ("stripe_subscriptions", "customer_id"),
)
_orders = sa.table(
    "orders",
    sa.column("order_id", sa.String()),
    sa.column("customer_email", sa.String()),
    sa.column("email_key", sa.String()),
)


def upgrade() -> None:
    op.add_column("orders", sa.Column("email_key", sa.String(), nullable=False, server_default=""))
    _fold_emails(op.get_bind())
    op.create_index("ix_orders_email", "orders", ["email_key"])
    for table, column in _NAMED:
        named = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=named)
    op.create_index("ix_stripe_customers_email", "stripe_customers", ["email"])
    op.create_index("ix_invoices_customer", "invoices", ["customer_id"])
    op.create_index("ix_findings_payment_intent_id", "findings", ["payment_intent_id"])


def downgrade() -> None:
    op.drop_index("ix_findings_payment_intent_id", "findings")
    op.drop_index("ix_invoices_customer", "invoices")
    op.drop_index("ix_stripe_customers_email", "stripe_customers")
    for table, column in reversed(_NAMED):
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_index("ix_orders_email", "orders")
    op.drop_column("orders", "email_key")


def _fold_emails(connection: sa.Connection) -> None:
    """Page by page: neither database folds every letter as Python does."""
    ordered = sa.select(_orders.c.order_id, _orders.c.customer_email)
    ordered = ordered.order_by(_orders.c.order_id).limit(_PAGE)
    page = ordered
    changed = (
        _orders.update()
        .where(_orders.c.order_id == sa.bindparam("this"))
        .values(email_key=sa.bindparam("folded"))
    )
    while rows := connection.execute(page).all():
        folded = [{"this": row[0], "folded": row[1].casefold()} for row in rows]
        connection.execute(changed, folded)
        page = ordered.where(_orders.c.order_id > rows[-1][0])
