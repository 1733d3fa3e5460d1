"""What a list can be filtered by, as SQL: a value, one of several, a range, a pattern.

    {"customer": "cus_1"}                     equal
    {"created": {"gte": 1, "lt": 9}}          range
    {"type": ("a", "b")}                      one of
    {"type": Glob("charge.*")}                pattern
    {"status": Not("canceled")}               anything else
    {"items.data": Some("price.id", "p_1")}  some element of a list inside the object

Fields are dotted paths inside the object.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stakactl.demo.offline_stripe.layout import column_for

_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PLAIN = frozenset({"id", "created"})
#: Columns of few values: their index is the last one to start from.
_COARSE = frozenset({"status", "type"})


@dataclass(frozen=True, slots=True)
class Glob:
    pattern: str


@dataclass(frozen=True, slots=True)
class Not:
    value: object


@dataclass(frozen=True, slots=True)
class Some:
    """Some element of the list at the path has this value at its own path."""

    path: str
    value: object


def where(kind: str, filters: Mapping[str, object]) -> tuple[list[str], list[object]]:
    """All conditions, to be joined by AND, and their values."""
    columns = {column_for(kind, path) for path in filters}
    narrowed = bool(columns - _COARSE - {None})
    parts, values = [], []
    for path, wanted in filters.items():
        sql, bound = _condition(kind, path, wanted, narrowed=narrowed)
        parts.append(sql)
        values.extend(bound)
    return parts, values


def _condition(kind: str, path: str, wanted: object, *, narrowed: bool) -> tuple[str, list[object]]:
    """Column names come from our own tables only."""
    column = path if path in _PLAIN else column_for(kind, path)
    field, values = (column, []) if column else ("json_extract(body, ?)", [f"$.{path}"])
    if narrowed and column in _COARSE:
        field = f"+{field}"  # SQLite has no statistics: without this it may start from "all paid"
    match wanted:
        case Mapping():
            parts = [f"{field} {_COMPARISONS[str(name)]} ?" for name in wanted]
            bound = [part for limit in wanted.values() for part in (*values, limit)]
            return " AND ".join(parts) or "1", bound
        case tuple() | list():
            # `+` keeps SQLite from gathering the values one after the other and sorting them all:
            # the list's own order stops at the page's last row.
            return f"+{field} IN ({', '.join('?' * len(wanted))})", [*values, *wanted]
        case Glob(pattern):
            return f"+{field} GLOB ?", [*values, pattern]
        case Not(value):
            return f"+{field} IS NOT ?", [*values, value]
        case Some(inner, value):
            return (
                "EXISTS (SELECT 1 FROM json_each(body, ?) WHERE json_extract(value, ?) = ?)",
                [f"$.{path}", f"$.{inner}", value],
            )
        case _:
            return f"{field} = ?", [*values, wanted]
