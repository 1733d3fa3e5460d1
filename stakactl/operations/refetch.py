"""Fetch the objects of one id from Stripe again, and what they lead to by then."""

from collections.abc import Iterable, Iterator

from stakactl.domain.case import Case
from stakactl.domain.stripe_links import Reference
from stakactl.domain.stripe_objects import Absence, Event, StripeKind, StripeObject
from stakactl.domain.trail import Payments, Subject
from stakactl.errors import StripeError
from stakactl.operations.events import Sought, about, read_chain
from stakactl.operations.ports import Ports
from stakactl.operations.sync import connect


def refetch(ports: Ports, subject: Subject) -> list[str]:
    """Read the objects of the subject into the mirror; returns what cannot be read, and why.

    Raises StoreForeign for a key of another account.
    """
    connect(ports)
    sought = Sought()
    read_chain(ports, list(_of_subject(ports, subject)), sought)
    return sought.unread


def fetch_unknown(ports: Ports, wanted: Reference) -> list[str]:
    """The same for an id that nobody here names: where Stripe does not know it either, no trace
    of it is left."""
    connect(ports)
    try:
        found = ports.stripe.retrieve(*wanted)
    except StripeError as error:
        return [f"{wanted[0]} {wanted[1]}: {error.message}"]
    if isinstance(found, Absence):
        return []
    ports.mirror.upsert([found])
    leads_to = about(found) if isinstance(found, Event) else wanted
    sought = Sought()
    read_chain(ports, [leads_to] if leads_to else [], sought)
    return sought.unread


def _of_subject(ports: Ports, subject: Subject) -> Iterator[Reference]:
    if isinstance(subject.kind, StripeKind):
        yield subject.kind, subject.id
    for order_id in subject.order_ids:
        case = ports.cases.case(order_id)
        if case is not None:
            yield from _recorded(case)
            yield from _objects(case)
    yield from _objects(ports.trail.payments(subject.payment_intent_ids))


def _recorded(case: Case) -> Iterator[Reference]:
    order = case.order
    if order.stripe_session_id:
        yield StripeKind.CHECKOUT_SESSION, order.stripe_session_id
    if order.stripe_payment_intent_id:
        yield StripeKind.PAYMENT_INTENT, order.stripe_payment_intent_id


def _objects(group: Case | Payments) -> Iterator[Reference]:
    parts: tuple[tuple[StripeKind, Iterable[StripeObject]], ...] = (
        (StripeKind.CHECKOUT_SESSION, group.sessions),
        (StripeKind.PAYMENT_INTENT, group.intents),
        (StripeKind.CHARGE, group.charges),
        (StripeKind.REFUND, group.refunds),
        (StripeKind.DISPUTE, group.disputes),
    )
    for kind, things in parts:
        yield from ((kind, thing.id) for thing in things)
