"""How each kind of Stripe's objects is stored: explicit, because a sync writes millions.

The functions themselves are in `payments`, `billing` and `money`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Generic, TypeVar

from sqlalchemy import Table
from sqlalchemy.sql.elements import ColumnElement

from stakactl.adapters.database.mirror.rows.billing import (
    customer_of,
    customer_values,
    invoice_of,
    invoice_payment_of,
    invoice_payment_values,
    invoice_values,
    product_of,
    product_values,
    subscription_of,
    subscription_values,
)
from stakactl.adapters.database.mirror.rows.money import (
    balance_of,
    balance_values,
    event_of,
    event_values,
    payout_of,
    payout_values,
)
from stakactl.adapters.database.mirror.rows.payments import (
    charge_of,
    charge_values,
    dispute_of,
    dispute_values,
    intent_of,
    intent_values,
    refund_of,
    refund_values,
    session_of,
    session_values,
)
from stakactl.adapters.database.tables import stripe as tables
from stakactl.domain.stripe_objects import (
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Dispute,
    Event,
    InvoicePayment,
    PaymentIntent,
    Payout,
    Refund,
    StripeCustomer,
    StripeInvoice,
    StripeKind,
    StripeObject,
    StripeProduct,
    Subscription,
)

Thing = TypeVar("Thing")

#: Columns that hold what we know about an object, not what Stripe says: an upsert keeps them.
_OURS = frozenset({"unsettled", "local_day", "payout_id", "itemised", "processed_at"})


@dataclass(frozen=True, slots=True)
class Shape(Generic[Thing]):
    """How one kind is read: its table, its columns in the order `build` takes them."""

    table: Table
    build: Callable[[Sequence[Any]], Thing]

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        return [column for column in self.table.columns if column.name not in _OURS]


SESSIONS = Shape(tables.sessions, session_of)
INTENTS = Shape(tables.intents, intent_of)
CHARGES = Shape(tables.charges, charge_of)
REFUNDS = Shape(tables.refunds, refund_of)
DISPUTES = Shape(tables.disputes, dispute_of)
INVOICE_PAYMENTS = Shape(tables.invoice_payments, invoice_payment_of)
STRIPE_INVOICES = Shape(tables.stripe_invoices, invoice_of)
SUBSCRIPTIONS = Shape(tables.subscriptions, subscription_of)
PRODUCTS = Shape(tables.products, product_of)
CUSTOMERS = Shape(tables.customers, customer_of)
BALANCE_TRANSACTIONS = Shape(tables.balance_transactions, balance_of)
PAYOUTS = Shape(tables.payouts, payout_of)
EVENTS = Shape(tables.events, event_of)

#: The table of each kind.
TABLES: dict[StripeKind, Table] = {
    StripeKind.CHECKOUT_SESSION: tables.sessions,
    StripeKind.PAYMENT_INTENT: tables.intents,
    StripeKind.CHARGE: tables.charges,
    StripeKind.REFUND: tables.refunds,
    StripeKind.DISPUTE: tables.disputes,
    StripeKind.INVOICE_PAYMENT: tables.invoice_payments,
    StripeKind.BALANCE_TRANSACTION: tables.balance_transactions,
    StripeKind.CUSTOMER: tables.customers,
    StripeKind.INVOICE: tables.stripe_invoices,
    StripeKind.SUBSCRIPTION: tables.subscriptions,
    StripeKind.PRODUCT: tables.products,
    StripeKind.PAYOUT: tables.payouts,
    StripeKind.EVENT: tables.events,
}


#: Where each class of objects goes, and how it becomes a row.
_WRITERS: dict[type, tuple[Table, Callable[[Any], dict[str, Any]]]] = {
    CheckoutSession: (tables.sessions, session_values),
    PaymentIntent: (tables.intents, intent_values),
    Charge: (tables.charges, charge_values),
    Refund: (tables.refunds, refund_values),
    Dispute: (tables.disputes, dispute_values),
    InvoicePayment: (tables.invoice_payments, invoice_payment_values),
    StripeCustomer: (tables.customers, customer_values),
    StripeInvoice: (tables.stripe_invoices, invoice_values),
    Subscription: (tables.subscriptions, subscription_values),
    StripeProduct: (tables.products, product_values),
    Payout: (tables.payouts, payout_values),
    Event: (tables.events, event_values),
}


def table_and_values(thing: StripeObject, zone: tzinfo) -> tuple[Table, dict[str, Any]]:
    """Where an object goes and its row; `zone` decides the local day of money."""
    if isinstance(thing, BalanceTransaction):
        day = thing.created_at.astimezone(zone).date()
        return tables.balance_transactions, balance_values(thing, day)
    table, values = _WRITERS[type(thing)]
    return table, values(thing)
