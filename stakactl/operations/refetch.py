"""Fetch the objects of one id from Stripe again, and what they name by then."""

from collections.abc import Iterable, Iterator

from stakactl.domain.case import Case
from stakactl.domain.stripe_objects import (
    Absence,
    Charge,
    CheckoutSession,
    Dispute,
    Event,
    PaymentIntent,
    Refund,
    StripeKind,
    StripeObject,
)
from stakactl.domain.trail import Payments, Subject
from stakactl.errors import StripeError
from stakactl.operations.ports import Ports
from stakactl.operations.sync import connect

Wanted = tuple[StripeKind, str]

#: A session leads to its payment, that to its charge, that to its line of the balance.
_ROUNDS = 4


def refetch(
    ports: Ports, subject: Subject | None, unknown: Wanted | None, unread: list[str]
) -> None:
    """Read the objects of the subject (or one that nobody here knows yet) into the mirror.

    What cannot be read is added to `unread`. Raises StoreForeign for a key of another account.
    """
    connect(ports)
    done: set[Wanted] = set()
    wanted = [*_of_subject(ports, subject), *([unknown] if unknown else [])]
    for _ in range(_ROUNDS):
        todo = [one for one in dict.fromkeys(wanted) if one not in done]
        if not todo:
            return
        done.update(todo)
        wanted = []
        for kind, object_id in todo:
            try:
                found = ports.stripe.retrieve(kind, object_id)
            except StripeError as error:
                unread.append(f"{kind} {object_id}: {error.message}")
                continue
            if isinstance(found, Absence):
                if (kind, object_id) != unknown:  # what nobody names leaves no trace
                    ports.mirror.mark_absent(kind, object_id, found)
            else:
                ports.mirror.upsert([found])
                wanted += _named_by(found)


def _of_subject(ports: Ports, subject: Subject | None) -> Iterator[Wanted]:
    if subject is None:
        return
    if isinstance(subject.kind, StripeKind):
        yield subject.kind, subject.id
    for order_id in subject.order_ids:
        case = ports.cases.case(order_id)
        if case is not None:
            yield from _recorded(case)
            yield from _objects(case)
    yield from _objects(ports.trail.payments(subject.payment_intent_ids))


def _recorded(case: Case) -> Iterator[Wanted]:
    order = case.order
    if order.stripe_session_id:
        yield StripeKind.CHECKOUT_SESSION, order.stripe_session_id
    if order.stripe_payment_intent_id:
        yield StripeKind.PAYMENT_INTENT, order.stripe_payment_intent_id


def _objects(group: Case | Payments) -> Iterator[Wanted]:
    parts: tuple[tuple[StripeKind, Iterable[StripeObject]], ...] = (
        (StripeKind.CHECKOUT_SESSION, group.sessions),
        (StripeKind.PAYMENT_INTENT, group.intents),
        (StripeKind.CHARGE, group.charges),
        (StripeKind.REFUND, group.refunds),
        (StripeKind.DISPUTE, group.disputes),
    )
    for kind, things in parts:
        yield from ((kind, thing.id) for thing in things)


def _named_by(found: StripeObject) -> list[Wanted]:
    """The objects that lead on from this one."""
    match found:
        case CheckoutSession():
            named = [(StripeKind.PAYMENT_INTENT, found.payment_intent_id)]
            named.append((StripeKind.INVOICE, found.invoice_id))
        case PaymentIntent():
            named = [(StripeKind.CHARGE, found.latest_charge_id)]
        case Charge():
            named = [(StripeKind.BALANCE_TRANSACTION, found.balance_transaction_id)]
            named.append((StripeKind.PAYMENT_INTENT, found.payment_intent_id))
        case Refund() | Dispute():
            named = [(StripeKind.CHARGE, found.charge_id)]
            named.append((StripeKind.PAYMENT_INTENT, found.payment_intent_id))
        case Event() if found.object_kind in set(StripeKind):
            named = [(StripeKind(found.object_kind), found.object_id)]
        case _:
            named = []
    return [(kind, key) for kind, key in named if key]
