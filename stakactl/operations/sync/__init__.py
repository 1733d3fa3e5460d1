"""Fill the local mirror of Stripe: what was created since the last time, and what may have changed.

A list by `created` misses what happens later to an older object. So each sync reads the lists
(`plan.py`, `lists.py`), re-reads every mirrored object that can still change, then whatever orders
or mirrored objects name and the mirror does not hold, and lets the events of the time take effect.

Progress is stored with what was read: a sync that is killed goes on where it stopped. A kind of
which something could not be read keeps its old end, so that nothing younger is judged by it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.stripe_links import Reference
from stakactl.domain.stripe_objects import Account, StripeKind
from stakactl.operations.bridge import observe_balance
from stakactl.operations.events import LINK_DEPTH, Sought, process_events, read_again
from stakactl.operations.payouts import itemise_payouts
from stakactl.operations.ports import Ports, StageProgress
from stakactl.operations.sync.lists import read_lists
from stakactl.operations.sync.plan import BEGINNING, OVERLAP, KindPlan, plan_readings

__all__ = ["BEGINNING", "OVERLAP", "SyncReport", "connect", "sync_stripe", "unfinished"]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How many objects were read of each kind; `unread` says what could not be read and why.

    `refreshed` could still have changed, `followed` were named by others, `absent` are ids that
    cannot be read, `events` took effect.
    """

    until: datetime
    listed: dict[StripeKind, int]
    refreshed: int
    followed: int
    absent: int
    unread: tuple[str, ...]
    events: int = 0

    @property
    def complete(self) -> bool:
        return not self.unread


def connect(ports: Ports) -> Account:
    """Ask Stripe whose key this is and bind the store to that account and mode."""
    binding = ports.binding  # opens the store: without one Stripe is not asked
    account = ports.stripe.account()
    binding.bind(account.id, ports.policy.mode)
    return account


def unfinished(ports: Ports) -> tuple[str, ...]:
    """Which kinds the last sync did not read to their end, for a look without a sync."""
    return tuple(
        f"{kind}: not read completely by the last sync; run stakactl sync"
        for kind in StripeKind
        if ports.mirror.reading(kind) is not None or ports.mirror.synced_until(kind) is None
    )


def sync_stripe(ports: Ports) -> SyncReport:
    """Bring the mirror up to date. What one kind fails to read does not stop the others.

    Raises StripeError when Stripe cannot be reached at all, StoreForeign for another account.
    """
    connect(ports)
    plans = plan_readings(ports)
    lists = read_lists(ports, plans)
    known = [plan for kind, plan in plans.items() if kind not in lists.failed]
    sought = Sought(frozenset(plan.kind for plan in known))
    with ports.progress.stage("Stripe: what may have changed") as stage:
        refreshed = read_again(ports, _unsettled(ports, known), sought, stage)
        followed, absent = _follow_references(ports, sought, stage)
    with ports.progress.stage("Stripe: events taking effect") as stage:
        for plan in known:
            _mark_what_was_read(ports, plan)
        events = process_events(ports, sought, stage)
    ports.mirror.finish_readings(plan.kind for plan in known if plan.kind not in sought.failed)
    with ports.progress.stage("Stripe: payouts and balance") as stage:
        itemise_payouts(ports, sought.unread, stage)
        observe_balance(ports, sought.unread, stage)
    unread = [line for kind in plans for line in lists.failed.get(kind, ())]
    return SyncReport(
        next(iter(plans.values())).until,
        lists.listed,
        refreshed.read,
        followed,
        absent,
        (*unread, *sought.unread),
        events,
    )


def _unsettled(ports: Ports, plans: Iterable[KindPlan]) -> list[Reference]:
    """What can still change and was not read by this sync already."""
    return [
        (plan.kind, key)
        for plan in plans
        for key in ports.mirror.unsettled_ids(plan.kind, plan.fresh_since)
    ]


def _follow_references(ports: Ports, sought: Sought, stage: StageProgress) -> tuple[int, int]:
    """Read what orders and mirrored objects name. Kinds whose list is unreadable are left out:
    asking for their objects one by one would not go better."""
    followed = absent = 0
    for _ in range(LINK_DEPTH):
        wanted = [ref for ref in ports.mirror.unread_references() if ref[0] in sought.readable]
        if not wanted or sought.failed:
            break
        found = read_again(ports, wanted, sought, stage)
        followed += found.read
        absent += found.absent
    return followed, absent


def _mark_what_was_read(ports: Ports, plan: KindPlan) -> None:
    """Events about objects that were read after they happened took effect by that."""
    if plan.kind is StripeKind.EVENT:
        return
    now = ports.clock.now()
    ports.events.mark_read(plan.kind, plan.fresh_since, plan.until, now)
    if plan.since < plan.fresh_since:
        ports.events.mark_read(plan.kind, plan.since, plan.begun_at, now)
