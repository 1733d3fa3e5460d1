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
    CANCELED = "canceled"  # called back before it arrived
    MANUAL = "manual"  # asked for by hand: Stripe cannot say what is in it
    SHORT = "short"  # one of its transactions is not listed under it


#: Of the first payouts in euro of the world's days; all others are paid.
FATES = (
    *(Fate.PAID, Fate.SHORT, Fate.PAID, Fate.FAILED, Fate.PAID, Fate.MANUAL),
    *(Fate.SHORT, Fate.PAID, Fate.CANCELED, Fate.PAID, Fate.MANUAL),
)
SPECIAL_CURRENCY = "eur"


@dataclass(frozen=True, slots=True)
class Settled:
    payout: Json
    fate: Fate


class Payouts:
    """Appends the payouts' own transactions to the ledger and marks what each one took along."""

    def __init__(self, ids: Ids, ledger: Ledger, now: int) -> None:
        self._ids = ids
        self._ledger = ledger
        self._now = now

    def settle(self, banks: dict[str, str], since: int) -> Iterator[Settled]:
        """Payouts to `banks` (currency → bank account), oldest first for each. Nothing special
        happens to those from before `since`."""
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
                yield from self._pay_out(waiting, currency, bank, since)

    def _pay_out(
        self, waiting: list[Json], currency: str, bank: str, since: int
    ) -> Iterator[Settled]:
        position, batch = 0, list[Json]()
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
            payout = self._payout(batch, total, morning, currency, bank, fate)
            yield Settled(payout, fate)
            batch = []
            if fate in (Fate.FAILED, Fate.CANCELED):
                row = self._returned(payout, fate)
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

    def _returned(self, payout: Json, fate: Fate) -> Json:
        """The money of a payout that did not arrive is in the balance again."""
        failed = fate is Fate.FAILED
        at = payout["arrival_date"] if failed else payout["created"] + 4 * HOUR
        row = self._ledger.row(
            "payout_failure" if failed else "payout_cancel",
            "payout_reversal",
            payout["id"],
            min(at, self._now),
            payout["currency"],
            payout["amount"],
            0,
            description="STRIPE PAYOUT FAILURE" if failed else "STRIPE PAYOUT CANCEL",
        )
        self._ledger.transactions.append(row)
        payout.update(status=str(fate), failure_balance_transaction=row["id"])
        if failed:
            payout.update(
                failure_code="account_closed",
                failure_message="The bank account has been closed",
            )
        return row
