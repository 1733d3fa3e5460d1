"""Whether the record of money holds every charge, at its own amount, in a known category."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.context import Context
from stakactl.domain.stripe_objects import Charge

#: `charge.balance_transaction` can be null for a while; a day is more than Stripe needs.
BOOKED_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class UnknownCategory:
    """All balance transactions of a reporting category that stakactl does not know."""

    reporting_category: str
    total: Money
    count: int
    since: datetime
    first_id: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A charge or a refund and what the record of money holds for it, in the same currency.

    `allowed` are the amounts that would be right: a charge is booked as it was authorised, or as
    it was captured.
    """

    kind: str  # charge | refund
    object_id: str
    created_at: datetime
    allowed: tuple[Money, ...]
    booked: Money
    count: int
    payment_intent_id: str | None


def missing_money(charge: Charge, context: Context) -> Finding:
    """A succeeded charge that has no balance transaction, or one that the record does not hold."""
    due = charge.created_at + BOOKED_WITHIN
    named = charge.balance_transaction_id
    return Finding(
        Discrepancy.BALANCE_MISSING,
        since=charge.created_at,
        expected=f"a balance transaction of {charge.amount}",
        seen=f"{named} is not in the record of money" if named else "no balance transaction",
        hint="stakactl sync reads the charge again; if it stays, ask Stripe's support",
        payment_intent_id=charge.payment_intent_id,
        refs={"charge": charge.id},
        break_on=due if context.now < due else None,
    )


def unknown_category(found: UnknownCategory) -> Finding:
    several = "transactions" if found.count > 1 else "transaction"
    return Finding(
        Discrepancy.BALANCE_UNCLASSIFIED,
        since=found.since,
        expected="a reporting category that stakactl knows",
        seen=f"{found.count} {several} of {found.total} in all, the first is {found.first_id}",
        hint="a newer stakactl may know it; until then it counts as other in the bridge,"
        " and is left out of the revenue",
        refs={
            "reporting_category": found.reporting_category,
            "currency": found.total.currency,
        },
    )


def misbooked(booking: Booking) -> Finding | None:
    """None where the booked amount is one of those that are right."""
    if booking.booked in booking.allowed:
        return None
    times = f" in {booking.count} transactions" if booking.count > 1 else ""
    return Finding(
        Discrepancy.BRIDGE_RESIDUAL,
        since=booking.created_at,
        expected=f"{booking.allowed[0]}, as the {booking.kind} says",
        seen=f"{booking.booked} booked{times}",
        hint="look the charge or refund up in Stripe's dashboard, and ask Stripe's support",
        payment_intent_id=booking.payment_intent_id,
        refs={booking.kind: booking.object_id},
    )
