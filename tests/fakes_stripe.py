"""A recording StripeGateway over domain objects, for tests of what uses the port."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    Absence,
    Account,
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
from stakactl.errors import StripeError
from stakactl.operations.ports import EventQuery, Page, Retrieved, Unread, Wanted, Window

_KINDS: dict[type, StripeKind] = {
    CheckoutSession: StripeKind.CHECKOUT_SESSION,
    PaymentIntent: StripeKind.PAYMENT_INTENT,
    Charge: StripeKind.CHARGE,
    Refund: StripeKind.REFUND,
    Dispute: StripeKind.DISPUTE,
    InvoicePayment: StripeKind.INVOICE_PAYMENT,
    BalanceTransaction: StripeKind.BALANCE_TRANSACTION,
    StripeCustomer: StripeKind.CUSTOMER,
    StripeInvoice: StripeKind.INVOICE,
    Subscription: StripeKind.SUBSCRIPTION,
    StripeProduct: StripeKind.PRODUCT,
    Payout: StripeKind.PAYOUT,
    Event: StripeKind.EVENT,
}

EVER = Window(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
Call = tuple[StripeKind, Window] | tuple[StripeKind, str]


class FakeStripeGateway:
    """`unreadable` makes the lists of a kind fail after their first page, and its objects at once;
    `calls` remembers what was asked for. `contents` are the ids of what each payout contains;
    `balances` (by currency) what the account holds: the sum of its transactions unless set;
    `before_balance` is called first, so that a test raises there or lets the account move."""

    def __init__(
        self,
        *objects: StripeObject,
        account: Account = Account("acct_fake", livemode=True, name="Fake"),
        page_size: int = 100,
    ) -> None:
        self._account = account
        self._page_size = page_size
        self._objects: dict[tuple[StripeKind, str], StripeObject] = {}
        self.other_mode: set[str] = set()
        self.bodies: dict[str, Mapping[str, Any]] = {}
        self.deleted: set[str] = set()
        self.unreadable: dict[StripeKind, StripeError] = {}
        self.contents: dict[str, list[str]] = {}
        self.balances: dict[str, int] | None = None
        self.before_balance: Callable[[], object] = lambda: None
        self.calls: list[Call] = []
        self.put(*objects)

    def put(self, *objects: StripeObject) -> None:
        """Add objects, or replace those with the same id."""
        for found in objects:
            self._objects[_KINDS[type(found)], found.id] = found

    def remove(self, kind: StripeKind, object_id: str) -> None:
        del self._objects[kind, object_id]

    def account(self) -> Account:
        return self._account

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Page | Unread]:
        for each in wanted:
            yield from self._read_window(each.kind, each.created)

    def _read_window(self, kind: StripeKind, created: Window) -> Iterator[Page | Unread]:
        self.calls.append((kind, created))
        if created.since >= created.until:
            return
        found = self._listed(kind, created)
        pages = [
            found[start : start + self._page_size]
            for start in range(0, len(found), self._page_size)
        ]
        until = created.until
        for page in pages[:-1]:
            oldest = page[-1].created_at.replace(microsecond=0)
            finished = min(until, oldest + timedelta(seconds=1))
            yield Page(kind, page, Window(finished, until) if finished < until else None)
            until = finished
            if kind in self.unreadable:
                yield Unread(kind, Window(created.since, until), self.unreadable[kind])
                return
        last = pages[-1] if pages else []
        if kind not in self.unreadable:
            yield Page(kind, last, Window(created.since, until))
            return
        if last:
            yield Page(kind, last, None)
        yield Unread(kind, Window(created.since, until), self.unreadable[kind])

    def _listed(self, kind: StripeKind, created: Window) -> list[StripeObject]:
        found = [
            candidate
            for (kind_of_it, _), candidate in reversed(self._objects.items())
            if kind_of_it is kind and created.since <= candidate.created_at < created.until
        ]
        return sorted(found, key=lambda candidate: candidate.created_at, reverse=True)

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> Mapping[str, Any] | Absence:
        """What a test put into `bodies`, else the fields that applications look at."""
        if kind in self.unreadable:
            raise self.unreadable[kind]
        if object_id in self.bodies:
            return self.bodies[object_id]
        found = self._objects.get((kind, object_id), Absence.MISSING)
        if isinstance(found, Absence):
            return found
        body: dict[str, Any] = {"id": found.id, "object": kind.value, "livemode": True}
        if isinstance(found, CheckoutSession):
            total = found.amount_total
            body |= {"status": found.status, "payment_status": found.payment_status}
            body |= {"payment_intent": found.payment_intent_id}
            body |= {"amount_total": total.minor if total else None}
        elif isinstance(found, PaymentIntent):
            body |= {"status": found.status, "latest_charge": found.latest_charge_id}
        return body

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        self.calls.append((kind, object_id))
        if kind in self.unreadable:
            raise self.unreadable[kind]
        if object_id in self.other_mode:
            return Absence.OTHER_MODE
        if object_id in self.deleted:
            return Absence.DELETED
        return self._objects.get((kind, object_id), Absence.MISSING)

    def retrieve_many(self, wanted: Sequence[tuple[StripeKind, str]]) -> Iterator[Retrieved]:
        for kind, object_id in wanted:
            try:
                yield kind, object_id, self.retrieve(kind, object_id)
            except StripeError as error:
                yield kind, object_id, error

    def balance(self) -> tuple[Money, ...]:
        self.before_balance()
        sums: dict[str, int] = {}
        for found in self._objects.values():
            if isinstance(found, BalanceTransaction) and found.balance_type == "payments":
                currency = found.net.currency
                sums[currency] = sums.get(currency, 0) + found.net.minor
        held = sums if self.balances is None else self.balances
        return tuple(Money(held[currency], currency) for currency in sorted(held))

    def payout_transactions(self, payout_id: str) -> Iterator[Sequence[BalanceTransaction]]:
        if StripeKind.PAYOUT in self.unreadable:
            raise self.unreadable[StripeKind.PAYOUT]
        if (StripeKind.PAYOUT, payout_id) not in self._objects:
            raise StripeError(f"No such payout: '{payout_id}'", hint="check the id")
        contained = self.contents.get(payout_id, [])
        found = [self._objects[StripeKind.BALANCE_TRANSACTION, key] for key in contained]
        for start in range(0, len(found), self._page_size):
            page = found[start : start + self._page_size]
            yield [one for one in page if isinstance(one, BalanceTransaction)]

    def related(
        self, kind: StripeKind, owner: StripeKind, owner_id: str
    ) -> Iterator[Sequence[StripeObject]]:
        self.calls.append((kind, owner_id))
        if kind in self.unreadable:
            raise self.unreadable[kind]
        listed = self._listed(kind, EVER)
        found = [one for one in listed if self._owner(one, owner) == owner_id]
        for start in range(0, len(found), self._page_size):
            yield found[start : start + self._page_size]

    def _owner(self, thing: StripeObject, owner: StripeKind) -> str | None:
        """A charge has the customer of its PaymentIntent."""
        if owner is StripeKind.CUSTOMER and isinstance(thing, Charge):
            intent = self._objects.get((StripeKind.PAYMENT_INTENT, thing.payment_intent_id or ""))
            return intent.customer_id if isinstance(intent, PaymentIntent) else None
        named: str | None = getattr(thing, f"{owner.value}_id")
        return named

    def feed(self, query: EventQuery) -> Iterator[Sequence[Event]]:
        if StripeKind.EVENT in self.unreadable:
            raise self.unreadable[StripeKind.EVENT]
        since = query.since or EVER.since
        until = query.until or EVER.until
        listed = self._listed(StripeKind.EVENT, Window(since, until))
        found = [one for one in listed if isinstance(one, Event) and _fits(one, query)]
        for start in range(0, len(found), self._page_size):
            yield found[start : start + self._page_size]


def _fits(event: Event, query: EventQuery) -> bool:
    if query.undelivered and not event.pending_webhooks:
        return False
    if query.type is None:
        return True
    prefix, star, _ = query.type.partition("*")
    return event.type.startswith(prefix) if star else event.type == query.type
