"""The record of money: balance transactions and what Stripe keeps.

Every movement of a settlement currency is written here once, those of payouts by `payouts.py`.
"""

from dataclasses import dataclass
from decimal import Decimal

from stakactl.demo.world.ids import Ids, Json
from stakactl.demo.world.rhythm import DAY
from stakactl.domain.money import round_half_up

#: Currencies with an own balance and bank account; everything else is settled in euro.
SETTLED_AS_IS = ("eur", "usd")
#: Minor units of the currency → euro cents, as Stripe's `exchange_rate` says it.
EXCHANGE_RATES = {"chf": "1.0712", "jpy": "0.6103", "kwd": "0.2987"}
#: No reporting categories of Stripe's, as far as anybody knows today.
NEW_CATEGORIES = ("network_levy", "regional_surcharge")
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
        row = self.row(
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
        row = self.row(kind, "refund", refund_id, at, currency, -settled, 0, rate=rate)
        return self._book(row, "refunds", settled)

    def refund_failure(self, refund_id: str, original: Json, at: int) -> Json:
        """The money of a failed refund comes back."""
        currency, amount = original["currency"], -original["amount"]
        rate = original["exchange_rate"]
        row = self.row(
            "refund_failure", "refund_failure", refund_id, at, currency, amount, 0, rate=rate
        )
        return self._book(row, "refunds", -amount)

    def dispute(self, dispute_id: str, charge: Json, at: int) -> Json:
        currency, settled, rate = self._settle(charge["amount"], charge["currency"])
        row = self.row(
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

    def dispute_reversal(self, dispute_id: str, original: Json, at: int) -> Json:
        """A dispute that was won brings its amount back; the fee stays paid."""
        row = self.row(
            "adjustment",
            "dispute_reversal",
            dispute_id,
            at,
            original["currency"],
            -original["amount"],
            0,
            rate=original["exchange_rate"],
            description="Chargeback reversal",
        )
        return self._book(row, "disputes", original["amount"])

    def levy(self, category: str, currency: str, amount: int, at: int) -> Json:
        """Money that Stripe took under a heading that it had not used before."""
        row = self.row("adjustment", category, "", at, currency, -amount, 0, description="Levy")
        row["source"] = None
        self.transactions.append(row)
        return row

    def misbook(self, transaction_id: str, difference: int) -> None:
        """The record says another amount than the charge or refund that it is of."""
        row = next(row for row in self.transactions if row["id"] == transaction_id)
        row["amount"] += difference
        row["net"] += difference
        sums = self._sums[row["currency"]]
        if row["reporting_category"] == "charge":
            sums["gross"] += difference
        else:
            sums["refunds"] -= difference

    def revenue(self) -> dict[str, Revenue]:
        return {currency: Revenue(**sums) for currency, sums in sorted(self._sums.items())}

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

    def row(
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
        """A balance transaction as Stripe sends it; it is not in the ledger yet."""
        available_on = at if available is None else available // DAY * DAY
        of_payout = category.startswith("payout")
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
            "id": self._ids.new("payout_transaction" if of_payout else "balance_transaction"),
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
