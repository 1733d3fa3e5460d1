"""Revenue of a period, from the mirrored balance transactions."""

from dataclasses import dataclass
from datetime import date

from stakactl.domain.money import Money
from stakactl.domain.revenue import Grain, RevenuePeriod, revenue_periods
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """Periods of one settlement currency after the other; both days count, in local time."""

    since: date
    until: date
    grain: Grain
    periods: tuple[RevenuePeriod, ...]

    @property
    def totals(self) -> dict[str, RevenuePeriod]:
        """The sum over all periods, by currency."""
        sums: dict[str, RevenuePeriod] = {}
        for period in self.periods:
            currency = period.gross.currency
            zero = Money.zero(currency)
            total = sums.get(currency) or RevenuePeriod(self.since, zero, zero, zero, zero, 0)
            sums[currency] = RevenuePeriod(
                self.since,
                total.gross + period.gross,
                total.refunds + period.refunds,
                total.disputes + period.disputes,
                total.fees + period.fees,
                total.payments + period.payments,
            )
        return sums


def revenue(ports: Ports, since: date, until: date, grain: Grain) -> RevenueReport:
    totals = ports.mirror.revenue(since, until)
    return RevenueReport(since, until, grain, tuple(revenue_periods(totals, grain)))
