"""Which parts of Stripe's lists a sync reads.

Each kind is read from the end of its last complete sync, less an overlap, to a fixed upper bound.
What an interrupted sync has covered is left out, but for the overlap before its own bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stakactl.domain.stripe_objects import StripeKind
from stakactl.domain.windows import Window, before, cut, without
from stakactl.operations.ports import Ports, Reading, Wanted

#: Stripe opened in 2011: nothing is older.
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)
#: Objects may become visible in lists a little after they were created.
OVERLAP = timedelta(minutes=15)
#: A refund that succeeded can still fail when the customer's bank sends it back, weeks later
#: (https://docs.stripe.com/refunds#failed-refunds): so long they are listed again each time.
OVERLAPS = {StripeKind.REFUND: timedelta(days=60)}
#: So long Stripe keeps events (https://docs.stripe.com/api/events).
EVENTS_KEPT = timedelta(days=30)
#: The newest part of a long history; an interrupted sync has to repeat no more than a part.
NEWEST_PART = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class KindPlan:
    """How one kind is read. Objects created from `fresh_since` on are read by this sync itself;
    those between `since` and then were read at `begun_at` or later."""

    kind: StripeKind
    since: datetime
    until: datetime
    fresh_since: datetime
    begun_at: datetime
    covered: tuple[Window, ...]

    @property
    def whole(self) -> Window:
        return Window(self.since, self.until)

    @property
    def wanted(self) -> Iterator[Wanted]:
        for missing in without(self.whole, self.covered):
            for part in cut(missing, NEWEST_PART):
                yield Wanted(self.kind, part)


def plan_readings(ports: Ports) -> dict[StripeKind, KindPlan]:
    """Plan each kind up to now, and remember that its reading has begun."""
    until = ports.clock.now().replace(microsecond=0)  # Stripe counts in whole seconds
    plans = {kind: _plan(ports, kind, until) for kind in StripeKind}
    ports.mirror.begin_readings(
        {kind: Reading(plan.begun_at, until, plan.covered) for kind, plan in plans.items()}
    )
    return plans


def _plan(ports: Ports, kind: StripeKind, until: datetime) -> KindPlan:
    since = _since(kind, ports.mirror.synced_until(kind), until)
    interrupted = ports.mirror.reading(kind)
    if interrupted is None:
        return KindPlan(kind, since, until, since, until, ())
    trusted = before(interrupted.covered, min(interrupted.until, until) - OVERLAP)
    if not trusted:
        return KindPlan(kind, since, until, since, until, ())
    fresh_since = max(since, trusted[-1].until)
    return KindPlan(kind, since, until, fresh_since, interrupted.begun_at, trusted)


def _since(kind: StripeKind, synced: datetime | None, until: datetime) -> datetime:
    if kind is StripeKind.EVENT:
        kept = until - EVENTS_KEPT
        return kept if synced is None or synced > until else max(kept, synced - OVERLAP)
    since = BEGINNING if synced is None else synced - OVERLAPS.get(kind, OVERLAP)
    # A clock that ran ahead left an end in the future: nobody knows what was read before it.
    return since if since < until else BEGINNING
