"""The Stripe objects that reconciliation compares, reduced to the fields that it reads.

Names are Stripe's (https://docs.stripe.com/api); amounts are in minor units, times in UTC.
`order_references` is what the object itself says about its order: `client_reference_id`, then
`metadata.orderId` / `metadata.order_id`. An application may keep something else there (a user's
id, say), so a reference counts only where an order of that id exists.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from stakactl.domain.money import Money


class StripeKind(StrEnum):
    """The kinds of objects that the mirror holds; values are Stripe's `object` names."""

    CHECKOUT_SESSION = "checkout.session"
    PAYMENT_INTENT = "payment_intent"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    INVOICE_PAYMENT = "invoice_payment"
    BALANCE_TRANSACTION = "balance_transaction"
    CUSTOMER = "customer"
    INVOICE = "invoice"
    SUBSCRIPTION = "subscription"
    PRODUCT = "product"
    PAYOUT = "payout"
    EVENT = "event"


class Absence(StrEnum):
    """Why an id that somebody names cannot be read with our key."""

    MISSING = "missing"
    DELETED = "deleted"
    OTHER_MODE = "other_mode"


@dataclass(frozen=True, slots=True)
class CheckoutSession:
    id: str
    created_at: datetime
    livemode: bool
    status: str  # open | complete | expired
    payment_status: str  # paid | unpaid | no_payment_required
    mode: str  # payment | subscription | setup
    amount_total: Money | None
    amount_tax_minor: int | None
    payment_intent_id: str | None
    invoice_id: str | None
    customer_id: str | None
    customer_country: str | None
    client_reference_id: str | None
    metadata_order_id: str | None

    @property
    def order_references(self) -> tuple[str, ...]:
        return tuple(ref for ref in (self.client_reference_id, self.metadata_order_id) if ref)

    @property
    def is_paid(self) -> bool:
        return self.payment_status == "paid"


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    id: str
    created_at: datetime
    livemode: bool
    status: str  # requires_payment_method | processing | requires_capture | succeeded | canceled …
    amount: Money
    amount_received_minor: int
    latest_charge_id: str | None
    customer_id: str | None
    payment_method_type: str | None
    failure_message: str | None
    metadata_order_id: str | None

    @property
    def order_references(self) -> tuple[str, ...]:
        return (self.metadata_order_id,) if self.metadata_order_id else ()

    @property
    def is_live(self) -> bool:
        """Whether money may still arrive through it without a new action of ours."""
        return self.status in {
            "processing",
            "requires_action",
            "requires_confirmation",
            "requires_capture",
        }


@dataclass(frozen=True, slots=True)
class Charge:
    id: str
    created_at: datetime
    livemode: bool
    status: str  # succeeded | pending | failed
    amount: Money
    amount_refunded_minor: int
    payment_intent_id: str | None
    balance_transaction_id: str | None
    payment_method_type: str | None
    captured: bool
    capture_before: datetime | None


@dataclass(frozen=True, slots=True)
class Refund:
    id: str
    created_at: datetime
    status: str  # pending | requires_action | succeeded | failed | canceled
    amount: Money
    charge_id: str | None
    payment_intent_id: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    id: str
    created_at: datetime
    livemode: bool
    status: str  # warning_needs_response … needs_response | under_review | won | lost
    amount: Money
    charge_id: str | None
    payment_intent_id: str | None

    @property
    def is_open(self) -> bool:
        return self.status not in {"won", "lost", "warning_closed", "prevented"}


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    """The link between a Stripe invoice and the PaymentIntent that paid it."""

    id: str
    created_at: datetime
    livemode: bool
    invoice_id: str
    payment_intent_id: str | None
    status: str


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One immutable line of the record of money, in the settlement currency.

    `balance_type` is the balance that it moves: only `payments` is what /v1/balance calls
    available and pending.
    """

    id: str
    created_at: datetime
    available_on: datetime
    type: str
    reporting_category: str
    amount: Money
    fee: Money
    net: Money
    source_id: str | None
    balance_type: str = "payments"


@dataclass(frozen=True, slots=True)
class StripeCustomer:
    id: str
    created_at: datetime
    livemode: bool
    email: str | None
    name: str | None
    city: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class StripeInvoice:
    """An invoice that Stripe issues; once it has a number it is a legal one."""

    id: str
    created_at: datetime
    livemode: bool
    number: str | None
    status: str  # draft | open | paid | void | uncollectible
    total: Money
    amount_paid_minor: int
    customer_id: str | None
    subscription_id: str | None
    due_at: datetime | None
    paid_at: datetime | None
    metadata_order_id: str | None

    @property
    def is_legal(self) -> bool:
        """Whether it stands in the books: numbered, and not voided."""
        return self.number is not None and self.status not in {"draft", "void"}


@dataclass(frozen=True, slots=True)
class StripeProduct:
    id: str
    created_at: datetime
    livemode: bool
    name: str


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """What one item of a subscription bills in each of its intervals.

    `amount` is in minor units, to a millionth of one, for the whole quantity and with the lasting
    discounts taken off; None where no fixed price says it (tiers, metered use, a discount that
    cannot be read). `included_vat` is the percentage of VAT inside it: 0 where it holds none, None
    where that cannot be known.
    """

    price_id: str | None
    product_id: str | None
    currency: str
    interval: str  # day | week | month | year
    interval_count: int
    amount: Decimal | None
    included_vat: Decimal | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """`price_id`, `unit_amount` and the interval are those of its first item.

    `began_at` is when the first paid interval began or will: after a trial. None where there never
    was one, be it that the first payment failed or that the trial was given up.
    """

    id: str
    created_at: datetime
    livemode: bool
    status: str  # trialing | active | past_due | unpaid | paused | canceled | incomplete …
    customer_id: str | None
    price_id: str | None
    unit_amount: Money | None
    quantity: int
    interval: str | None  # day | week | month | year
    interval_count: int
    current_period_end: datetime | None
    canceled_at: datetime | None
    ended_at: datetime | None
    started_at: datetime
    began_at: datetime | None
    items: tuple[SubscriptionItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way to a bank account; only an automatic one can be itemised."""

    id: str
    created_at: datetime
    livemode: bool
    status: str  # pending | in_transit | paid | failed | canceled
    amount: Money
    automatic: bool
    arrival_at: datetime
    balance_transaction_id: str | None
    failure_balance_transaction_id: str | None
    failure_code: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """That something happened to an object. What the object is now is told by the object."""

    id: str
    created_at: datetime
    livemode: bool
    type: str
    object_kind: str  # Stripe's `object` name; not only those of `StripeKind`
    object_id: str | None
    pending_webhooks: int


@dataclass(frozen=True, slots=True)
class Account:
    """The account a key belongs to."""

    id: str
    livemode: bool
    name: str


StripeObject = (
    CheckoutSession
    | PaymentIntent
    | Charge
    | Refund
    | Dispute
    | InvoicePayment
    | BalanceTransaction
    | StripeCustomer
    | StripeInvoice
    | Subscription
    | StripeProduct
    | Payout
    | Event
)
