"""What a customer paid and got back, in the currency that they paid in.

A payment counts when it was received, a refund when it succeeded, a dispute when it is lost; what
is still open is told apart. Each counts at the moment at which the balance moved first, as revenue
does: a payment begun before midnight on New Year's Eve may be one of the next year.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import Charge, Dispute, PaymentIntent, Refund


class MoneyKind(StrEnum):
    """The open ones may still become refunds and lost disputes."""

    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE_LOST = "dispute_lost"
    REFUND_PENDING = "refund_pending"
    DISPUTE_OPEN = "dispute_open"


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    kind: MoneyKind
    at: datetime
    amount: Money
    object_id: str


@dataclass(frozen=True, slots=True)
class MoneyTotals:
    """Sums in one currency, all positive; `net` is what was kept."""

    currency: str
    payments: int
    paid: Money
    refunded: Money
    disputes_lost: Money
    refunds_pending: Money
    disputes_open: Money

    @property
    def net(self) -> Money:
        return self.paid - self.refunded - self.disputes_lost


def money_moved(record: CustomerRecord) -> Iterator[MoneyMoved]:
    """Every payment, refund and dispute that counts or may yet."""
    intents = {intent.id: intent for intent in record.payments.intents}
    paid: set[str] = set()
    for charge in record.payments.charges:
        if charge.status == "succeeded" and charge.captured:
            paid.add(charge.payment_intent_id or "")
            amount = _received(charge, intents.get(charge.payment_intent_id or ""))
            yield MoneyMoved(MoneyKind.PAYMENT, _at(record, charge), amount, charge.id)
    for intent in intents.values():
        if intent.status == "succeeded" and intent.id not in paid:
            received = Money(intent.amount_received_minor, intent.amount.currency)
            yield MoneyMoved(MoneyKind.PAYMENT, intent.created_at, received, intent.id)
    for refund in record.payments.refunds:
        kind = _REFUNDS.get(refund.status)
        if kind is not None:
            yield MoneyMoved(kind, _at(record, refund), refund.amount, refund.id)
    for dispute in record.payments.disputes:
        if dispute.status == "lost" or dispute.is_open:
            kind = MoneyKind.DISPUTE_OPEN if dispute.is_open else MoneyKind.DISPUTE_LOST
            yield MoneyMoved(kind, _at(record, dispute), dispute.amount, dispute.id)


def totals_of(moved: Iterable[MoneyMoved]) -> tuple[MoneyTotals, ...]:
    """By currency, in the order of their codes."""
    found: dict[str, list[MoneyMoved]] = {}
    for one in moved:
        found.setdefault(one.amount.currency, []).append(one)
    return tuple(totals(found[currency], currency) for currency in sorted(found))


def totals(moved: Iterable[MoneyMoved], currency: str) -> MoneyTotals:
    """The sums of what was moved in one currency."""
    sums = dict.fromkeys(MoneyKind, 0)
    payments = 0
    for one in moved:
        sums[one.kind] += one.amount.minor
        payments += one.kind is MoneyKind.PAYMENT
    return MoneyTotals(currency, payments, *(Money(sums[kind], currency) for kind in MoneyKind))


_REFUNDS = {
    "succeeded": MoneyKind.REFUND,
    "pending": MoneyKind.REFUND_PENDING,
    "requires_action": MoneyKind.REFUND_PENDING,
}


def _received(charge: Charge, intent: PaymentIntent | None) -> Money:
    """A charge may be captured in part; its PaymentIntent says what was received by it."""
    if intent is None or intent.latest_charge_id != charge.id or intent.status != "succeeded":
        return charge.amount
    return Money(intent.amount_received_minor, charge.amount.currency)


def _at(record: CustomerRecord, thing: Charge | Refund | Dispute) -> datetime:
    return record.booked.get(thing.id, thing.created_at)
