"""Let events of Stripe's feed take effect once more, oldest first: here, or in the application.

Here, what an event is about is read again as it is now, so a replay may be repeated as often as
one likes. The application gets the event itself, signed, as Stripe would send it; what it does
with one that it knows is its own business (Stripe may send it twice as well).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Absence, Event, StripeKind
from stakactl.domain.webhooks.replays import (
    FEED_REACHES_BACK,
    GIVE_UP_AFTER,
    Replayed,
    ReplayState,
    gives_up,
    outcome_of,
)
from stakactl.errors import NotFound, ServiceError, StripeError, UsageError
from stakactl.operations.events import BATCH, Sought, take_effect
from stakactl.operations.ports import EventQuery, EventReceiver, Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync import connect

COMMAND = "webhooks replay"


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """`receiver` is the host that was told, None for our own mirror. `is_cut` where a part of the
    wanted time is older than the feed; `versions` are those of the events that were sent, where
    the application expects another."""

    steps: tuple[Replayed, ...]
    outcome: Outcome
    receiver: str | None = None
    run_id: str | None = None
    is_cut: bool = False
    versions: tuple[str, ...] = ()

    def count(self, state: ReplayState) -> int:
        return sum(step.state is state for step in self.steps)


@dataclass(frozen=True, slots=True)
class LatestEvents:
    """`more` says that the feed goes on."""

    events: tuple[Event, ...]
    more: bool


def latest_events(ports: Ports, query: EventQuery, limit: int) -> LatestEvents:
    """The newest events of the feed; no more of it is read than that takes."""
    found = list(islice(chain.from_iterable(ports.stripe.feed(query)), limit + 1))
    return LatestEvents(tuple(found[:limit]), len(found) > limit)


# What is to be replayed


def plan_of_ids(ports: Ports, event_ids: Sequence[str]) -> ReplayReport:
    """The named events, oldest first, then those that Stripe has not (or no longer)."""
    connect(ports)
    wanted = list(dict.fromkeys(event_ids))
    answers: dict[str, Event | None] = {}
    for _, event_id, answer in ports.stripe.retrieve_many([(StripeKind.EVENT, e) for e in wanted]):
        if isinstance(answer, StripeError):
            raise answer
        answers[event_id] = answer if isinstance(answer, Event) else None
    found = [event for name in wanted if (event := answers[name]) is not None]
    if not found:
        raise NotFound(
            f"Stripe has no event {', '.join(wanted)}, or none any more: it keeps them 30 days",
            hint="stakactl webhooks events lists those that it has",
        )
    missing = [
        Replayed(name, None, ReplayState.MISSING, "Stripe has no such event, or none any more")
        for name in wanted
        if answers[name] is None
    ]
    return _plan([*_planned(sorted(found, key=lambda event: event.created_at)), *missing])


def plan_of_window(ports: Ports, query: EventQuery) -> ReplayReport:
    """The events of a time, oldest first. Raises UsageError where the feed no longer has any."""
    connect(ports)
    oldest = ports.clock.now() - FEED_REACHES_BACK
    if query.until is not None and query.until <= oldest:
        raise UsageError(
            "Stripe keeps events for 30 days, and all of that time is longer ago",
            hint="the objects themselves can still be read: stakactl sync",
        )
    with ports.progress.stage("Reading Stripe's feed") as stage:
        events: list[Event] = []
        for page in ports.stripe.feed(query):
            events += page
            stage.advance(len(page))
    is_cut = query.since is not None and query.since < oldest
    return _plan(list(_planned(reversed(events))), is_cut=is_cut)


def _planned(events: Iterator[Event] | Sequence[Event]) -> Iterator[Replayed]:
    return (Replayed(event.id, event, ReplayState.PLANNED) for event in events)


def _plan(steps: list[Replayed], *, is_cut: bool = False) -> ReplayReport:
    return ReplayReport(tuple(steps), outcome_of(steps), is_cut=is_cut)


# Doing it


def replay(ports: Ports, plan: ReplayReport) -> ReplayReport:
    """Read into the mirror again what the planned events are about, and what that leads to."""
    events = [step.event for step in plan.steps if step.event is not None]
    with recorded_run(ports, COMMAND, in_maintenance=True) as run:
        sought, done = Sought(), set[str]()
        with ports.progress.stage("Reading again", len(events)) as stage:
            for start in range(0, len(events), BATCH):
                batch = events[start : start + BATCH]
                ports.mirror.upsert(batch)
                done.update(take_effect(ports, batch, sought))
                stage.advance(len(batch))
        steps = tuple(_read(step, done, sought) for step in plan.steps)
        report = ReplayReport(steps, outcome_of(steps), None, run.run_id, plan.is_cut)
        run.ended(report.outcome, **_summary(report))
    return report


def _read(step: Replayed, done: set[str], sought: Sought) -> Replayed:
    if step.event is None:
        return step
    if step.event_id in done:
        return Replayed(step.event_id, step.event, ReplayState.DONE)
    reason = "; ".join(sought.unread) or "its object could not be read"
    return Replayed(step.event_id, step.event, ReplayState.FAILED, reason)


def repost(
    ports: Ports, plan: ReplayReport, receiver: EventReceiver, api_version: str | None
) -> ReplayReport:
    """Send the planned events to the application. `api_version` is what it parses."""
    with recorded_run(ports, COMMAND, in_maintenance=True) as run:
        steps: list[Replayed] = []
        versions: set[str] = set()
        with ports.progress.stage("Sending", len(plan.steps)) as stage:
            for step in plan.steps:
                steps.append(_send_unless_hopeless(ports, step, receiver, steps, versions))
                stage.advance()
        other = tuple(sorted(versions - {api_version})) if api_version else ()
        report = ReplayReport(
            tuple(steps), outcome_of(steps), receiver.host, run.run_id, plan.is_cut, other
        )
        run.ended(report.outcome, reposted_to=receiver.host, **_summary(report))
    return report


def _send_unless_hopeless(
    ports: Ports,
    step: Replayed,
    receiver: EventReceiver,
    before: Sequence[Replayed],
    versions: set[str],
) -> Replayed:
    if step.event is None:
        return step
    if gives_up(before) or (before and before[-1].state is ReplayState.SKIPPED):
        reason = f"not sent: {GIVE_UP_AFTER} in a row failed"
        return Replayed(step.event_id, step.event, ReplayState.SKIPPED, reason)
    return send_event(ports, step, receiver, versions)


def send_event(
    ports: Ports, step: Replayed, receiver: EventReceiver, versions: set[str] | None = None
) -> Replayed:
    """Send one event as Stripe has it; its API version is added to `versions`."""
    try:
        body = ports.stripe.raw(StripeKind.EVENT, step.event_id)
        if isinstance(body, Absence):
            reason = "Stripe has it no more"
            return Replayed(step.event_id, step.event, ReplayState.MISSING, reason)
        receiver.send(body)
    except ServiceError as error:
        return Replayed(step.event_id, step.event, ReplayState.FAILED, error.message)
    if versions is not None:
        versions.add(str(body.get("api_version")))
    return Replayed(step.event_id, step.event, ReplayState.DONE)


def _summary(report: ReplayReport) -> dict[str, str | int]:
    return {
        "events": len(report.steps),
        "done": report.count(ReplayState.DONE),
        "failed": report.count(ReplayState.FAILED),
        "skipped": report.count(ReplayState.SKIPPED),
        "missing": report.count(ReplayState.MISSING),
    }
