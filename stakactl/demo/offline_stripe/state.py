"""Every object of the offline Stripe, in one SQLite file.

One file, because an object, the events it causes and the idempotency key of the request must be
written together or not at all, and because the world must survive `kill -9` of its server. Lists
are what Stripe's clients do most, so each list Stripe can filter has an index in the list's own
order (newest first), and rows keep the JSON text that is sent: a page of 100 is 100 strings.
"""

import itertools
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

from stakactl.demo.offline_stripe.conditions import where
from stakactl.demo.offline_stripe.ids import make_id, singleton_id
from stakactl.demo.offline_stripe.layout import (
    HIDDEN,
    INDEXED,
    PRIVATE,
    SCHEMA,
    UPSERT,
    VERSION,
    pick,
)

StripeObject = dict[str, Any]

#: A deleted customer still answers when it is asked for by id; other kinds are gone.
ANSWERS_AFTER_DELETION = frozenset({"customer"})

_CHUNK = 5_000
_NOTHING: frozenset[str] = frozenset()
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the objects as JSON text, and whether more follow in its direction."""

    bodies: tuple[str, ...]
    has_more: bool

    @property
    def objects(self) -> list[StripeObject]:
        return [json.loads(body) for body in self.bodies]


class UnknownCursorError(LookupError):
    """`starting_after` or `ending_before` names no object of this list."""


class StripeState:
    """Safe from several threads and several processes; every write is one transaction.

    Two private keys of an object are stored and never served: `_livemode` for kinds whose JSON
    does not say it (refund, balance_transaction; without it `default_livemode` counts) and
    `_payout`, the payout that a balance transaction went out with.
    """

    def __init__(self, path: Path, *, default_livemode: bool = True) -> None:
        self.path = path
        self.default_livemode = default_livemode
        self._free: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._current = threading.local()
        with self._connection() as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, VERSION):
                self.close()
                raise ValueError(f"{path} was made by another version of the demo; delete it")
            connection.executescript(SCHEMA)

    def close(self) -> None:
        """Closes every connection; nobody may be using the state any more."""
        with self._lock:
            connections, self._all = self._all, []
            self._free = LifoQueue()
        for connection in connections:
            connection.close()

    def __enter__(self) -> "StripeState":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- connections and transactions

    def _connect(self) -> sqlite3.Connection:
        # Handler threads come and go, connections stay: hence check_same_thread is off and the
        # pool hands each one to a single thread at a time.
        connection = sqlite3.connect(
            self.path, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
        with self._lock:
            self._all.append(connection)
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        current: sqlite3.Connection | None = getattr(self._current, "connection", None)
        if current is not None:
            yield current
            return
        pool = self._free
        try:
            connection = pool.get_nowait()
        except Empty:
            connection = self._connect()
        try:
            yield connection
        finally:
            pool.put(connection)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; inside another one of the same thread it joins that one."""
        if getattr(self._current, "connection", None) is not None:
            with self._connection() as connection:
                yield connection
            return
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._current.connection = connection
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            else:
                connection.execute("COMMIT")
            finally:
                self._current.connection = None

    # -- objects

    def put(self, obj: StripeObject) -> None:
        """Adds the object or replaces the one of the same kind and id."""
        self.put_many((obj,))

    def put_many(self, objs: Iterable[StripeObject]) -> None:
        rows = (self._row(obj) for obj in objs)
        with self.transaction() as connection:
            while chunk := tuple(itertools.islice(rows, _CHUNK)):
                connection.executemany(UPSERT, chunk)

    def _row(self, obj: StripeObject) -> tuple[object, ...]:
        kind = str(obj["object"])
        livemode = bool(obj.get("livemode", obj.get("_livemode", self.default_livemode)))
        body, hidden = obj, {}
        apart = HIDDEN.get(kind, _NOTHING) | PRIVATE
        if not apart.isdisjoint(obj):
            body = {name: value for name, value in obj.items() if name not in apart}
            hidden = {name: obj[name] for name in (apart - PRIVATE) & obj.keys()}
        return (
            kind,
            obj.get("id") or singleton_id(kind, livemode=livemode),
            livemode,
            obj.get("created", 0),
            *pick(obj, kind),
            compact(hidden) if hidden else None,
            compact(body),
        )

    def get(self, kind: str, id: str, *, livemode: bool | None = None) -> StripeObject | None:
        """The object as Stripe serves it by default; None if there is none in that mode."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT livemode, deleted, body FROM objects WHERE kind = ? AND id = ?", (kind, id)
            ).fetchone()
        if row is None or (livemode is not None and bool(row[0]) is not livemode):
            return None
        if row[1]:
            if kind not in ANSWERS_AFTER_DELETION:
                return None
            return {"id": id, "object": kind, "deleted": True}
        found: StripeObject = json.loads(row[2])
        return found

    def hidden(self, kind: str, id: str) -> StripeObject:
        """The fields of an object that Stripe serves only when they are expanded."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT hidden FROM objects WHERE kind = ? AND id = ? AND NOT deleted", (kind, id)
            ).fetchone()
        fields: StripeObject = json.loads(row[0]) if row and row[0] else {}
        return fields

    def mode_of(self, kind: str, id: str) -> bool | None:
        """Livemode of a living object, None if there is none: for "exists in test mode"."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT livemode FROM objects WHERE kind = ? AND id = ? AND NOT deleted", (kind, id)
            ).fetchone()
        return bool(row[0]) if row else None

    def delete(self, kind: str, id: str) -> bool:
        """Leaves a tombstone without the object's data; False if there was nothing to delete."""
        blanks = ", ".join(f"{column} = NULL" for column in INDEXED)
        with self.transaction() as connection:
            changed = connection.execute(
                f"UPDATE objects SET deleted = 1, body = '{{}}', hidden = NULL, {blanks} "  # noqa: S608 - column names of ours
                "WHERE kind = ? AND id = ? AND NOT deleted",
                (kind, id),
            ).rowcount
        return changed > 0

    # -- lists

    def list(
        self,
        kind: str,
        filters: Mapping[str, object] | None = None,
        *,
        livemode: bool | None = None,
        starting_after: str | None = None,
        ending_before: str | None = None,
        limit: int = 10,
    ) -> Page:
        """Newest first: by `created`, then by the order of insertion; see conditions.py."""
        mode = self.default_livemode if livemode is None else livemode
        more, bound = where(kind, filters or {})
        parts, values = ["kind = ?", "livemode = ?", "deleted = 0", *more], [kind, mode, *bound]
        direction = "DESC"
        with self._connection() as connection:
            cursor = starting_after or ending_before
            if cursor is not None:
                row = connection.execute(
                    "SELECT created, seq FROM objects WHERE kind = ? AND id = ? AND livemode = ?",
                    (kind, cursor, mode),
                ).fetchone()
                if row is None:
                    raise UnknownCursorError(cursor)
                parts.append(f"(created, seq) {'<' if starting_after else '>'} (?, ?)")
                values.extend(row)
                direction = "DESC" if starting_after else "ASC"
            rows = connection.execute(
                f"SELECT body FROM objects WHERE {' AND '.join(parts)} "  # noqa: S608 - built from our own tables
                f"ORDER BY created {direction}, seq {direction} LIMIT ?",
                (*values, limit + 1),
            ).fetchall()
        bodies = [body for (body,) in rows[:limit]]
        if direction == "ASC":
            bodies.reverse()
        return Page(tuple(bodies), has_more=len(rows) > limit)

    def count(self, kind: str, *, livemode: bool | None = None) -> int:
        mode = self.default_livemode if livemode is None else livemode
        with self._connection() as connection:
            (number,) = connection.execute(
                "SELECT count(*) FROM objects WHERE kind = ? AND livemode = ? AND deleted = 0",
                (kind, mode),
            ).fetchone()
        return int(number)

    def balance_sums(self, now: int, *, livemode: bool) -> dict[tuple[str, bool], int]:
        """Net of all balance transactions by (currency, whether it is available at `now`)."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT json_extract(body, '$.currency'), "
                "json_extract(body, '$.available_on') <= ?, sum(json_extract(body, '$.net')) "
                "FROM objects WHERE kind = 'balance_transaction' AND livemode = ? AND NOT deleted "
                "GROUP BY 1, 2",
                (now, livemode),
            ).fetchall()
        return {(currency, bool(available)): net for currency, available, net in rows}

    # -- facts about the world itself

    def meta_get(self, key: str) -> str | None:
        with self._connection() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def meta_set(self, key: str, value: str) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (key, value),
            )

    def next_number(self, name: str) -> int:
        """1, 2, 3, … for each name, across processes and restarts."""
        with self.transaction():
            number = int(self.meta_get(f"counter:{name}") or 0) + 1
            self.meta_set(f"counter:{name}", str(number))
        return number

    def new_id(self, kind: str, *, livemode: bool = True) -> str:
        """A fresh id of that kind; it depends on meta `seed` and on how many came before."""
        seed = self.meta_get("seed") or ""
        return make_id(kind, seed, self.next_number(kind), livemode=livemode)


def compact(obj: StripeObject) -> str:
    return _ENCODE(obj)
