"""The run lock: one row with a lease that a heartbeat renews.

A lock whose process died on this machine is taken over at once, one of another machine after its
lease. Leases are compared in the database's own time, so that hosts with wrong clocks agree.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.columns import UtcTime
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.process import Fate, Process, this_process
from stakactl.adapters.database.tables.store import run_lock
from stakactl.errors import DatabaseError, LockHeld, StakactlError

LEASE = timedelta(seconds=90)
_NAME = "run"


class SqlRunLock:
    """`RunLock` on the table `run_lock`."""

    def __init__(self, database: Database, lease: timedelta = LEASE) -> None:
        self._database = database
        self._lease = lease

    @contextmanager
    def hold(self, run_id: str, command: str) -> Iterator[None]:
        token = uuid.uuid4().hex
        self._acquire(token, run_id, command)
        heart = _Heartbeat(self._database, token, self._lease)
        heart.start()
        try:
            yield
        finally:
            heart.stop()
            self._release(token)
        if heart.lost:
            raise DatabaseError(
                f"run {run_id} lost its lock: its lease ran out and another run took over",
                hint="look at both with: stakactl runs list; then run it again",
            )

    def _acquire(self, token: str, run_id: str, command: str) -> None:
        with self._database.read() as connection:  # a loser need not wait for writers
            _refuse_held(connection)
        with self._database.write() as connection:
            now = _now(connection)
            row = _row(this_process(), token, run_id, command, now, now + self._lease)
            while not insert_missing(connection, run_lock, row):
                stale = _refuse_held(connection, for_update=True)
                connection.execute(run_lock.delete().where(run_lock.c.token == stale))

    def _release(self, token: str) -> None:
        with self._database.write() as connection:
            connection.execute(run_lock.delete().where(run_lock.c.token == token))


def _row(
    process: Process, token: str, run_id: str, command: str, now: datetime, until: datetime
) -> dict[str, Any]:
    return {
        "name": _NAME,
        "token": token,
        "run_id": run_id,
        "command": command,
        "host": process.host,
        "machine": process.machine,
        "pid": process.pid,
        "process_started": process.started,
        "acquired_at": now,
        "lease_until": until,
    }


def _refuse_held(connection: Connection, *, for_update: bool = False) -> str | None:
    """Raise LockHeld if a living run holds the lock; the token of a dead one's."""
    query = select(run_lock).where(run_lock.c.name == _NAME)
    held = connection.execute(query.with_for_update() if for_update else query).first()
    if held is None:
        return None
    if _is_stale(held, _now(connection)):
        return str(held.token)
    raise LockHeld(
        f"{held.command} (run {held.run_id}) holds the lock since "
        f"{held.acquired_at:%Y-%m-%d %H:%M:%S} UTC on {held.host}, process {held.pid}",
        hint="wait until it ends; `stakactl runs list` shows it. A lock left by a host that "
        f"died is free after {held.lease_until:%H:%M:%S} UTC",
    )


def _is_stale(held: Row[Any], now: datetime) -> bool:
    fate = Process(held.host, held.machine, held.pid, held.process_started or "").fate
    return fate is Fate.DEAD or bool(held.lease_until < now)


def _now(connection: Connection) -> datetime:
    """The database server's time; SQLite's is this machine's."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    found: datetime = connection.execute(select(func.clock_timestamp(type_=UtcTime()))).scalar_one()
    return found


class _Heartbeat:
    """Renews the lease three times per lease from a thread with a connection of its own."""

    def __init__(self, database: Database, token: str, lease: timedelta) -> None:
        self._database = database
        self._token = token
        self._lease = lease
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="run-lock", daemon=True)
        self.lost = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self._lease.total_seconds() / 3):
            try:
                with self._database.write() as connection:
                    until = _now(connection) + self._lease
                    renewal = run_lock.update().where(run_lock.c.token == self._token)
                    renewed = connection.execute(renewal.values(lease_until=until)).rowcount
            except StakactlError:
                continue  # a passing failure; the next beat tries again
            if renewed == 0:
                self.lost = True
                return
