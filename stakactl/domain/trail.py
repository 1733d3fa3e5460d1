"""What the store remembers around an id: the raw material of a time line.

A `Subject` says what an id names and which orders it belongs to; a `Trail` holds everything beyond
the orders' own cases: invoices, mails, money, events, changes and findings.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stakactl.domain.changes import RecordedChange
from stakactl.domain.findings import Finding
from stakactl.domain.invoicing import PdfStatus
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    Absence,
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Dispute,
    Event,
    PaymentIntent,
    Payout,
    Refund,
    StripeInvoice,
    StripeKind,
)


class SubjectKind(StrEnum):
    """What an id can name besides an object of Stripe (`StripeKind`)."""

    ORDER = "order"
    INVOICE = "invoice of ours"
    FOREIGN_INVOICE = "invoice of the application"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an id names.

    `order_ids` are the orders that it belongs to; `payment_intent_ids` the payments it leads to
    and `object_ids` the objects of Stripe on the way (event → refund → charge), itself included.
    `invoice_numbers` are an invoice that belongs to no order, and its credit notes. `absence` says
    why an id that an order records cannot be read from Stripe.
    """

    id: str
    kind: SubjectKind | StripeKind
    order_ids: tuple[str, ...] = ()
    payment_intent_ids: tuple[str, ...] = ()
    object_ids: tuple[str, ...] = ()
    absence: Absence | None = None
    invoice_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payments:
    """The objects of payments that belong to no order."""

    sessions: tuple[CheckoutSession, ...] = ()
    intents: tuple[PaymentIntent, ...] = ()
    charges: tuple[Charge, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedInvoice:
    """An invoice of ours, `live` until it is cancelled, or a credit note on one. `order_id` is
    None where it belongs to no order."""

    invoice_id: str
    number: str
    order_id: str | None
    issued_at: datetime
    total: Money
    live: bool
    pdf_status: PdfStatus
    stored_at: datetime | None
    object_key: str
    credits_id: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail of the outbox, without its address. `order_id` is the order it is about."""

    mail_id: int
    kind: MailKind
    order_id: str | None
    status: MailStatus
    queued_at: datetime
    sent_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class SeenFinding:
    """A finding as runs recorded it; its `hint` is empty where an older version recorded it."""

    finding: Finding
    first_seen_at: datetime
    first_run_id: str
    last_seen_at: datetime
    last_run_id: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Trail:
    """What belongs to some orders and objects, each oldest first."""

    invoices: tuple[IssuedInvoice, ...] = ()
    stripe_invoices: tuple[StripeInvoice, ...] = ()
    mails: tuple[OutgoingMail, ...] = ()
    transactions: tuple[BalanceTransaction, ...] = ()
    payouts: tuple[Payout, ...] = ()
    events: tuple[Event, ...] = ()
    changes: tuple[RecordedChange, ...] = ()
    findings: tuple[SeenFinding, ...] = ()
