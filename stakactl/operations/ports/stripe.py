"""Stripe itself, and our local copy of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from stakactl.domain.money import Money
from stakactl.domain.revenue import RevenueTotal
from stakactl.domain.stripe_objects import (
    Absence,
    Account,
    BalanceTransaction,
    StripeKind,
    StripeObject,
)


@dataclass(frozen=True, slots=True)
class Window:
    """Creation times from `since` (inclusive) to `until` (exclusive), aware UTC."""

    since: datetime
    until: datetime


class StripeGateway(Protocol):
    def account(self) -> Account: ...

    def pages(self, kind: StripeKind, created: Window) -> Iterator[Sequence[StripeObject]]:
        """All objects of `kind` created in the window, page by page, newest first.

        Raises StripeError when a page cannot be read within the retry budget: what was yielded
        before then is incomplete.
        """

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        """The object as it is now, or why it cannot be read with this key (404)."""

    def balance(self) -> tuple[Money, ...]:
        """What the account holds now, available and pending together, by currency."""

    def payout_transactions(self, payout_id: str) -> Iterator[Sequence[BalanceTransaction]]:
        """What an automatic payout contains, page by page; its own row is among it."""


class Mirror(Protocol):
    """The local copy of the Stripe objects."""

    def upsert(self, objects: Sequence[StripeObject]) -> None: ...

    def mark_absent(self, kind: StripeKind, object_id: str, absence: Absence) -> None: ...

    def synced_until(self, kind: StripeKind) -> datetime | None: ...

    def set_synced_until(self, kind: StripeKind, until: datetime) -> None: ...

    def unsettled_ids(self, kind: StripeKind) -> list[str]:
        """Objects whose state can still change: open sessions, intents under way …"""

    def unread_references(self) -> list[tuple[StripeKind, str]]:
        """Ids that orders or mirrored objects name and that the mirror neither holds nor knows
        to be absent (sessions and PaymentIntents of orders, PaymentIntents of sessions, charges
        of PaymentIntents, refunds and disputes)."""

    def count(self) -> int: ...

    def revenue(self, since: date, until: date) -> list[RevenueTotal]:
        """Sums of balance transactions by local day, currency and category; both days count."""
