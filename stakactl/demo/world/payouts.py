"""The payouts: whatever has become available leaves for the bank, weekday by weekday.

An automatic payout is the sum of the transactions that are listed under it. A few do not end as
they should: see `FATES`.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from stakactl.demo.world.ids import Ids, Json
from stakactl.demo.world.ledger import Ledger
from stakactl.demo.world.rhythm import DAY, HOUR
from stakactl.demo.world.shapes import account


class Fate(StrEnum):
    """How a payout ends."""

    PAID = "paid"
    FAILED = "failed"  # the bank sent it back
    CANCELED = "canceled"  # after it was paid
    RECALLED = "recalled"  # canceled on the way: somebody's decision, nothing is wrong
    MANUAL = "manual"  # asked for by hand: Stripe cannot say what is in it
    SHORT = "short"  # one of its transactions is not listed under it


#: Of the first payouts in euro of the last FATEFUL_DAYS; all others are paid.
FATES = (
    *(Fate.PAID, Fate.SHORT, Fate.FAILED, Fate.PAID, Fate.MANUAL),
    *(Fate.SHORT, Fate.CANCELED, Fate.PAID, Fate.RECALLED, Fate.MANUAL),
)
#: Within what Stripe's events tell of, and old enough to have arrived.
FATEFUL_DAYS = 27
SPECIAL_CURRENCY = "eur"
_RETURNED = {
    Fate.FAILED: ("payout_failure", "STRIPE PAYOUT FAILURE"),
    Fate.CANCELED: ("payout_cancel", "STRIPE PAYOUT CANCEL"),
    Fate.RECALLED: ("payout_cancel", "STRIPE PAYOUT CANCEL"),
}


@dataclass(frozen=True, slots=True)
class Settled:
    """A payout, how it ends, and the ends of its life as events tell them."""

    payout: Json
    fate: Fate

    @property
    def told(self) -> tuple[tuple[str, int], ...]:
        arrival = self.payout["arrival_date"]
        match self.fate:
            case Fate.FAILED:
                return (("payout.failed", arrival),)
            case Fate.CANCELED:
                return (("payout.paid", arrival), ("payout.canceled", arrival + DAY))
            case Fate.RECALLED:
                return (("payout.canceled", self.payout["created"] + 4 * HOUR),)
            case _:
                return (("payout.paid", arrival),)


class Payouts:
    """Appends the payouts' own transactions to the ledger and marks what each one took along."""

    def __init__(self, ids: Ids, ledger: Ledger, now: int) -> None:
        self._ids = ids
        self._ledger = ledger
        self._now = now

    def settle(self, banks: dict[str, str]) -> Iterator[Settled]:
        """Payouts to `banks` (currency → bank account), oldest first for each."""
        for currency, bank in banks.items():
            waiting = sorted(
                (
                    row
                    for row in self._ledger.transactions
                    if row["currency"] == currency and row.get("_livemode", True)
                ),
                key=lambda row: row["available_on"],
            )
            if waiting:
                yield from self._pay_out(waiting, currency, bank)

    def _pay_out(self, waiting: list[Json], currency: str, bank: str) -> Iterator[Settled]:
        position, batch = 0, list[Json]()
        since = self._now - FATEFUL_DAYS * DAY
        fates = iter(FATES if currency == SPECIAL_CURRENCY else ())
        morning = waiting[0]["available_on"] // DAY * DAY + 5 * HOUR
        while (morning := morning + DAY) < self._now:
            while position < len(waiting) and waiting[position]["available_on"] <= morning:
                batch.append(waiting[position])
                position += 1
            total = sum(row["net"] for row in batch)
            if total <= 0 or datetime.fromtimestamp(morning, UTC).weekday() > 4:
                continue
            fate = next(fates, Fate.PAID) if morning > since else Fate.PAID
            settled = Settled(self._payout(batch, total, morning, currency, bank, fate), fate)
            yield settled
            batch = []
            if fate in _RETURNED:
                row = self._returned(settled)
                insort(waiting, row, lo=position, key=lambda one: one["available_on"])

    def _payout(
        self, batch: list[Json], total: int, at: int, currency: str, bank: str, fate: Fate
    ) -> Json:
        # Ids of their own: how many payouts came before depends on the weekdays.
        payout_id = self._ids.new("payout" if fate is Fate.PAID else "planted.payout")
        own = self._ledger.row(
            "payout", "payout", payout_id, at, currency, -total, 0, description="STRIPE PAYOUT"
        )
        self._ledger.transactions.append(own)
        listed = {Fate.MANUAL: (), Fate.SHORT: (*batch[1:], own)}.get(fate, (*batch, own))
        for row in listed:
            row["_payout"] = payout_id
        return account.payout(
            payout_id,
            at,
            total,
            currency,
            bank,
            own["id"],
            arrival=at // DAY * DAY + 2 * DAY,
            now=self._now,
            automatic=fate is not Fate.MANUAL,
        )

    def _returned(self, settled: Settled) -> Json:
        """The money of a payout that did not arrive is in the balance again."""
        payout, failed = settled.payout, settled.fate is Fate.FAILED
        type, description = _RETURNED[settled.fate]
        row = self._ledger.row(
            type,
            "payout_reversal",
            payout["id"],
            min(settled.told[-1][1], self._now),
            payout["currency"],
            payout["amount"],
            0,
            description=description,
        )
        self._ledger.transactions.append(row)
        payout["status"] = "failed" if failed else "canceled"
        payout["failure_balance_transaction"] = row["id"]
        if failed:
            payout["failure_code"] = "account_closed"
            payout["failure_message"] = "The bank account has been closed"
        return row
