"""The mirror of Stripe, one table per kind of object.

`unsettled` marks objects whose state can still change; a partial index finds them at once among
millions that cannot. The indexes `…_by_…` hold all that a comparison with the orders reads, in
the order of one link.
"""

from datetime import date, datetime
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

#: By what the amounts of subscriptions are added up.
_TERMS = (
    *("currency", "product_id", "interval", "interval_count"),
    *("included_vat", "position", "amount_micros"),
)


def _unsettled(table: str) -> Index:
    where = text("unsettled")
    return Index(f"ix_{table}_unsettled", "id", sqlite_where=where, postgresql_where=where)


class SessionRow(Row, table=True):
    __tablename__ = "stripe_sessions"
    __table_args__ = (
        _unsettled("stripe_sessions"),
        Index(
            "ix_stripe_sessions_by_id",
            "id",
            "amount_total_minor",
            "currency",
            "payment_status",
            "payment_intent_id",
            "livemode",
        ),
        Index("ix_stripe_sessions_by_payment", "payment_intent_id", "payment_status", "id"),
        Index("ix_stripe_sessions_by_client", "client_reference_id", "id"),
        Index("ix_stripe_sessions_by_metadata", "metadata_order_id", "id"),
        Index(
            "ix_stripe_sessions_by_invoice",
            "invoice_id",
            "id",
            sqlite_where=text("invoice_id IS NOT NULL"),
            postgresql_where=text("invoice_id IS NOT NULL"),
        ),
        of_customer("stripe_sessions", "customer_id"),
    )

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    payment_status: str
    mode: str
    amount_total_minor: int | None = Field(sa_type=BigInteger)
    currency: str | None
    amount_tax_minor: int | None = Field(sa_type=BigInteger)
    payment_intent_id: str | None
    invoice_id: str | None
    customer_id: str | None
    customer_country: str | None
    client_reference_id: str | None
    metadata_order_id: str | None
    unsettled: bool


