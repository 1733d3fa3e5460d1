"""The mirror of Stripe, one table per kind of object.

`unsettled` marks objects whose state can still change; a partial index finds them at once among
millions that cannot.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, table_of


def _unsettled(table: str) -> Index:
    where = text("unsettled")
    return Index(f"ix_{table}_unsettled", "id", sqlite_where=where, postgresql_where=where)


class SessionRow(Row, table=True):
    __tablename__ = "stripe_sessions"
    __table_args__ = (_unsettled("stripe_sessions"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    payment_status: str
    mode: str
    amount_total_minor: int | None = Field(sa_type=BigInteger)
    currency: str | None
    amount_tax_minor: int | None = Field(sa_type=BigInteger)
    payment_intent_id: str | None = Field(index=True)
    invoice_id: str | None
    customer_id: str | None
    customer_country: str | None
    client_reference_id: str | None = Field(index=True)
    metadata_order_id: str | None = Field(index=True)
    unsettled: bool


class IntentRow(Row, table=True):
    __tablename__ = "stripe_intents"
    __table_args__ = (
        _unsettled("stripe_intents"),
        Index("ix_stripe_intents_created", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    amount_received_minor: int = Field(sa_type=BigInteger)
    latest_charge_id: str | None
    customer_id: str | None
    payment_method_type: str | None
    failure_message: str | None
    metadata_order_id: str | None = Field(index=True)
    unsettled: bool


class ChargeRow(Row, table=True):
    __tablename__ = "stripe_charges"
    __table_args__ = (_unsettled("stripe_charges"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    amount_refunded_minor: int = Field(sa_type=BigInteger)
    payment_intent_id: str | None = Field(index=True)
    balance_transaction_id: str | None
    payment_method_type: str | None
    captured: bool
    capture_before: datetime | None = Field(sa_type=UtcTime)
    unsettled: bool


class RefundRow(Row, table=True):
    __tablename__ = "stripe_refunds"
    __table_args__ = (_unsettled("stripe_refunds"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    status: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    charge_id: str | None = Field(index=True)
    payment_intent_id: str | None = Field(index=True)
    unsettled: bool


class DisputeRow(Row, table=True):
    __tablename__ = "stripe_disputes"
    __table_args__ = (_unsettled("stripe_disputes"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    charge_id: str | None = Field(index=True)
    payment_intent_id: str | None = Field(index=True)
    unsettled: bool


class InvoicePaymentRow(Row, table=True):
    __tablename__ = "stripe_invoice_payments"

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    invoice_id: str
    payment_intent_id: str | None = Field(index=True)
    status: str


class BalanceRow(Row, table=True):
    """`local_day` is the civil date of `created_at` in the reporting time zone."""

    __tablename__ = "stripe_balance_transactions"
    __table_args__ = (
        Index(
            "ix_stripe_balance_transactions_revenue",
            "local_day",
            "currency",
            "reporting_category",
            "amount_minor",
            "fee_minor",
        ),
    )

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    available_on: datetime = Field(sa_type=UtcTime)
    type: str
    reporting_category: str
    amount_minor: int = Field(sa_type=BigInteger)
    fee_minor: int = Field(sa_type=BigInteger)
    net_minor: int = Field(sa_type=BigInteger)
    currency: str
    source_id: str | None
    local_day: date


class AbsenceRow(Row, table=True):
    """Ids that somebody names and that cannot be read with our key."""

    __tablename__ = "stripe_absences"

    kind: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    absence: str


class SyncCursorRow(Row, table=True):
    __tablename__ = "sync_cursors"

    kind: str = Field(primary_key=True)
    synced_until: datetime = Field(sa_type=UtcTime)


sessions = table_of(SessionRow)
intents = table_of(IntentRow)
charges = table_of(ChargeRow)
refunds = table_of(RefundRow)
disputes = table_of(DisputeRow)
invoice_payments = table_of(InvoicePaymentRow)
balance_transactions = table_of(BalanceRow)
absences = table_of(AbsenceRow)
sync_cursors = table_of(SyncCursorRow)
