"""The tables of the offline Stripe's file, and which fields of which object have an index.

Only what Stripe's lists can be filtered by *and* what narrows a long list gets a column; the other
filters (active, currency, …) look into the JSON.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

VERSION = 1

#: column → kind → where the object says it. `_payout`: Stripe knows it, its object does not say.
INDEXED: dict[str, dict[str, str]] = {
    "customer": dict.fromkeys(
        (
            "charge",
            "checkout.session",
            "credit_note",
            "invoice",
            "payment_intent",
            "setup_intent",
            "subscription",
        ),
        "customer",
    ),
    "payment_intent": {
        **dict.fromkeys(("charge", "checkout.session", "dispute", "refund"), "payment_intent"),
        "invoice_payment": "payment.payment_intent",
    },
    "charge": {"dispute": "charge", "refund": "charge"},
    "invoice": {"credit_note": "invoice", "invoice_payment": "invoice"},
    "subscription": {
        "checkout.session": "subscription",
        "invoice": "parent.subscription_details.subscription",
    },
    "payment_link": {"checkout.session": "payment_link"},
    "email": {"customer": "email", "checkout.session": "customer_details.email"},
    "product": {"price": "product"},
    "source": {"balance_transaction": "source"},
    "payout": {"balance_transaction": "_payout"},
    "status": dict.fromkeys(
        ("checkout.session", "invoice", "invoice_payment", "payout", "subscription"), "status"
    ),
    "type": {"balance_transaction": "type", "event": "type"},
}

#: What Stripe leaves out of an object until it is expanded (a secret: for ever), kept beside it.
HIDDEN: dict[str, frozenset[str]] = {
    "charge": frozenset({"refunds"}),
    "checkout.session": frozenset({"line_items"}),
    "customer": frozenset({"sources", "subscriptions", "tax", "tax_ids"}),
    "invoice": frozenset({"payments"}),
    "webhook_endpoint": frozenset({"secret"}),
}

#: What an object may tell the state and nobody else.
PRIVATE = frozenset({"_livemode", "_payout"})

_COLUMNS = tuple(INDEXED)

# `body` comes last: SQLite then reads the filter columns without touching the overflow pages.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    created INTEGER NOT NULL,
    deleted INTEGER NOT NULL DEFAULT 0,
    {"".join(f"{column} TEXT, " for column in _COLUMNS)}
    hidden TEXT,
    body TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS objects_id ON objects (kind, id);
CREATE INDEX IF NOT EXISTS objects_newest ON objects (kind, livemode, created DESC, seq DESC);
{
    "".join(
        f"CREATE INDEX IF NOT EXISTS objects_{column} ON objects "
        f"(kind, livemode, {column}, created DESC, seq DESC) WHERE {column} IS NOT NULL; "
        for column in _COLUMNS
    )
}
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS idempotency (
    livemode INTEGER NOT NULL,
    key TEXT NOT NULL,
    path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (livemode, key)
) WITHOUT ROWID;
PRAGMA user_version = {VERSION};
"""

# A row keeps its `seq` when the object changes, so that cursors and ties stay where they are; what
# an update does not mention (`_payout`, the hidden fields) stays too.
UPSERT = f"""
INSERT INTO objects (kind, id, livemode, created, {", ".join(_COLUMNS)}, hidden, body)
VALUES (?, ?, ?, ?, {", ".join("?" * len(_COLUMNS))}, ?, ?)
ON CONFLICT (kind, id) DO UPDATE SET
    livemode = excluded.livemode, created = excluded.created, deleted = 0,
    {"".join(f"{c} = excluded.{c}, " for c in _COLUMNS if c != "payout")}
    payout = coalesce(excluded.payout, payout),
    hidden = coalesce(excluded.hidden, hidden),
    body = excluded.body
"""  # noqa: S608 - column names of ours


def pick(obj: dict[str, Any], kind: str) -> Iterator[str | None]:
    """The values of the indexed columns, in the order of the table."""
    for path in _paths(kind):
        yield None if path is None else _walk(obj, path)


@cache
def _paths(kind: str) -> tuple[str | None, ...]:
    return tuple(kinds.get(kind) for kinds in INDEXED.values())


def _walk(obj: Any, path: str) -> str | None:
    for name in path.split("."):
        if not isinstance(obj, dict):
            return None
        obj = obj.get(name)
    if isinstance(obj, dict):  # an expanded object counts as its id
        obj = obj.get("id")
    return obj if isinstance(obj, str) else None


def column_for(kind: str, path: str) -> str | None:
    """The indexed column that holds this field of this kind, if there is one."""
    for column, kinds in INDEXED.items():
        if kinds.get(kind) == path:
            return column
    return None
