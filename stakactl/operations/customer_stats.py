"""Customers of a period: how many, who paid and came back, and what one of them brings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from stakactl.domain.customer_figures import (
    CustomerPeriod,
    Heads,
    PerCustomer,
    TopCustomer,
    Unattributed,
)
from stakactl.domain.revenue import Grain, period_before
from stakactl.domain.runs import Outcome
from stakactl.operations.ports import CustomerQuestion, Ports
from stakactl.operations.revenue import add_up
from stakactl.operations.subscriptions import midnight, spans

#: So many of the best customers are told by name, in each currency.
MOST = 10
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class EarlierCustomers:
    """The period before, of the same length; `revenue` by currency."""

    since: date
    until: date
    heads: Heads
    revenue: Mapping[str, PerCustomer]


@dataclass(frozen=True, slots=True)
class CustomersReport:
    """Both days count, in local time. `revenue` and `unknown` by currency; `top` by currency, the
    largest first. `earlier` is None where all there is was asked for."""

    since: date
    until: date
    grain: Grain
    periods: tuple[CustomerPeriod, ...]
    heads: Heads
    revenue: Mapping[str, PerCustomer]
    unknown: Mapping[str, Unattributed]
    top: tuple[TopCustomer, ...]
    earlier: EarlierCustomers | None

    @property
    def outcome(self) -> Outcome:
        return Outcome.OK


def customer_stats(
    ports: Ports, zone: tzinfo, since: date | None, until: date, grain: Grain
) -> CustomersReport:
    """From `since`, or from the first customer or movement of money, to `until`."""
    extent = ports.figures.extent()
    if extent is not None:
        add_up(ports, extent[0], until)  # who paid before says who comes back
    before = None if since is None else period_before(since, until)
    if since is None:
        first = ports.customer_figures.first()
        days = [*extent[:1]] if extent else []
        days += [first.astimezone(zone).date()] if first else []
        since = min([*days, until])
    parts = list(spans(grain, since, until))
    now = ports.clock.now()
    bounds = [midnight(since, zone, now)]
    bounds += [midnight(last + _DAY, zone, now) for _, last in parts]
    answer = ports.customer_figures.customers(
        CustomerQuestion(
            since,
            until,
            before[0] if before else None,
            bounds,
            midnight(before[0], zone, now) if before else None,
            MOST,
        )
    )
    known = answer.heads.customers - sum(answer.new)
    periods = []
    for (start, end), new in zip(parts, answer.new, strict=True):
        known += new
        periods.append(CustomerPeriod(start, end, known, new))
    earlier = None
    if before is not None:
        earlier = EarlierCustomers(*before, answer.heads_before, answer.revenue_before)
    return CustomersReport(
        since,
        until,
        grain,
        tuple(periods),
        answer.heads,
        answer.revenue,
        answer.unknown,
        tuple(answer.top),
        earlier,
    )
