"""What customers owe: one claim with everything that is known of its payment.

Three kinds of documents are claims: invoices of ours that were issued unpaid, open invoices of
Stripe's, and orders that the application keeps unpaid with a due date. Money that is paid, under
way, disputed, returned or credited stands in the way of asking for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

from stakactl.domain.case import Case
from stakactl.domain.mail import MailStatus
from stakactl.domain.money import Money
from stakactl.domain.orders import ABANDONED, SETTLED
from stakactl.domain.stripe_objects import CheckoutSession, StripeInvoice
from stakactl.domain.trail import Payments


class Source(StrEnum):
    """Which document the claim is; `subject_id` is its id."""

    INVOICE = "invoice"
    STRIPE_INVOICE = "stripe invoice"
    ORDER = "order"


class Obstacle(StrEnum):
    """Why nobody may be asked for the money of a claim."""

    PAID = "paid"
    CREDITED = "credited"
    GIVEN_UP = "given up"
    UNDER_WAY = "payment under way"
    DISPUTED = "disputed"
    REFUNDED = "refunded"
    ELSEWHERE = "asked for elsewhere"


@dataclass(frozen=True, slots=True)
class Blocked:
    """`detail` says to a person what was seen."""

    obstacle: Obstacle
    detail: str


@dataclass(frozen=True, slots=True)
class PastReminder:
    """A reminder in the outbox, whatever became of it. `at` is when it left, else was queued."""

    step: int
    status: MailStatus
    recipient: str
    at: datetime
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Receivable:
    """A claim. `outstanding` is what is still owed of `total`; `number` is what the customer
    knows it by. `closed` says why the document itself asks for nothing any more.

    `case` is its order with everything of Stripe's around it, `payments` what paid, or tried to
    pay, a Stripe invoice. `history` is oldest first.
    """

    source: Source
    subject_id: str
    number: str
    order_id: str | None
    total: Money
    outstanding: Money
    due_at: datetime
    recipient: str
    name: str
    locale: str
    is_business: bool
    closed: Blocked | None = None
    credited_minor: int = 0
    case: Case | None = None
    payments: Payments = field(default_factory=Payments)
    history: tuple[PastReminder, ...] = ()

    def due_on(self, zone: tzinfo) -> date:
        """The last day on which it could be paid in time. An invoice of ours is due when that day
        is over, at midnight."""
        moment = self.due_at
        if self.source is Source.INVOICE:
            moment -= timedelta(microseconds=1)
        return moment.astimezone(zone).date()


def blocked(claim: Receivable) -> Blocked | None:
    """What stands in the way of a reminder, the most decisive first."""
    found = claim.closed or _of_document(claim)
    if found is None and claim.case is not None:
        found = _of_order(claim, claim.case)
    if found is None:
        found = _of_payments(claim.payments)
    return found


def _of_document(claim: Receivable) -> Blocked | None:
    if claim.credited_minor:
        note = Money(claim.credited_minor, claim.total.currency)
        return Blocked(Obstacle.CREDITED, f"a credit note takes {note} back")
    if claim.outstanding.minor <= 0:
        return Blocked(Obstacle.PAID, "nothing is left to be paid")
    return None


def _of_order(claim: Receivable, case: Case) -> Blocked | None:
    order = case.order
    if order.dispute_status not in {None, "won", "warning_closed", "prevented"}:
        return Blocked(Obstacle.DISPUTED, f"the order has a dispute: {order.dispute_status}")
    if order.refunded is not None and order.refunded.minor > 0:
        return Blocked(Obstacle.REFUNDED, f"{order.refunded} of the order were refunded")
    if order.deleted_at is not None:
        return Blocked(Obstacle.GIVEN_UP, "the application has deleted the order")
    of_money = _of_payments(
        Payments(case.sessions, case.intents, case.charges, case.refunds, case.disputes)
    )
    if of_money is not None:
        return of_money
    if order.status in SETTLED:
        return Blocked(Obstacle.PAID, f"order {order.order_id} is {order.status}")
    if order.status in ABANDONED:
        return Blocked(Obstacle.GIVEN_UP, f"order {order.order_id} is {order.status}")
    if case.credited_minor:
        return Blocked(Obstacle.CREDITED, "a credit note was issued on its invoice")
    return _asked_elsewhere(claim, case)


def _asked_elsewhere(claim: Receivable, case: Case) -> Blocked | None:
    """One debt is asked for once: through Stripe's invoice, which can be paid by a click, else
    through ours, else through the order."""
    if claim.source is Source.STRIPE_INVOICE:
        return None
    paid = case.paid_stripe_invoice
    if paid is not None:
        return Blocked(Obstacle.PAID, f"Stripe's invoice {paid.number or paid.id} is paid")
    open_one = next((i for i in case.stripe_invoices if i.status == "open"), None)
    if open_one is not None:
        number = open_one.number or open_one.id
        return Blocked(Obstacle.ELSEWHERE, f"Stripe's invoice {number} asks for it")
    if claim.source is Source.ORDER and case.invoice_number is not None:
        return Blocked(Obstacle.ELSEWHERE, f"invoice {case.invoice_number} asks for it")
    return None


def _of_payments(found: Payments) -> Blocked | None:
    dispute = next((d for d in found.disputes if d.is_open or d.status == "lost"), None)
    if dispute is not None:
        return Blocked(Obstacle.DISPUTED, f"dispute {dispute.id} is {dispute.status}")
    refund = next((r for r in found.refunds if r.status not in {"failed", "canceled"}), None)
    if refund is not None:
        return Blocked(Obstacle.REFUNDED, f"refund {refund.id} is {refund.status}")
    charge = next((c for c in found.charges if c.amount_refunded_minor > 0), None)
    if charge is not None:
        return Blocked(Obstacle.REFUNDED, f"charge {charge.id} was refunded")
    return _paid(found) or _under_way(found)


def _paid(found: Payments) -> Blocked | None:
    for intent in found.intents:
        if intent.status == "succeeded":
            return Blocked(Obstacle.PAID, f"payment {intent.id} succeeded")
    for session in found.sessions:
        if session.payment_status in {"paid", "no_payment_required"}:
            return Blocked(Obstacle.PAID, f"session {session.id} is {session.payment_status}")
    return None


def _under_way(found: Payments) -> Blocked | None:
    """A debit that takes days, or money that is reserved. Who was asked for a confirmation, or
    for a transfer, and never answered is not paying."""
    for intent in found.intents:
        if intent.status in {"processing", "requires_capture"}:
            how = intent.payment_method_type or "payment"
            return Blocked(Obstacle.UNDER_WAY, f"{how} {intent.id} is {intent.status}")
    pending = next((c for c in found.charges if c.status == "pending"), None)
    if pending is not None:
        return Blocked(Obstacle.UNDER_WAY, f"charge {pending.id} is pending")
    ended = {i.id for i in found.intents if not i.is_live}
    waiting = next((s for s in found.sessions if _waits(s, ended)), None)
    if waiting is not None:
        return Blocked(Obstacle.UNDER_WAY, f"session {waiting.id} waits for its payment")
    return None


def _waits(session: CheckoutSession, ended: set[str]) -> bool:
    """Completed with a method that takes days, and its payment has not failed since."""
    unpaid = session.status == "complete" and session.payment_status == "unpaid"
    return unpaid and session.payment_intent_id not in ended


def stripe_invoice_closed(invoice: StripeInvoice) -> Blocked | None:
    """Why an invoice of Stripe's asks for nothing by mail."""
    if invoice.status == "paid":
        return Blocked(Obstacle.PAID, "Stripe says that it is paid")
    if invoice.status != "open":
        return Blocked(Obstacle.GIVEN_UP, f"Stripe says that it is {invoice.status}")
    return None


def last_step(history: Sequence[PastReminder]) -> int:
    """The highest step that was taken; a withdrawn reminder took none."""
    return max((past.step for past in taken(history)), default=0)


def taken(history: Sequence[PastReminder]) -> tuple[PastReminder, ...]:
    return tuple(past for past in history if past.status is not MailStatus.WITHDRAWN)
