"""Subscriptions of a period: by plan, what they bill a month, and how they came and went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from stakactl.domain.revenue import Grain, period_before
from stakactl.domain.runs import Outcome
from stakactl.domain.subscriptions import (
    NONE,
    Conversion,
    Flow,
    Group,
    Plan,
    State,
    SubscriptionPeriod,
    Tally,
    plans,
    sums,
)
from stakactl.operations.ports import Ports, SubscriptionAnswer, SubscriptionQuestion

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How subscriptions of one currency stand at the end: running ones, those of them that are
    behind with a payment apart, and trials, which bill nothing yet."""

    active: Tally
    past_due: Tally
    trial: Tally


@dataclass(frozen=True, slots=True)
class EarlierSubscriptions:
    """The period before, of the same length; `flows` by currency."""

    since: date
    until: date
    flows: Mapping[str, Flow]
    conversion: Conversion


@dataclass(frozen=True, slots=True)
class SubscriptionReport:
    """Both days count, in local time; today only so far. `standing` and `flows` by currency.

    `flows.end` is `standing.active` and `.past_due`. `earlier` is None where all was asked for.
    """

    since: date
    until: date
    grain: Grain
    periods: tuple[SubscriptionPeriod, ...]
    flows: Mapping[str, Flow]
    standing: Mapping[str, Standing]
    plans: tuple[Plan, ...]
    conversion: Conversion
    earlier: EarlierSubscriptions | None

    @property
    def outcome(self) -> Outcome:
        return Outcome.OK


def subscriptions(
    ports: Ports, zone: tzinfo, since: date | None, until: date, grain: Grain
) -> SubscriptionReport:
    """From `since`, or from when the first one began, to `until`; days of `zone`."""
    before = None if since is None else period_before(since, until)
    if since is None:
        first = ports.subscription_book.first()
        since = until if first is None else min(first.astimezone(zone).date(), until)
    parts = [*([before] if before else []), *spans(grain, since, until)]
    now = ports.clock.now()
    bounds = [midnight(parts[0][0], zone, now)]
    bounds += [midnight(last + _DAY, zone, now) for _, last in parts]
    asked = [bounds[-1], bounds[1]] if before else [bounds[-1]]
    answer = ports.subscription_book.subscriptions(SubscriptionQuestion(bounds, asked))
    flows = _flows(answer, len(parts))
    earlier, own = (flows[0], flows[1:]) if before else ({}, flows)
    return SubscriptionReport(
        since,
        until,
        grain,
        tuple(_periods(parts[-len(own) :], own)),
        {currency: _whole([flow[currency] for flow in own]) for currency in own[0]},
        {currency: _standing(answer, currency) for currency in own[0]},
        plans(answer.standing[State.ACTIVE], answer.standing[State.PAST_DUE]),
        answer.conversions[0],
        EarlierSubscriptions(*before, earlier, answer.conversions[1]) if before else None,
    )


def spans(grain: Grain, since: date, until: date) -> Iterator[tuple[date, date]]:
    start = since
    while start <= until:
        after = grain.after(grain.start(start))
        yield start, min(after - _DAY, until)
        start = after


def midnight(day: date, zone: tzinfo, now: datetime) -> datetime:
    """The start of a local day; now, where that is still to come: nobody knows what will be."""
    return min(datetime.combine(day, time(), tzinfo=zone).astimezone(UTC), now)


def _flows(answer: SubscriptionAnswer, count: int) -> list[dict[str, Flow]]:
    """By currency, of each period; what ran at a start is told back from what runs at the end."""
    running = _sums(answer.standing[State.ACTIVE], answer.standing[State.PAST_DUE])
    moves = [
        (sums(answer.new.get(number, ())), sums(answer.churned.get(number, ())))
        for number in range(count)
    ]
    trials = sums(answer.standing[State.TRIAL])
    known = {*running, *trials, *(code for both in moves for one in both for code in one)}
    found: list[dict[str, Flow]] = []
    end = {currency: running.get(currency, NONE) for currency in sorted(known)}
    for new, churned in reversed(moves):
        flow = {
            currency: _flow(tally, new.get(currency, NONE), churned.get(currency, NONE))
            for currency, tally in end.items()
        }
        end = {currency: one.start for currency, one in flow.items()}
        found.append(flow)
    return found[::-1]


def _flow(end: Tally, new: Tally, churned: Tally) -> Flow:
    return Flow(end - new + churned, new, churned)


def _sums(*parts: Sequence[Group]) -> dict[str, Tally]:
    return sums(group for part in parts for group in part)


def _whole(flows: Sequence[Flow]) -> Flow:
    whole = flows[0]
    for flow in flows[1:]:
        whole = whole.then(flow)
    return whole


def _standing(answer: SubscriptionAnswer, currency: str) -> Standing:
    return Standing(*(sums(answer.standing[state]).get(currency, NONE) for state in State))


def _periods(
    spans: Sequence[tuple[date, date]], flows: Sequence[Mapping[str, Flow]]
) -> Iterator[SubscriptionPeriod]:
    """One currency after the other."""
    for currency in flows[0]:
        for (start, end), flow in zip(spans, flows, strict=True):
            yield SubscriptionPeriod(start, end, currency, flow[currency])
