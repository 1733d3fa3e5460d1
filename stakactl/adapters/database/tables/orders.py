"""Orders as the application records them; the buyer stands in the order's own row."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index
from sqlmodel import Field

from stakactl.adapters.database.columns import ExactDecimal, Row, UtcTime, table_of


class OrderRow(Row, table=True):
    """`settled_at` is when it was paid, else created; `search_text` is case-folded."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_created", "created_at", "order_id"),
        Index("ix_orders_status", "status", "created_at", "order_id"),
        Index("ix_orders_settled", "settled_at", "order_id"),
        Index("ix_orders_invoice_number", "invoice_number", "settled_at"),
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
    stripe_session_id: str | None = Field(index=True)
    stripe_payment_intent_id: str | None = Field(index=True)
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
