"""What subscriptions bill: their items, when they began, the names of products; and who pays.

What is known of subscriptions so far does not say it. All of them are marked as unsettled, so that
the next sync reads each once more, those that ended too, and the products with them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_TERMS = "currency product_id interval interval_count included_vat position amount_micros".split()


def upgrade() -> None:
    op.add_column("stripe_subscriptions", sa.Column("started_at", _TIME))
    op.add_column("stripe_subscriptions", sa.Column("began_at", _TIME))
    op.execute("UPDATE stripe_subscriptions SET started_at = created_at, unsettled = true")
    op.create_table(
        "stripe_products",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_products"),
    )
    op.create_index("ix_stripe_customers_created", "stripe_customers", ["created_at", "id"])
    _items()
    _buyers()


def _buyers() -> None:
    """They begin empty and are filled when somebody asks."""
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "buyer_days",
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("buyer", bytewise, nullable=False),
        sa.Column("through", sa.String(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("local_day", "currency", "buyer", "through", name="pk_buyer_days"),
        sqlite_with_rowid=False,
    )
    by_buyer = ["buyer", "currency", "local_day", "payments", "net"]
    op.create_index("ix_buyer_days_by_buyer", "buyer_days", by_buyer)
    through = sa.text("through <> ''")
    op.create_index(
        "ix_buyer_days_through",
        "buyer_days",
        ["through", "buyer"],
        sqlite_where=through,
        postgresql_where=through,
    )
    op.create_table(
        "buyers",
        sa.Column("buyer", bytewise, nullable=False),
        sa.Column("first_seen", _TIME, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("buyer", name="pk_buyers"),
    )
    op.create_index("ix_buyers_first_seen", "buyers", ["first_seen"])
    op.create_table(
        "figure_buyers",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("edition", name="pk_figure_buyers"),
    )
    told = sa.text("customer_id IS NOT NULL AND stripe_customer_id IS NOT NULL")
    op.create_index(
        "ix_orders_stripe_customer",
        "orders",
        ["stripe_customer_id", "created_at", "order_id", "customer_id"],
        sqlite_where=told,
    )


def _items() -> None:
    name = "stripe_subscription_items"
    op.create_table(
        name,
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String()),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("began_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("price_id", sa.String()),
        sa.Column("product_id", sa.String()),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("interval", sa.String(), nullable=False),
        sa.Column("interval_count", sa.Integer(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger()),
        sa.Column("included_vat", sa.String()),
        sa.PrimaryKeyConstraint("subscription_id", "position", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["stripe_subscriptions.id"],
            name=f"fk_{name}_subscription_id",
            ondelete="CASCADE",
        ),
    )
    of_beginning = ["began_at", *_TERMS, "ended_at", "customer_id"]
    op.create_index(f"ix_{name}_began", name, of_beginning)
    of_end = ["ended_at", "began_at", "status", "started_at", *_TERMS, "customer_id"]
    op.create_index(f"ix_{name}_ended", name, of_end)


def downgrade() -> None:
    op.drop_index("ix_orders_stripe_customer", "orders")
    for table in ("figure_buyers", "buyers", "buyer_days"):
        op.drop_table(table)
    op.drop_table("stripe_subscription_items")
    op.drop_index("ix_stripe_customers_created", "stripe_customers")
    op.drop_table("stripe_products")
    op.drop_column("stripe_subscriptions", "began_at")
    op.drop_column("stripe_subscriptions", "started_at")
