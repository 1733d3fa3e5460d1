"""Bring the order book to what the application's own database says.

Rows that say that they were changed are read each time, with an overlap, because a transaction of
the application can become visible after later ones. A whole comparison also finds what says
nothing: rows changed by plain SQL, and rows that are gone. It costs a digest per row; the night
does it every time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from stakactl.domain.runs import Outcome
from stakactl.errors import ConfigurationError, ServiceError
from stakactl.operations.ports import (
    Application,
    ApplicationReading,
    ApplicationRow,
    ImportCounts,
    Ports,
    StageProgress,
)

#: Longer than any transaction of an application, and than the hour that clocks go back.
OVERLAP = timedelta(hours=2)
#: So many rows that could not be taken, or are gone, are told one by one.
MAX_TOLD = 50


@dataclass(frozen=True, slots=True)
class OrdersSyncReport:
    """`whole`: every row was compared. `deleted` are orders that the application had and has no
    more; they are kept, marked. `unread` says which rows could not be taken, and why."""

    whole: bool
    read: int
    created: int
    updated: int
    deleted: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        return Outcome.INCOMPLETE if self.unread else Outcome.OK


def sync_orders(ports: Ports, *, full: bool = False) -> OrdersSyncReport:
    """Read what was changed since the last time; all of it with `full`, and the first time.

    Raises DatabaseError where the application's database fails: what was read is kept.
    """
    application = required_application(ports)
    before = ports.ledger.reading()
    whole = full or before is None or before.source != application.source
    sync = _Sync(ports, application)
    with ports.progress.stage("Reading orders") as stage:
        if whole or before is None:
            pages = application.everything()
        else:
            pages = application.changed_since(before.read_until - OVERLAP)
        for page in pages:
            sync.take(page)
            stage.advance(len(page))
        if whole:
            sync.look_for_gone()
        else:
            sync.try_again(stage)
    now = ports.clock.now()
    compared_at = now if whole or before is None else before.compared_at
    # A row dated in the future must not hide those that are changed until then.
    until = min(sync.latest or now, now)
    ports.ledger.finish(ApplicationReading(application.source, until, compared_at))
    return sync.report(whole=whole)


def orders_unread(ports: Ports, *, full: bool = False) -> tuple[str, ...]:
    """Sync where orders live in an application; what could not be read of them, and why."""
    if ports.application is None:
        return ()
    try:
        return sync_orders(ports, full=full).unread
    except ServiceError as error:
        return (error.message,)


def refresh_order(ports: Ports, order_id: str) -> None:
    """Take one order as it is now, where it lives in the application."""
    application = ports.application
    if application is None or not ports.ledger.holds(order_id):
        return
    rows = application.find([order_id])
    if rows:
        taken = [application.order_of(row) for row in rows]
        ports.ledger.take(taken, application.told, ports.clock.now())
    else:
        ports.ledger.mark_deleted([order_id], ports.clock.now())


def required_application(ports: Ports) -> Application:
    if ports.application is None:
        raise ConfigurationError(
            "ORDERS_MAPPING is not set: orders come from `stakactl orders import`",
            hint="set ORDERS_DATABASE_URL and ORDERS_MAPPING=staka, or the path of your own "
            "mapping (docs/mapping.md)",
        )
    return ports.application


class _Sync:
    """One pass over the application's rows, and what it counted."""

    def __init__(self, ports: Ports, application: Application) -> None:
        self._ports = ports
        self._application = application
        self._counts = ImportCounts(0, 0, 0)
        self._read = 0
        self._deleted: list[str] = []
        self._gone = 0
        before = ports.ledger.reading()
        self.latest = before.read_until if before else None

    def take(self, page: Sequence[ApplicationRow]) -> None:
        """Rows whose digest is known are as they were."""
        self._read += len(page)
        known = self._ports.ledger.digests([row.order_id for row in page])
        taken = [
            self._application.order_of(row) for row in page if known.get(row.order_id) != row.digest
        ]
        if taken:
            now = self._ports.clock.now()
            counts = self._ports.ledger.take(taken, self._application.told, now)
            self._counts = ImportCounts(
                self._counts.created + counts.created, self._counts.updated + counts.updated, 0
            )
        changed = [row.updated_at for row in page if row.updated_at is not None]
        self.latest = max([*changed, *([self.latest] if self.latest else [])], default=None)

    def look_for_gone(self) -> None:
        """Ask for every order that we know whether it is still there."""
        for ids in self._ports.ledger.ids():
            self._without(ids, {row.order_id for row in self._application.find(ids)})

    def try_again(self, stage: StageProgress) -> None:
        """Rows that could not be taken do not say so when they are corrected by plain SQL."""
        wrong = [order_id for order_id, _ in self._ports.ledger.problems()]
        for ids in _pieces(wrong):
            rows = self._application.find(ids)
            self.take(rows)
            stage.advance(len(rows))
            self._without(ids, {row.order_id for row in rows})

    def _without(self, ids: Sequence[str], found: set[str]) -> None:
        gone = [order_id for order_id in ids if order_id not in found]
        if gone:
            self._ports.ledger.mark_deleted(gone, self._ports.clock.now())
            self._gone += len(gone)
            self._deleted += gone[: MAX_TOLD - len(self._deleted)]

    def report(self, *, whole: bool) -> OrdersSyncReport:
        problems = [problem for _, problem in self._ports.ledger.problems()]
        told = problems[:MAX_TOLD]
        if len(problems) > MAX_TOLD:
            told.append(f"and {len(problems) - MAX_TOLD} more rows that could not be taken")
        deleted = list(self._deleted)
        if self._gone > len(deleted):
            deleted.append(f"and {self._gone - len(deleted)} more")
        return OrdersSyncReport(
            whole,
            self._read,
            self._counts.created,
            self._counts.updated,
            tuple(deleted),
            tuple(told),
        )


def _pieces(ids: Sequence[str], size: int = 1000) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
