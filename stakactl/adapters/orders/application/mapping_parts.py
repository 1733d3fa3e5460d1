"""The parts of a mapping file, read with the place of everything that is wrong."""

import difflib
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Entries
from dataclasses import dataclass

from stakactl.adapters.orders.parsing import OPTIONAL, REQUIRED
from stakactl.domain.orders import OrderStatus

#: What the status rules decide, and what a mapping says in other words.
_ELSEWHERE = {"status", "amount_minor"}
FIELDS = (*(name for name in (*REQUIRED, *OPTIONAL) if name not in _ELSEWHERE), "amount")
NEEDED = ("order_id", "created_at", "amount", "currency", "title", "customer_email")
IGNORED = "ignored"
#: The states of an order that a repair can bring about.
SETTABLE = ("paid", "failed", "expired", "refunded", "partially_refunded")

#: What is written: a value, or a value for each one before it.
Settings = Entries[str, "str | int | Entries[str, str | int | None] | None"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the orders' own table, or of a joined one."""

    join: str
    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    value: str | int


@dataclass(frozen=True, slots=True)
class Joined:
    """Several columns, with a space between them."""

    parts: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """At most one row of `table` for each order: `local` of the order is its `remote`."""

    table: str
    local: str
    remote: str


@dataclass(frozen=True, slots=True)
class StatusRule:
    """`status` of an order whose columns all hold one of these texts, "" being empty; None where
    such a row is no order."""

    status: OrderStatus | None
    when: Entries[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class InvoiceTable:
    """Where the application keeps the invoices it issues; `live` are the values of `status` of
    those that stand, empty where all do."""

    table: str
    order_id: str
    number: str
    updated_at: str | None
    status: str | None
    live: tuple[str, ...]


class Part:
    """One table of the file; `problem` adds to all that is wrong."""

    def __init__(self, place: str, entries: Entries[str, object], problems: list[str]) -> None:
        self._place = place
        self._problems = problems
        self.entries = entries

    def problem(self, name: str, reason: str) -> None:
        where = f"[{self._place}] {name}" if self._place else f"[{name}]"
        self._problems.append(f"{where}: {reason}")

    def only(self, known: Collection[str]) -> None:
        for name in self.entries:
            if name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                meant = f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
                self.problem(name, f"is not known; {meant}")

    def table(self, name: str) -> "Part":
        """An entry that is a table itself, empty where there is none."""
        found = self.entries.get(name, {})
        if not isinstance(found, dict):
            self.problem(name, "is no table")
            found = {}
        return self.child(f"{self._place}.{name}" if self._place else name, found)

    def text(self, name: str, default: str | None = None) -> str:
        value = self.entries.get(name, default)
        if isinstance(value, str) and value.strip():
            return value
        self.problem(name, "is missing" if value is None else f"is {value!r}, not a name")
        return ""

    def optional(self, name: str) -> str | None:
        return self.text(name) if name in self.entries else None

    def child(self, place: str, entries: object) -> "Part":
        return Part(place, entries if isinstance(entries, dict) else {}, self._problems)

    def texts(self, name: str, value: object) -> tuple[str, ...]:
        """One text or a list of them; numbers and true or false as they are written."""
        listed = value if isinstance(value, list) else [value]
        if all(isinstance(item, str | int) for item in listed):
            return tuple(as_text(item) for item in listed)
        self.problem(name, f"is {value!r}: write a text or a list of texts")
        return ()


def as_text(value: object) -> str:
    """A value as the rules write it: "" for nothing, true and false."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_joins(whole: Part) -> dict[str, Join]:
    joins = {}
    part = whole.table("joins")
    for name in part.entries:
        one = part.table(name)
        one.only({"table", "on"})
        on = one.table("on").entries
        pair = next(iter(on.items()), ("", ""))
        if len(on) != 1 or not isinstance(pair[1], str):
            one.problem("on", "is one pair: { column of the order = column of this table }")
            continue
        joins[name] = Join(one.text("table"), str(pair[0]), pair[1])
    return joins


def read_columns(whole: Part, joins: Entries[str, Join]) -> dict[str, Column | Constant | Joined]:
    part = whole.table("columns")
    part.only(FIELDS)
    columns: dict[str, Column | Constant | Joined] = {}
    for name, written in part.entries.items():
        if isinstance(written, dict):
            value = written.get("value")
            if set(written) != {"value"} or not isinstance(value, str | int):
                part.problem(name, 'a constant is written { value = "eur" }')
            else:
                columns[name] = Constant(value)
            continue
        parts = tuple(_column(text, joins, part, name) for text in part.texts(name, written))
        if parts:
            columns[name] = Joined(parts) if isinstance(written, list) else parts[0]
    for name in NEEDED:
        if name not in part.entries:
            part.problem(name, "is missing")
    return columns


def _column(text: str, joins: Entries[str, Join], part: Part, name: str) -> Column:
    join, dot, column = text.rpartition(".")
    if dot and join not in joins:
        part.problem(name, f"{text!r} names no table of [joins]")
    return Column(join, column)


def read_rules(whole: Part) -> tuple[StatusRule, ...]:
    listed = whole.entries.get("status")
    if not isinstance(listed, list) or not listed:
        whole.problem("status", "is missing: at least one [[status]] says what an order is")
        return ()
    return tuple(_rules(whole, listed))


def _rules(whole: Part, listed: list[object]) -> Iterator[StatusRule]:
    allowed = (*OrderStatus, IGNORED)
    for number, entry in enumerate(listed, 1):
        part = whole.child(f"status {number}", entry)
        part.only({"is", "when"})
        name = part.text("is")
        if name not in allowed:
            if name:
                part.problem("is", f"is {name!r}: write one of {', '.join(allowed)}")
            continue
        conditions = part.table("when")
        when = {
            column: frozenset(conditions.texts(column, value))
            for column, value in conditions.entries.items()
        }
        yield StatusRule(None if name == IGNORED else OrderStatus(name), when)


def read_invoices(whole: Part) -> InvoiceTable | None:
    if "invoices" not in whole.entries:
        return None
    part = whole.table("invoices")
    part.only({"table", "order_id", "number", "updated_at", "status", "live"})
    status = part.optional("status")
    live = part.texts("live", part.entries.get("live", []))
    if bool(live) != (status is not None):
        part.problem("live", "goes with status: which of its values stand")
    return InvoiceTable(
        part.text("table"),
        part.text("order_id"),
        part.text("number"),
        part.optional("updated_at"),
        status,
        live,
    )


def read_sets(whole: Part) -> dict[OrderStatus, Settings]:
    part = whole.table("set")
    part.only(SETTABLE)
    sets: dict[OrderStatus, Settings] = {}
    for name in part.entries:
        one = part.table(name)
        if not one.entries:
            one.problem("", "sets nothing; leave it out")
        if name in SETTABLE:
            sets[OrderStatus(name)] = {
                column: _setting(one, column, value) for column, value in one.entries.items()
            }
    return sets


def _setting(
    part: Part, column: str, value: object
) -> "str | int | dict[str, str | int | None] | None":
    if isinstance(value, dict):
        return {str(old): _plain(part, column, new) for old, new in value.items()}
    return _plain(part, column, value)


def _plain(part: Part, column: str, value: object) -> str | int | None:
    """A value to write; "" empties the column."""
    if isinstance(value, str | int):
        return value if value != "" else None
    part.problem(column, f"is {value!r}: write a text or a whole number")
    return None
