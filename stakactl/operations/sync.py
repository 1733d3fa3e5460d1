"""Fill the local mirror of Stripe: what was created since the last time, and what may have changed.

A list by `created` misses what happens later to an older object. So each sync reads, for every
kind, the window from the last sync (with an overlap) to a fixed upper bound, then re-reads every
mirrored object that can still change, then whatever orders or mirrored objects name and the
mirror does not hold.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stakactl.domain.stripe_objects import Absence, Account, StripeKind
from stakactl.errors import StripeError
from stakactl.operations.bridge import observe_balance
from stakactl.operations.payouts import itemise_payouts
from stakactl.operations.ports import Ports, StageProgress, Window

#: Stripe opened in 2011: nothing is older.
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)
#: Objects may become visible in lists a little after they were created.
OVERLAP = timedelta(minutes=15)
#: A refund that succeeded can still fail when the customer's bank sends it back, weeks later
#: (https://docs.stripe.com/refunds#failed-refunds): so long they are listed again each time.
OVERLAPS = {StripeKind.REFUND: timedelta(days=60)}
#: A session leads to its intent, the intent to its charge, that to its balance transaction.
LINK_DEPTH = 5


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How many objects were read of each kind; `unread` says what could not be read and why."""

    until: datetime
    listed: dict[StripeKind, int]
    refreshed: int
    followed: int
    absent: int
    unread: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.unread


def missing_windows(ports: Ports) -> tuple[str, ...]:
    """Which kinds the last sync did not read to its end: their window ends before the others'."""
    ends = {kind: ports.mirror.synced_until(kind) for kind in StripeKind}
    known = [end for end in ends.values() if end is not None]
    latest = max(known, default=None)
    return tuple(
        f"{kind}: not read completely by the last sync; run stakactl sync"
        for kind, end in ends.items()
        if end is None or end != latest
    )


def connect(ports: Ports) -> Account:
    """Ask Stripe whose key this is and bind the store to that account and mode."""
    binding = ports.binding  # opens the store: without one Stripe is not asked
    account = ports.stripe.account()
    binding.bind(account.id, ports.policy.mode)
    return account


def sync_stripe(ports: Ports) -> SyncReport:
    """Bring the mirror up to date. What one kind fails to read does not stop the others.

    Raises StripeError when Stripe cannot be reached at all, StoreForeign for another account.
    """
    connect(ports)
    until = ports.clock.now()
    listed: dict[StripeKind, int] = {}
    unread: list[str] = []
    with ports.progress.stage("Reading Stripe") as stage:
        for kind in StripeKind:
            try:
                listed[kind] = _read_window(ports, kind, until, stage)
            except StripeError as error:
                unread.append(f"{kind}: {error.message}")
        refreshed, _ = _retrieve_all(ports, _unsettled(ports), unread, stage)
        followed, absent = _follow_references(ports, unread, stage)
        itemise_payouts(ports, unread, stage)
        observe_balance(ports, unread, stage)
    return SyncReport(until, listed, refreshed, followed, absent, tuple(unread))


def _read_window(ports: Ports, kind: StripeKind, until: datetime, stage: StageProgress) -> int:
    """Read what was created since the last complete window; remember it once all pages are in."""
    synced = ports.mirror.synced_until(kind)
    overlap = OVERLAPS.get(kind, OVERLAP)
    since = BEGINNING if synced is None else synced - overlap
    count = 0
    for page in ports.stripe.pages(kind, Window(since, until)):
        ports.mirror.upsert(page)
        stage.advance(len(page))
        count += len(page)
    ports.mirror.set_synced_until(kind, until)
    return count


def _unsettled(ports: Ports) -> list[tuple[StripeKind, str]]:
    return [(kind, key) for kind in StripeKind for key in ports.mirror.unsettled_ids(kind)]


def _follow_references(ports: Ports, unread: list[str], stage: StageProgress) -> tuple[int, int]:
    followed = absent = 0
    failed_before = len(unread)
    for _ in range(LINK_DEPTH):
        wanted = ports.mirror.unread_references()
        if not wanted or len(unread) > failed_before:
            break
        read, missing = _retrieve_all(ports, wanted, unread, stage)
        followed += read
        absent += missing
    return followed, absent


def _retrieve_all(
    ports: Ports, wanted: list[tuple[StripeKind, str]], unread: list[str], stage: StageProgress
) -> tuple[int, int]:
    """Retrieve each object into the mirror; returns how many were read and how many are absent.

    The first failure of a kind ends that kind: the gateway has retried already, the rest would
    fail as well.
    """
    read = absent = 0
    failed: set[StripeKind] = set()
    for kind, object_id in wanted:
        if kind in failed:
            continue
        try:
            found = ports.stripe.retrieve(kind, object_id)
        except StripeError as error:
            unread.append(f"{kind} {object_id}: {error.message}")
            failed.add(kind)
            continue
        if isinstance(found, Absence):
            ports.mirror.mark_absent(kind, object_id, found)
            absent += 1
        else:
            ports.mirror.upsert([found])
            read += 1
        stage.advance()
    return read, absent
