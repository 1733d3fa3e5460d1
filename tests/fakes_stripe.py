"""A recording StripeGateway over domain objects, for tests of what uses the port."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
    Subscription,
)
from stakactl.errors import StripeError
from stakactl.operations.ports import Window

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
    Payout: StripeKind.PAYOUT,
    Event: StripeKind.EVENT,
}

Call = tuple[StripeKind, Window] | tuple[StripeKind, str]


class FakeStripeGateway:
    """`unreadable` makes the lists of a kind fail after their first page, and its objects at once;
    `calls` remembers what was asked for."""

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
        self.unreadable: dict[StripeKind, StripeError] = {}
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

    def pages(self, kind: StripeKind, created: Window) -> Iterator[Sequence[StripeObject]]:
        self.calls.append((kind, created))
        found = [
            candidate
            for (kind_of_it, _), candidate in reversed(self._objects.items())
            if kind_of_it is kind and created.since <= candidate.created_at < created.until
        ]
        found.sort(key=lambda candidate: candidate.created_at, reverse=True)
        for start in range(0, len(found), self._page_size):
            yield found[start : start + self._page_size]
            if kind in self.unreadable:
                raise self.unreadable[kind]
        if not found and kind in self.unreadable:
            raise self.unreadable[kind]

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
        return self._objects.get((kind, object_id), Absence.MISSING)
