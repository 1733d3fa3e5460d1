"""Stripe itself, and our local copy of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    Absence,
    Account,
    BalanceTransaction,
    Event,
    StripeKind,
    StripeObject,
)
from stakactl.domain.windows import Window
from stakactl.errors import StripeError


@dataclass(frozen=True, slots=True)
class Wanted:
    """All objects of `kind` created in the window."""

    kind: StripeKind
    created: Window


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of one answer of Stripe's.

    `covered` is the part of the wanted window that this page completed: every object created in
    it was in this page or in an earlier one. It is None while a second goes on in the next page;
    an empty part is covered by a page without objects.
    """

    kind: StripeKind
    objects: Sequence[StripeObject]
    covered: Window | None


@dataclass(frozen=True, slots=True)
class Unread:
    """The part of a wanted window that could not be read within the retry budget, and why."""

    kind: StripeKind
    created: Window
    error: StripeError


Retrieved = tuple[StripeKind, str, StripeObject | Absence | StripeError]


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events of the feed. `type` may be a group of them (`charge.*`); `since` is included, `until`
    is not; `undelivered` are those that not every endpoint accepted yet."""

    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    undelivered: bool = False


class StripeGateway(Protocol):
    def account(self) -> Account: ...

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Page | Unread]:
        """All windows, several at once, each newest first; the order of pages is not promised.

        The `covered` and the `Unread` together make up exactly the wanted windows. A failure ends
        its window only; when nothing can be read, all end within about one retry budget. An
        object may come twice when it changes place meanwhile, none is left out.
        """

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        """The object as it is now, or why it cannot be read with this key (404, deleted)."""

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> Mapping[str, Any] | Absence:
        """The object as Stripe sends it, in another version of its API where one is named."""

    def retrieve_many(self, wanted: Sequence[tuple[StripeKind, str]]) -> Iterator[Retrieved]:
        """Each object as `retrieve` gives it, or the error; several at once, in any order."""

    def balance(self) -> tuple[Money, ...]:
        """What the account holds now, available and pending together, by currency."""

    def payout_transactions(self, payout_id: str) -> Iterator[Sequence[BalanceTransaction]]:
        """What an automatic payout contains, page by page; its own row is among it."""

    def related(
        self, kind: StripeKind, owner: StripeKind, owner_id: str
    ) -> Iterator[Sequence[StripeObject]]:
        """The objects of `kind` that Stripe lists by what they belong to, newest first; a page is
        asked for when it is taken. By a customer: sessions, PaymentIntents, charges, invoices and
        subscriptions, canceled ones too; by a PaymentIntent: refunds and disputes; by an invoice:
        its payments. An owner that never was has none; one that was deleted keeps its own."""

    def feed(self, query: EventQuery) -> Iterator[Sequence[Event]]:
        """Events of the last 30 days, newest first; a page is asked for when it is taken."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A read of one kind's list that is under way, or was interrupted.

    `until` is the fixed upper bound of its latest attempt, `begun_at` the time of its first one:
    whatever is `covered` was read at that time or later.
    """

    begun_at: datetime
    until: datetime
    covered: tuple[Window, ...] = ()


class Mirror(Protocol):
    """The local copy of the Stripe objects, and how far it goes."""

    def upsert(self, objects: Sequence[StripeObject], covered: Sequence[Wanted] = ()) -> None:
        """Hold the objects as they are now; in the same transaction, remember what of the lists
        is complete with them."""

    def mark_absent(
        self, kind: StripeKind, object_id: str, absence: Absence, at: datetime | None = None
    ) -> None:
        """Remember that the object cannot be read, and since when; one that was held and is
        missing now was deleted."""

    def synced_until(self, kind: StripeKind) -> datetime | None:
        """Up to when everything of this kind was read."""

    def known_until(self) -> datetime | None:
        """Up to when everything was read that tells whether an order was paid, refunded or
        disputed; None before the first whole sync. What is younger cannot be judged."""

    def reading(self, kind: StripeKind) -> Reading | None:
        """The interrupted read of the kind's list, if there is one."""

    def begin_readings(self, readings: Mapping[StripeKind, Reading]) -> None:
        """Begin to read these lists, or go on with them."""

    def finish_readings(self, ends: Mapping[StripeKind, datetime]) -> None:
        """All of these kinds was read, up to these bounds. A reading that another sync went on
        with has another bound: that sync will finish it."""

    def unsettled_ids(self, kind: StripeKind, created_before: datetime | None = None) -> list[str]:
        """Objects whose state can still change: open sessions, intents under way, charges whose
        balance transaction is not known yet …"""

    def unread_references(self) -> list[tuple[StripeKind, str]]:
        """Ids that orders or mirrored objects name and that the mirror neither holds nor knows
        to be absent. Customers are left out: no link of the chain leads through one, and those
        deleted for good reason would be asked for one by one."""

    def count(self) -> int: ...
