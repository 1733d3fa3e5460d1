"""A report on its way out: raw cells, so that every format decides for itself how to show them.

A command turns the report of an operation into a `View`; `render.render` writes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from stakactl.domain.money import Money
from stakactl.domain.runs import Mode, Outcome


class ByteCount(int):
    """How many bytes: 1.2 MB for people, the number for programs."""


#: What a cell may hold. A StrEnum is a str; there is no float. Datetimes are aware.
Cell: TypeAlias = (
    "str | int | bool | Decimal | Money | date | datetime"
    " | Mapping[str, Cell] | Sequence[Cell] | None"
)
Item: TypeAlias = Mapping[str, Cell]


class Kind(StrEnum):
    """What a column holds; decides alignment, wrapping and the columns of a CSV file."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"


#: Colours of state words, for `Column.style`.
STATES: Mapping[str, str] = {
    **dict.fromkeys("ok paid sent stored applied done succeeded healthy".split(), "green"),
    **dict.fromkeys(
        "pending queued sending planned running open degraded warning partial skipped".split(),
        "yellow",
    ),
    **dict.fromkeys(
        "failed error critical findings incomplete unknown disputed locked refused".split(), "red"
    ),
    **dict.fromkeys("expired cancelled historical none".split(), "dim"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table and of the CSV file (MONEY: two columns there).

    `priority` 0 is always shown; when the table does not fit, the column with the highest number
    goes first. `None` never is in the table (CSV only). A TEXT column wraps down to `min_width`.
    `style` is a rich style, or maps a cell's text to one (see `STATES`).
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    priority: int | None = 0
    min_width: int = 10
    max_width: int = 44
    style: str | Mapping[str, str] = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Extra lines for people, under a heading; tables only. `styles` maps a regular expression to
    the style of what it matches."""

    title: str
    lines: tuple[str, ...]
    styles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar per label; tables only. All amounts in one currency."""

    title: str
    bars: tuple[tuple[str, Money | int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything that a command has to say.

    `command`, the times, `mode` and a missing `run_id` are filled in by the command line.
    `items` is read once and may be a generator of a million. `notes` say what to type next,
    `empty` what to say instead of a table without rows. `labels` rename summary keys for people
    (`paid_orders` reads "paid orders" by itself). `mode` is None where no store is known yet.
    A summary list of mappings is for programs: tables leave it out. `brief` leaves the rows out
    of the table unless `--verbose`, because a section sums them up.
    """

    outcome: Outcome = Outcome.OK
    command: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    mode: Mode | None = None
    run_id: str | None = None
    summary: Mapping[str, Cell] = field(default_factory=dict)
    items: Iterable[Item] = ()
    columns: tuple[Column, ...] = ()
    title: str = ""
    sections: tuple[Section, ...] = ()
    charts: tuple[Chart, ...] = ()
    notes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    empty: str = ""
    zone: str = "Europe/Paris"
    brief: bool = False
