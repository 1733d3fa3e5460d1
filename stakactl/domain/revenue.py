"""Revenue from Stripe's balance transactions, by settlement currency and period."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from stakactl.domain.money import Money
from stakactl.domain.reporting_categories import Part, part_of


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the period that holds `day`."""
        if self is Grain.DAY:
            return day
        if self is Grain.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1)


@dataclass(frozen=True, slots=True)
class RevenueTotal:
    """One reporting category of one local day in one currency; amounts as Stripe signs them."""

    day: date
    currency: str
    reporting_category: str
    count: int
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class RevenuePeriod:
    """`net` = gross − refunds − disputes − fees; payouts and the like are not revenue."""

    start: date
    gross: Money
    refunds: Money
    disputes: Money
    fees: Money
    payments: int

    @property
    def net(self) -> Money:
        return self.gross - self.refunds - self.disputes - self.fees


def revenue_periods(totals: list[RevenueTotal], grain: Grain) -> list[RevenuePeriod]:
    """Sum daily totals into periods, oldest first, one per currency and period."""
    sums: dict[tuple[str, date], list[int]] = {}
    for total in totals:
        gross, refunds, disputes, fees, payments = range(5)
        row = sums.setdefault((total.currency, grain.start(total.day)), [0, 0, 0, 0, 0])
        row[fees] += total.fee_minor
        match part_of(total.reporting_category):
            case Part.GROSS:
                row[gross] += total.amount_minor
                row[payments] += total.count if total.reporting_category == "charge" else 0
            case Part.REFUNDS:
                row[refunds] -= total.amount_minor
            case Part.DISPUTES:
                row[disputes] -= total.amount_minor
            case Part.FEES:
                row[fees] -= total.amount_minor
    return [
        RevenuePeriod(
            start,
            gross=Money(row[0], currency),
            refunds=Money(row[1], currency),
            disputes=Money(row[2], currency),
            fees=Money(row[3], currency),
            payments=row[4],
        )
        for (currency, start), row in sorted(sums.items())
    ]
