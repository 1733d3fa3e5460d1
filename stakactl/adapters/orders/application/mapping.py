"""A mapping: which tables and columns of an application hold its orders, and what they mean.

The file is TOML; docs/mapping.md explains it. What is wrong with it is told with its place, all
at once. Whether the tables and columns exist is asked of the database itself (schema.py).
"""

import hashlib
import tomllib
from collections.abc import Mapping as Entries
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from stakactl.adapters.orders.application.mapping_parts import (
    Column,
    Constant,
    InvoiceTable,
    Join,
    Joined,
    Part,
    Settings,
    StatusRule,
    read_columns,
    read_invoices,
    read_joins,
    read_rules,
    read_sets,
)
from stakactl.adapters.resources import data_file
from stakactl.domain.orders import OrderStatus
from stakactl.errors import ConfigurationError
from stakactl.operations.ports import Told

__all__ = ["Column", "Constant", "Joined", "Mapping", "load_mapping"]

BUNDLED = ("staka",)
_SECTIONS = {"orders", "joins", "columns", "status", "invoices", "set"}
_UNITS = ("minor", "major")
#: Fields of an order that hang on one column of the same name, as `Change` calls them.
_CHANGEABLE = ("paid_at", "refunded_minor", "stripe_session_id", "stripe_payment_intent_id")


@dataclass(frozen=True, slots=True)
class Mapping:
    """`columns` by the names of the import format; `sets` what is written for a state."""

    shown: str
    digest: str
    table: str
    zone: ZoneInfo
    major_units: bool
    joins: Entries[str, Join]
    columns: Entries[str, Column | Constant | Joined]
    rules: tuple[StatusRule, ...]
    invoices: InvoiceTable | None
    sets: Entries[OrderStatus, Settings]

    @property
    def order_id(self) -> str:
        return self._own("order_id")

    @property
    def updated_at(self) -> str | None:
        return self._own("updated_at") or None

    def _own(self, name: str) -> str:
        source = self.columns.get(name)
        return source.name if isinstance(source, Column) and not source.join else ""

    def writable(self, name: str) -> str | None:
        """The column of the orders' own table that holds this field of `Order`, if any."""
        return self._own(name) or None if name in _CHANGEABLE else None

    @property
    def told(self) -> Told:
        fields = {name for name in _CHANGEABLE if name in self.columns}
        if self.invoices is not None or "invoice_number" in self.columns:
            fields.add("invoice_number")
        statuses = {rule.status for rule in self.rules if rule.status is not None}
        return Told(frozenset(fields), frozenset(statuses))

    @property
    def selected(self) -> tuple[Column, ...]:
        """Every column that is read, each once."""
        wanted: dict[Column, None] = {}
        for source in self.columns.values():
            parts = (source,) if isinstance(source, Column) else ()
            for column in source.parts if isinstance(source, Joined) else parts:
                wanted[column] = None
        for rule in self.rules:
            for name in rule.when:
                wanted[Column("", name)] = None
        for settings in self.sets.values():
            for name in settings:
                wanted[Column("", name)] = None
        return tuple(wanted)


def load_mapping(name: str, folder: Path) -> Mapping:
    """A bundled mapping by its name, or a file whose relative path counts from `folder`.

    Raises ConfigurationError that lists every problem.
    """
    bundled = name in BUNDLED
    path = data_file(f"mappings/{name}.toml") if bundled else folder / Path(name).expanduser()
    shown = f"mapping {name}" if bundled else f"mapping {path}"
    try:
        text = path.read_text(encoding="utf-8")
        entries = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigurationError(
            f"ORDERS_MAPPING: there is no mapping {name!r}, neither bundled nor as the file {path}",
            hint=f"write one of {', '.join(BUNDLED)}, or the path of a TOML file (docs/mapping.md)",
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(
            f"ORDERS_MAPPING: {path} cannot be read: {error}",
            hint="docs/mapping.md shows a whole mapping",
        ) from None
    problems: list[str] = []
    mapping = _read(entries, problems, shown, hashlib.sha256(text.encode()).hexdigest())
    if mapping is None or problems:
        raise ConfigurationError(
            "\n  ".join([f"{shown} is wrong:", *problems]),
            hint="docs/mapping.md explains each entry",
        )
    return mapping


def _read(
    entries: Entries[str, object], problems: list[str], shown: str, digest: str
) -> Mapping | None:
    whole = Part("", entries, problems)
    whole.only(_SECTIONS)
    orders = whole.table("orders")
    orders.only({"table", "time_zone", "amount_unit"})
    table = orders.text("table")
    unit = orders.text("amount_unit", "minor")
    if unit not in _UNITS:
        orders.problem("amount_unit", f"is {unit!r}: write minor (cents) or major (euros)")
    zone = _zone(orders)
    joins = read_joins(whole)
    columns = read_columns(whole, joins)
    rules = read_rules(whole)
    if zone is None or problems:
        return None
    invoices, sets = read_invoices(whole), read_sets(whole)
    mapping = Mapping(
        shown, digest, table, zone, unit == "major", joins, columns, rules, invoices, sets
    )
    if not mapping.order_id:
        whole.table("columns").problem("order_id", "is no column of the orders' own table")
    return mapping


def _zone(orders: Part) -> ZoneInfo | None:
    name = orders.text("time_zone", "UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        orders.problem("time_zone", f"{name!r} is no time zone: write UTC or Europe/Paris")
        return None
