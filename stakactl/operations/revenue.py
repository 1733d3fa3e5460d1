"""Revenue of a period, compared with the one before and tied to the balance transactions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from stakactl.domain.money import Money
from stakactl.domain.revenue import (
    NOTHING,
    Breakdown,
    Figures,
    Grain,
    RevenuePeriod,
    Split,
    breakdown,
    period_before,
    periods,
    total_by_currency,
)
from stakactl.domain.runs import Outcome
from stakactl.operations.ports import Ports, RevenueQuestion

#: So many cities, countries, products and levels are told by name.
MOST = 10


@dataclass(frozen=True, slots=True)
class Tie:
    """What the balance transactions of the period make, and what the figures explain of it."""

    transactions: Money
    explained: Money

    @property
    def residual(self) -> Money:
        return self.transactions - self.explained


@dataclass(frozen=True, slots=True)
class Earlier:
    """The period before, of the same length; `totals` by currency."""

    since: date
    until: date
    totals: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """Periods of one settlement currency after the other; both days count, in local time.

    `totals` by currency. `earlier` is None where all there is was asked for.
    """

    since: date
    until: date
    grain: Grain
    periods: tuple[RevenuePeriod, ...]
    totals: Mapping[str, Figures]
    earlier: Earlier | None
    breakdowns: tuple[Breakdown, ...]
    ties: tuple[Tie, ...]

    @property
    def outcome(self) -> Outcome:
        """A residual is a finding: the figures cannot be believed."""
        return Outcome.FINDINGS if any(tie.residual for tie in self.ties) else Outcome.OK

    def of(self, split: Split, currency: str) -> Breakdown | None:
        found = (b for b in self.breakdowns if (b.split, b.currency) == (split, currency))
        return next(found, None)


def revenue(ports: Ports, since: date | None, until: date, grain: Grain) -> RevenueReport:
    """From `since`, or from the first movement of money, to `until`; both days count."""
    extent = ports.figures.extent()
    before = None if since is None else period_before(since, until)[0]
    if since is None:
        since = min(extent[0], until) if extent else until
    add_up(ports, before or since, until)
    answer = ports.figures.revenue(RevenueQuestion(since, until, before, MOST))
    totals = total_by_currency(answer.days)
    earlier = None
    if before is not None:
        earlier = Earlier(*period_before(since, until), total_by_currency(answer.earlier))
    return RevenueReport(
        since,
        until,
        grain,
        tuple(periods(answer.days, grain, since, until)),
        totals,
        earlier,
        tuple(
            breakdown(split, currency, total, answer.shares[split])
            for split in Split
            for currency, total in totals.items()
        ),
        tuple(
            Tie(
                Money(answer.moved.get(currency, 0), currency),
                Money(totals.get(currency, NOTHING).explained, currency),
            )
            for currency in sorted(totals.keys() | answer.moved.keys())
        ),
    )


def add_up(ports: Ports, since: date, until: date) -> None:
    """Add up the days that do not stand; after a change of many orders that takes a while."""
    done = ports.figures.add_up(since, until)
    if not (count := next(done)):
        return
    with ports.progress.stage("Adding up days", count) as stage:
        for more in done:
            stage.advance(more)
