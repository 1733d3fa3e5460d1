"""The record of money: balance transactions, what Stripe keeps, and the payouts.

Every movement of a settlement currency is written here once; payouts take what has become
available, weekday by weekday, so that each payout is the sum of the transactions it names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from stakactl.demo.world.ids import Ids, Json
from stakactl.demo.world.rhythm import DAY, HOUR
from stakactl.demo.world.shapes.account import payout
from stakactl.domain.money import round_half_up

#: Currencies with an own balance and bank account; everything else is settled in euro.
SETTLED_AS_IS = ("eur", "usd")
#: Minor units of the currency → euro cents, as Stripe's `exchange_rate` says it.
EXCHANGE_RATES = {"chf": "1.0712", "jpy": "0.6103", "kwd": "0.2987"}
DISPUTE_FEE = 2_000
SEPA_FEE = 35
_EUROPE = frozenset({"FR", "BE", "DE"})
_CARD_DELAY, _SEPA_DELAY = 3 * DAY, 5 * DAY


@dataclass(frozen=True, slots=True)
class Revenue:
    """Control sums of one settlement currency, in minor units, as people write them: positive."""

    gross: int = 0
    refunds: int = 0
    disputes: int = 0
    fees: int = 0


class Ledger:
    """Collects the transactions of the live mode; `transactions` holds those of both."""

    def __init__(self, ids: Ids, now: int) -> None:
        self._ids = ids
        self._now = now
        self.transactions: list[Json] = []
        self._sums: dict[str, dict[str, int]] = {}

    def charge(self, charge: Json, at: int, country: str) -> Json:
        """Money in, less Stripe's fee. SEPA debits are `payment`s."""
        sepa = charge["payment_method_details"]["type"] == "sepa_debit"
        currency, amount, rate = self._settle(charge["amount"], charge["currency"])
        per_mille = 15 if country in _EUROPE else Decimal("32.5")
        fee = SEPA_FEE if sepa else round_half_up(Decimal(amount) * per_mille / 1000) + 25
        row = self._row(
            "payment" if sepa else "charge",
            "charge",
            charge["id"],
            at,
            currency,
            amount,
            min(fee, amount),
            rate=rate,
            available=at + (_SEPA_DELAY if sepa else _CARD_DELAY),
            description=charge["description"],
        )
        if not charge["livemode"]:
            row["_livemode"] = False
        return self._book(row, "gross", amount)

    def refund(self, refund_id: str, charge: Json, amount: int, at: int) -> Json:
        sepa = charge["payment_method_details"]["type"] == "sepa_debit"
        currency, settled, rate = self._settle(amount, charge["currency"])
        kind = "payment_refund" if sepa else "refund"
        row = self._row(kind, "refund", refund_id, at, currency, -settled, 0, rate=rate)
        return self._book(row, "refunds", settled)

    def refund_failure(self, refund_id: str, original: Json, at: int) -> Json:
        """The money of a failed refund comes back."""
        currency, amount = original["currency"], -original["amount"]
        rate = original["exchange_rate"]
        row = self._row(
            "refund_failure", "refund_failure", refund_id, at, currency, amount, 0, rate=rate
        )
        return self._book(row, "refunds", -amount)

    def dispute(self, dispute_id: str, charge: Json, at: int) -> Json:
        currency, settled, rate = self._settle(charge["amount"], charge["currency"])
        row = self._row(
            "adjustment",
            "dispute",
            dispute_id,
            at,
            currency,
            -settled,
            DISPUTE_FEE,
            rate=rate,
            description=f"Chargeback withdrawal for {charge['id']}",
        )
        return self._book(row, "disputes", settled)

    def revenue(self) -> dict[str, Revenue]:
        return {currency: Revenue(**sums) for currency, sums in sorted(self._sums.items())}

    def payouts(self, banks: dict[str, str]) -> Iterator[Json]:
        """Automatic payouts to `banks` (currency → bank account), oldest first.

        Marks the transactions with their payout and appends the payouts' own transactions.
        """
        for currency, bank in banks.items():
            waiting = sorted(
                (
                    row
                    for row in self.transactions
                    if row["currency"] == currency and row.get("_livemode", True)
                ),
                key=lambda row: row["available_on"],
            )
            yield from self._pay_out(waiting, currency, bank)

    def _pay_out(self, waiting: list[Json], currency: str, bank: str) -> Iterator[Json]:
        if not waiting:
            return
        position, batch = 0, list[Json]()
        morning = waiting[0]["available_on"] // DAY * DAY + 5 * HOUR
        while (morning := morning + DAY) < self._now:
            while position < len(waiting) and waiting[position]["available_on"] <= morning:
                batch.append(waiting[position])
                position += 1
            total = sum(row["net"] for row in batch)
            if total <= 0 or datetime.fromtimestamp(morning, UTC).weekday() > 4:
                continue
            yield self._payout(batch, total, morning, currency, bank)
            batch = []

    def _payout(self, batch: list[Json], total: int, at: int, currency: str, bank: str) -> Json:
        payout_id, transaction_id = self._ids.new("payout"), self._ids.new("payout_transaction")
        own = self._row(
            "payout", "payout", payout_id, at, currency, -total, 0, description="STRIPE PAYOUT"
        )
        own["id"] = transaction_id
        self.transactions.append(own)
        for row in (*batch, own):
            row["_payout"] = payout_id
        arrival = at // DAY * DAY + 2 * DAY
        return payout(payout_id, at, total, currency, bank, transaction_id, arrival, self._now)

    def _settle(self, amount: int, currency: str) -> tuple[str, int, str | None]:
        """Settlement currency and amount, and the exchange rate if there is one."""
        if currency in SETTLED_AS_IS:
            return currency, amount, None
        rate = EXCHANGE_RATES[currency]
        return "eur", round_half_up(amount * Decimal(rate)), rate

    def _book(self, row: Json, column: str, amount: int) -> Json:
        self.transactions.append(row)
        if row.get("_livemode", True):
            sums = self._sums.setdefault(
                row["currency"], dict.fromkeys(("gross", "refunds", "disputes", "fees"), 0)
            )
            sums[column] += amount
            sums["fees"] += row["fee"]
        return row

    def _row(
        self,
        type: str,
        category: str,
        source: str,
        at: int,
        currency: str,
        amount: int,
        fee: int,
        *,
        rate: str | float | None = None,
        available: int | None = None,
        description: str | None = None,
    ) -> Json:
        available_on = at if available is None else available // DAY * DAY
        fee_details = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Dispute fee" if category == "dispute" else "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
        return {
            "id": "" if category == "payout" else self._ids.new("balance_transaction"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": available_on,
            "balance_type": "payments",
            "created": at,
            "currency": currency,
            "description": description,
            "exchange_rate": None if rate is None else float(rate),
            "fee": fee,
            "fee_details": fee_details if fee else [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source,
            "status": "available" if available_on <= self._now else "pending",
            "type": type,
        }