class IntentRow(Row, table=True):
    __tablename__ = "stripe_intents"
    __table_args__ = (
        _unsettled("stripe_intents"),
        Index("ix_stripe_intents_created", "created_at", "id"),
        Index(
            "ix_stripe_intents_by_id",
            "id",
            "amount_minor",
            "currency",
            "status",
            "amount_received_minor",
            "livemode",
        ),
        Index("ix_stripe_intents_by_metadata", "metadata_order_id", "id"),
        of_customer("stripe_intents", "customer_id"),
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
    metadata_order_id: str | None
    unsettled: bool


class ChargeRow(Row, table=True):
    __tablename__ = "stripe_charges"
    __table_args__ = (
        _unsettled("stripe_charges"),
        Index("ix_stripe_charges_balance_transaction_id", "balance_transaction_id"),
        Index("ix_stripe_charges_amount", "id", "currency", "amount_minor"),
    )

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
    invoice_id: str = Field(index=True)
    payment_intent_id: str | None = Field(index=True)
    status: str


class BalanceRow(Row, table=True):
    """`local_day` is the civil date of `created_at` in the reporting time zone; `payout_id` the
    automatic payout that contains it, once that payout was itemised; a payout's own row is in
    none but a later one's."""

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
        Index(
            "ix_stripe_balance_transactions_source",
            "source_id",
            "currency",
            "amount_minor",
            "reporting_category",
        ),
        Index("ix_stripe_balance_transactions_payout", "payout_id", "net_minor"),
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
    balance_type: str = Field(sa_column_kwargs={"server_default": text("'payments'")})
    local_day: date
    payout_id: str | None


class BalanceOfStripeRow(Row, table=True):
    """What Stripe last said that the account holds, per currency. `through` is when the last
    transaction of that moment was created."""

    __tablename__ = "stripe_balances"

    currency: str = Field(primary_key=True)
    amount_minor: int = Field(sa_type=BigInteger)
    observed_at: datetime = Field(sa_type=UtcTime)
    through: datetime = Field(sa_type=UtcTime)
    residual_since: datetime | None = Field(sa_type=UtcTime)


class CustomerRow(Row, table=True):
    __tablename__ = "stripe_customers"
    __table_args__ = (Index("ix_stripe_customers_created", "created_at", "id"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    email: str | None = Field(index=True)
    name: str | None
    city: str | None
    country: str | None


class StripeInvoiceRow(Row, table=True):
    __tablename__ = "stripe_invoices"
    __table_args__ = (
        _unsettled("stripe_invoices"),
        Index(
            "ix_stripe_invoices_due",
            "due_at",
            "id",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
        of_customer("stripe_invoices", "customer_id"),
    )

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    number: str | None = Field(index=True)
    status: str
    total_minor: int = Field(sa_type=BigInteger)
    currency: str
    amount_paid_minor: int = Field(sa_type=BigInteger)
    customer_id: str | None
    subscription_id: str | None
    due_at: datetime | None = Field(sa_type=UtcTime)
    paid_at: datetime | None = Field(sa_type=UtcTime)
    metadata_order_id: str | None = Field(index=True)
    unsettled: bool


class SubscriptionRow(Row, table=True):
    __tablename__ = "stripe_subscriptions"
    __table_args__ = (
        _unsettled("stripe_subscriptions"),
        of_customer("stripe_subscriptions", "customer_id"),
    )

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    customer_id: str | None
    price_id: str | None
    unit_minor: int | None = Field(sa_type=BigInteger)
    currency: str | None
    quantity: int = Field(sa_type=BigInteger)
    interval: str | None
    interval_count: int
    current_period_end: datetime | None = Field(sa_type=UtcTime)
    canceled_at: datetime | None = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime)
    started_at: datetime | None = Field(sa_type=UtcTime)
    began_at: datetime | None = Field(sa_type=UtcTime)
    unsettled: bool


class SubscriptionItemRow(Row, table=True):
    """What an item bills per interval, beside what figures ask of its subscription, so that one
    index answers. `amount_micros` are millionths of a minor unit; position 0 stands for the
    subscription where subscriptions are counted."""

    __tablename__ = "stripe_subscription_items"
    __table_args__ = (
        Index(
            "ix_stripe_subscription_items_began",
            "began_at",
            *_TERMS,
            "ended_at",
            "customer_id",
        ),
        Index(
            "ix_stripe_subscription_items_ended",
            "ended_at",
            "began_at",
            "status",
            "started_at",
            *_TERMS,
            "customer_id",
        ),
    )

    subscription_id: str = Field(
        primary_key=True, foreign_key="stripe_subscriptions.id", ondelete="CASCADE"
    )
    position: int = Field(primary_key=True)
    status: str
    customer_id: str | None
    started_at: datetime = Field(sa_type=UtcTime)
    began_at: datetime | None = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime)
    price_id: str | None
    product_id: str | None
    currency: str
    interval: str
    interval_count: int
    amount_micros: int | None = Field(sa_type=BigInteger)
    included_vat: Decimal | None = Field(sa_type=ExactDecimal)


class ProductRow(Row, table=True):
    __tablename__ = "stripe_products"

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    name: str


class PayoutRow(Row, table=True):
    """`itemised` once the balance transactions of an automatic payout are known to be its."""

    __tablename__ = "stripe_payouts"
    __table_args__ = (_unsettled("stripe_payouts"),)

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    status: str
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    automatic: bool
    arrival_at: datetime = Field(sa_type=UtcTime)
    balance_transaction_id: str | None
    failure_balance_transaction_id: str | None
    failure_code: str | None
    itemised: bool = Field(sa_column_kwargs={"server_default": text("false")})
    unsettled: bool


class EventRow(Row, table=True):
    """`processed_at` once its object was read after it happened and its effect is in place."""

    __tablename__ = "stripe_events"
    __table_args__ = (
        Index(
            "ix_stripe_events_unprocessed",
            "created_at",
            "id",
            sqlite_where=text("processed_at IS NULL"),
            postgresql_where=text("processed_at IS NULL"),
        ),
        Index("ix_stripe_events_object", "object_id", "created_at"),
        Index("ix_stripe_events_created", "created_at"),
    )

    id: str = Field(primary_key=True)
    created_at: datetime = Field(sa_type=UtcTime)
    livemode: bool
    type: str
    object_kind: str
    object_id: str | None
    pending_webhooks: int
    processed_at: datetime | None = Field(sa_type=UtcTime)


class AbsenceRow(Row, table=True):
    """Ids that somebody names and that cannot be read with our key: tombstones, too."""

    __tablename__ = "stripe_absences"

    kind: str = Field(primary_key=True)
    object_id: str = Field(primary_key=True)
    absence: str
    noticed_at: datetime | None = Field(sa_type=UtcTime)


class SyncCursorRow(Row, table=True):
    """Up to when everything of a kind was read."""

    __tablename__ = "sync_cursors"

    kind: str = Field(primary_key=True)
    synced_until: datetime = Field(sa_type=UtcTime)


class SyncReadingRow(Row, table=True):
    """A read of a kind's list under way: its first attempt, and the bound of its latest one."""

    __tablename__ = "sync_readings"

    kind: str = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UtcTime)
    until: datetime = Field(sa_type=UtcTime)


class SyncWindowRow(Row, table=True):
    """What a reading under way has covered; windows that touch are one row."""

    __tablename__ = "sync_windows"

    kind: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcTime, primary_key=True)
    until: datetime = Field(sa_type=UtcTime)


sessions = table_of(SessionRow)
intents = table_of(IntentRow)
charges = table_of(ChargeRow)
refunds = table_of(RefundRow)
disputes = table_of(DisputeRow)
invoice_payments = table_of(InvoicePaymentRow)
balance_transactions = table_of(BalanceRow)
customers = table_of(CustomerRow)
stripe_invoices = table_of(StripeInvoiceRow)
subscriptions = table_of(SubscriptionRow)
subscription_items = table_of(SubscriptionItemRow)
products = table_of(ProductRow)
balances = table_of(BalanceOfStripeRow)
payouts = table_of(PayoutRow)
events = table_of(EventRow)
absences = table_of(AbsenceRow)
sync_cursors = table_of(SyncCursorRow)
sync_readings = table_of(SyncReadingRow)
sync_windows = table_of(SyncWindowRow)
