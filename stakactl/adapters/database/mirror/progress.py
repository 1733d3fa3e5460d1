"""How far each list of Stripe was read, written together with what was read of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from stakactl.adapters.database.bulk import upsert
from stakactl.adapters.database.tables.stripe import sync_cursors, sync_readings, sync_windows
from stakactl.domain.stripe_objects import StripeKind
from stakactl.domain.windows import Window, merged
from stakactl.operations.ports import Reading, Wanted

#: The kinds that tell whether an order was paid, refunded or disputed.
DECIDING = (
    StripeKind.CHECKOUT_SESSION,
    StripeKind.PAYMENT_INTENT,
    StripeKind.CHARGE,
    StripeKind.REFUND,
    StripeKind.DISPUTE,
    StripeKind.INVOICE_PAYMENT,
    StripeKind.INVOICE,
)


def ends(connection: Connection) -> dict[StripeKind, datetime]:
    """Up to when each kind was read; a kind that never was is not there."""
    rows = connection.execute(select(sync_cursors.c.kind, sync_cursors.c.synced_until))
    return {StripeKind(kind): until for kind, until in rows}


def reading_of(connection: Connection, kind: StripeKind) -> Reading | None:
    found = connection.execute(
        select(sync_readings.c.begun_at, sync_readings.c.until).where(
            sync_readings.c.kind == kind.value
        )
    ).first()
    if found is None:
        return None
    return Reading(found.begun_at, found.until, tuple(_covered(connection, kind)))


def begin(connection: Connection, readings: Mapping[StripeKind, Reading]) -> None:
    rows = [
        {"kind": kind.value, "begun_at": reading.begun_at, "until": reading.until}
        for kind, reading in readings.items()
    ]
    upsert(connection, sync_readings, rows)
    for kind, reading in readings.items():
        _replace(connection, kind, reading.covered)


def cover(connection: Connection, covered: Sequence[Wanted]) -> None:
    """Add windows to those that are covered."""
    by_kind: dict[StripeKind, list[Window]] = defaultdict(list)
    for wanted in covered:
        by_kind[wanted.kind].append(wanted.created)
    for kind, windows in by_kind.items():
        _replace(connection, kind, merged([*_covered(connection, kind), *windows]))


def finish(connection: Connection, kinds: Iterable[StripeKind]) -> None:
    """Move the cursors to the bounds of the readings, and forget the readings."""
    names = [kind.value for kind in kinds]
    ended = select(sync_readings.c.kind, sync_readings.c.until).where(
        sync_readings.c.kind.in_(names)
    )
    rows = [{"kind": kind, "synced_until": until} for kind, until in connection.execute(ended)]
    upsert(connection, sync_cursors, rows)
    for table in (sync_readings, sync_windows):
        connection.execute(table.delete().where(table.c.kind.in_(names)))


def _covered(connection: Connection, kind: StripeKind) -> list[Window]:
    query = select(sync_windows.c.since, sync_windows.c.until).where(
        sync_windows.c.kind == kind.value
    )
    ordered = connection.execute(query.order_by(sync_windows.c.since))
    return [Window(since, until) for since, until in ordered]


def _replace(connection: Connection, kind: StripeKind, windows: Iterable[Window]) -> None:
    connection.execute(sync_windows.delete().where(sync_windows.c.kind == kind.value))
    rows = [{"kind": kind.value, "since": w.since, "until": w.until} for w in windows]
    upsert(connection, sync_windows, rows)
