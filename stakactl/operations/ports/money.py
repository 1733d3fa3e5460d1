"""The record of money in the mirror: what payouts contain, and what balances are made of."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from stakactl.domain.bridge import KnownBalance, Movement, Presentment
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.balance import Booking, UnknownCategory
from stakactl.domain.reconciliation.payouts import PayoutContents, PayoutSum, ReturnedPayout
from stakactl.domain.stripe_objects import Charge, Payout


class MoneyBook(Protocol):
    """Balance transactions, payouts and Stripe's own balance. A period begins with `since` and
    ends before `until`; None is no limit."""

    # payouts

    def to_itemise(self) -> list[str]:
        """Automatic payouts that were paid and whose contents are not known, or do not sum to
        them; oldest first."""

    def itemise(self, payout_id: str, transaction_ids: Sequence[str]) -> None:
        """Record what a payout contains, instead of what was recorded before. Its own row, which
        Stripe lists among its contents, is left out."""

    def payout(self, payout_id: str) -> PayoutContents | None:
        """One payout with its transactions, oldest first."""

    def differing_payouts(self) -> Iterator[PayoutSum]:
        """Itemised payouts whose transactions do not sum to them."""

    def returned_payouts(self) -> Iterator[ReturnedPayout]:
        """Payouts that failed or were canceled."""

    def manual_payouts(self, since: datetime | None, until: datetime | None) -> Iterator[Payout]:
        """Payouts created in the period that were not automatic and did not come back."""

    # what is wrong with the record

    def charges_without_money(self) -> Iterator[Charge]:
        """Succeeded, captured charges that name no balance transaction, or one not held."""

    def misbooked(self) -> Iterator[Booking]:
        """Charges and refunds booked in their own currency at another amount."""

    def unknown_categories(
        self, known: Sequence[str], since: datetime | None, until: datetime | None
    ) -> list[UnknownCategory]:
        """Reporting categories that are none of `known`, with their transactions of the period."""

    # the bridge

    def total(self) -> tuple[Money, ...]:
        """What all movements of the payments balance make, by currency."""

    def observe(self, amounts: Sequence[Money], at: datetime) -> None:
        """Remember what Stripe says that the account holds now, every transaction of now being
        held. A currency that is not named holds nothing."""

    def balances(self) -> list[KnownBalance]:
        """What Stripe last said, for every currency that it ever named or that moved."""

    def movements(
        self, since: datetime | None, until: datetime | None, through: datetime
    ) -> list[Movement]:
        """All movements of the payments balance created up to `through`, summed."""

    def presentments(
        self, since: datetime | None, until: datetime | None, through: datetime
    ) -> list[Presentment]:
        """What was sold and given back in other currencies in the period, up to `through`."""
