"""What Stripe says of a customer now, and where the local copy says something else.

Nothing is written: `customers sync` takes it over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.stripe_links import Reference
from stakactl.domain.stripe_objects import (
    Absence,
    PaymentIntent,
    StripeCustomer,
    StripeInvoice,
    StripeKind,
    StripeObject,
    Subscription,
)
from stakactl.errors import StripeError
from stakactl.operations.customers.changed import differing
from stakactl.operations.ports import Ports
from stakactl.operations.sync import connect

#: Of each kind so many of the newest are asked for: one page of Stripe's.
NEWEST = 100
_LISTED = (StripeKind.PAYMENT_INTENT, StripeKind.INVOICE, StripeKind.SUBSCRIPTION)


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that Stripe has otherwise than the local copy: `seen` there, `held` here."""

    kind: StripeKind
    object_id: str
    seen: str
    held: str


@dataclass(frozen=True, slots=True)
class LiveData:
    """`customers` are the Stripe customers by id, or why one cannot be read. `unread` says what
    could not be asked for, and why."""

    customers: tuple[tuple[str, StripeCustomer | Absence], ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    payments: int = 0
    invoices: int = 0
    differences: tuple[Difference, ...] = ()
    unread: tuple[str, ...] = ()


def read_live(ports: Ports, record: CustomerRecord) -> LiveData:
    """The customer, and the newest payments, invoices and subscriptions. Raises StoreForeign for
    a key of another account; what Stripe does not answer is told."""
    unread: list[str] = []
    customers: list[tuple[str, StripeCustomer | Absence]] = []
    found: list[StripeObject] = []
    try:
        connect(ports)
        for stripe_id in record.identity.stripe_ids:
            answer = ports.stripe.retrieve(StripeKind.CUSTOMER, stripe_id)
            if isinstance(answer, StripeCustomer | Absence):
                customers.append((stripe_id, answer))
            for kind in _LISTED:
                first = next(iter(ports.stripe.related(kind, StripeKind.CUSTOMER, stripe_id)), ())
                found += first
        if not record.identity.stripe_ids:
            found += _payments(ports, record, unread)
    except StripeError as error:
        unread.append(error.message)
    return LiveData(
        tuple(customers),
        tuple(one for one in found if isinstance(one, Subscription)),
        sum(isinstance(one, PaymentIntent) for one in found),
        sum(isinstance(one, StripeInvoice) for one in found),
        tuple(_differences(found, record)),
        tuple(unread),
    )


def _payments(ports: Ports, record: CustomerRecord, unread: list[str]) -> Iterator[StripeObject]:
    """The newest payments of somebody without a Stripe customer."""
    newest = reversed(record.payments.intents)
    wanted: list[Reference] = [
        (StripeKind.PAYMENT_INTENT, intent.id) for intent in islice(newest, NEWEST)
    ]
    for kind, key, answer in ports.stripe.retrieve_many(wanted):
        if isinstance(answer, StripeError):
            unread.append(f"{kind} {key}: {answer.message}")
            return
        if not isinstance(answer, Absence):
            yield answer


def _differences(found: Sequence[StripeObject], record: CustomerRecord) -> Iterator[Difference]:
    groups: tuple[tuple[StripeKind, Iterable[StripeObject]], ...] = (
        (StripeKind.PAYMENT_INTENT, record.payments.intents),
        (StripeKind.INVOICE, record.stripe_invoices),
        (StripeKind.SUBSCRIPTION, record.subscriptions),
    )
    known = {one.id: one for _, group in groups for one in group}
    kinds = {PaymentIntent: groups[0][0], StripeInvoice: groups[1][0], Subscription: groups[2][0]}
    for one in found:
        kind, here = kinds.get(type(one)), known.get(one.id)
        if kind is None or one == here:
            continue
        if here is None:
            yield Difference(kind, one.id, str(getattr(one, "status", "")), "nothing")
        else:
            held, seen = differing(here, one)
            yield Difference(kind, one.id, seen, held)
