"""The bridge: opening balance + what moved = closing balance, for each settlement currency.

A sum compared with itself proves nothing, so the ends do not come from the movements that they
enclose. The closing balance is what Stripe itself says that the account holds (/v1/balance,
available and pending), rolled back over whatever moved after the period. The opening balance is
the empty account of the first day, rolled forward over whatever moved before the period. Between
them stand `amount` and `fee` of every balance transaction, each counted where its reporting
category says; `net` is not used. A row that is missing, doubled or changed leaves a residual.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.reporting_categories import Part, part_of


class Stretch(StrEnum):
    """Where a movement lies: before the period, in it, or after it and up to the known balance."""

    BEFORE = "before"
    WITHIN = "within"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Movement:
    """The sum of one reporting category, currency and stretch; amounts as Stripe signs them."""

    stretch: Stretch
    currency: str
    reporting_category: str
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class KnownBalance:
    """What Stripe said that the account holds; `through` is when the last transaction of that
    moment was created, by Stripe's clock. `residual_since` is when the record of money was first
    seen to make something else, None while it makes the same."""

    amount: Money
    observed_at: datetime
    through: datetime
    residual_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Presentment:
    """What was sold and given back in another currency than it was settled in."""

    gross: Money
    refunds: Money
    settled_gross: Money
    settled_refunds: Money


@dataclass(frozen=True, slots=True)
class Bridge:
    """One settlement currency from `since` (None: the first day) to `until`, not included.

    Refunds, disputes, fees and payouts are positive where money left; `other` keeps its sign.
    """

    since: datetime | None
    until: datetime
    opening: Money
    gross: Money
    refunds: Money
    disputes: Money
    fees: Money
    other: Money
    payouts: Money
    closing: Money
    presentment: tuple[Presentment, ...] = ()

    @property
    def currency(self) -> str:
        return self.closing.currency

    @property
    def computed(self) -> Money:
        """The closing balance that the movements make."""
        gained = self.opening + self.gross + self.other
        return gained - self.refunds - self.disputes - self.fees - self.payouts

    @property
    def residual(self) -> Money:
        return self.closing - self.computed


@dataclass(slots=True)
class _Sums:
    """Minor units of one currency; parts as Stripe signs them."""

    before: int = 0
    after: int = 0
    fees: int = 0
    parts: defaultdict[Part, int] = field(default_factory=lambda: defaultdict(int))


def draw(
    movements: Iterable[Movement],
    balances: Iterable[KnownBalance],
    presentments: Iterable[Presentment],
    since: datetime | None,
    until: datetime,
) -> tuple[Bridge, ...]:
    """One bridge per currency that holds or moved anything, by currency."""
    sums: dict[str, _Sums] = defaultdict(_Sums)
    for movement in movements:
        _add(sums[movement.currency], movement)
    held = {balance.amount.currency: balance.amount.minor for balance in balances}
    beside: dict[str, list[Presentment]] = defaultdict(list)
    for presentment in presentments:
        beside[presentment.settled_gross.currency].append(presentment)
    return tuple(
        _bridge(currency, sums[currency], held.get(currency, 0), beside[currency], since, until)
        for currency in sorted(sums.keys() | {name for name, minor in held.items() if minor})
    )


def _add(sums: _Sums, movement: Movement) -> None:
    match movement.stretch:
        case Stretch.BEFORE:
            sums.before += movement.amount_minor - movement.fee_minor
        case Stretch.AFTER:
            sums.after += movement.amount_minor - movement.fee_minor
        case Stretch.WITHIN:
            sums.fees += movement.fee_minor
            sums.parts[part_of(movement.reporting_category)] += movement.amount_minor


def _bridge(
    currency: str,
    sums: _Sums,
    held: int,
    beside: list[Presentment],
    since: datetime | None,
    until: datetime,
) -> Bridge:
    def money(minor: int) -> Money:
        return Money(minor, currency)

    parts = sums.parts
    return Bridge(
        since,
        until,
        opening=money(sums.before),
        gross=money(parts[Part.GROSS]),
        refunds=money(-parts[Part.REFUNDS]),
        disputes=money(-parts[Part.DISPUTES]),
        fees=money(sums.fees - parts[Part.FEES]),
        other=money(parts[Part.OTHER]),
        payouts=money(-parts[Part.PAYOUTS]),
        closing=money(held - sums.after),
        presentment=tuple(sorted(beside, key=lambda one: one.gross.currency)),
    )


def residual_finding(bridge: Bridge, balance: KnownBalance | None) -> Finding | None:
    """None where the bridge closes. `balance` is what Stripe said of the currency."""
    if not bridge.residual:
        return None
    return Finding(
        Discrepancy.BRIDGE_RESIDUAL,
        since=_stands_since(balance) or bridge.until,
        expected=f"{bridge.closing} by Stripe's balance",
        seen=f"{bridge.computed} by its transactions, {bridge.residual} apart",
        hint="compare with the balance report in Stripe's dashboard for the same days;"
        " ask Stripe's support if a transaction is missing there too",
        refs={"currency": bridge.currency},
    )


def _stands_since(balance: KnownBalance | None) -> datetime | None:
    return None if balance is None else balance.residual_since or balance.observed_at
