"""Orders as the application records them; the buyer stands in the order's own row."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from stakactl.adapters.database.columns import (
    ExactDecimal,
    Row,
    UtcTime,
    of_customer,
    table_of,
)

_AMOUNT = ("amount_minor", "currency", "status")
_BY_SESSION = ("stripe_session_id", *_AMOUNT, "stripe_payment_intent_id", "order_id")
_BY_PAYMENT = ("stripe_payment_intent_id", *_AMOUNT, "stripe_session_id", "order_id")
_BY_ID = (
    "order_id",
    "stripe_session_id",
    "stripe_payment_intent_id",
    *_AMOUNT,
    "refunded_minor",
    "invoice_number",
)

#: An order that says which customer of Stripe's its buyer is.
_TOLD = text("customer_id IS NOT NULL AND stripe_customer_id IS NOT NULL")


class OrderRow(Row, table=True):
    """`settled_at` is when it was paid, else created; `search_text` and `email_key`, the e-mail,
    are case-folded.

    The three indexes `…_by_…` hold all that a comparison reads, each in the order of one link.
    """

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_created", "created_at", "order_id"),
        Index("ix_orders_status", "status", "created_at", "order_id"),
        Index("ix_orders_settled", "settled_at", "order_id"),
        Index("ix_orders_by_id", *_BY_ID),
        Index("ix_orders_by_session", *_BY_SESSION),
        Index("ix_orders_by_payment", *_BY_PAYMENT),
        # SQLite keeps no statistics here: an index of all orders would tempt it to look up whatever
        # is not deleted.
        Index(
            "ix_orders_deleted",
            "deleted_at",
            "order_id",
            sqlite_where=text("deleted_at IS NOT NULL"),
        ),
        Index(
            "ix_orders_stripe_customer",
            "stripe_customer_id",
            "created_at",
            "order_id",
            "customer_id",
            sqlite_where=_TOLD,
        ),
        Index("ix_orders_invoice_number", "invoice_number", "settled_at"),
        Index(
            "ix_orders_due",
            "due_at",
            "order_id",
            "status",
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index("ix_orders_email", "email_key"),
        of_customer("orders", "customer_id"),
        of_customer("orders", "stripe_customer_id"),
    )

    order_id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    status: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    title: str
    customer_email: str
    customer_name: str
    customer_id: str | None
    stripe_customer_id: str | None
    company: str
    siren: str
    vat_number: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str
    locale: str
    stripe_session_id: str | None
    stripe_payment_intent_id: str | None
    vat_rate: Decimal | None = Field(sa_type=ExactDecimal)
    nature: str
    level: str
    paid_at: datetime | None = Field(sa_type=UtcTime)
    updated_at: datetime | None = Field(sa_type=UtcTime)
    due_at: datetime | None = Field(sa_type=UtcTime)
    invoice_number: str | None
    refunded_minor: int | None = Field(sa_type=BigInteger)
    dispute_status: str | None
    deleted_at: datetime | None = Field(sa_type=UtcTime)
    settled_at: datetime = Field(sa_type=UtcTime)
    search_text: str
    email_key: str = Field(sa_column_kwargs={"server_default": ""})


class OrderLineRow(Row, table=True):
    __tablename__ = "order_lines"

    order_id: str = Field(primary_key=True, foreign_key="orders.order_id", ondelete="CASCADE")
    position: int = Field(primary_key=True)
    title: str
    quantity: int = Field(sa_type=BigInteger)
    unit_minor: int = Field(sa_type=BigInteger)
    currency: str
    vat_rate: Decimal | None = Field(sa_type=ExactDecimal)


orders = table_of(OrderRow)
order_lines = table_of(OrderLineRow)
