"""CSV for spreadsheets: a header, numeric amounts, and no cell that a spreadsheet would run.

An amount becomes two columns, `<key>_minor` and `<key>_currency`. A view without columns and
items is one row: its summary. Like JSON, the file is whole or absent.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice

from stakactl.domain.money import Money
from stakactl.output.jsonfmt import iso, plain_value
from stakactl.output.stream import Sink, whole
from stakactl.output.text import spreadsheet
from stakactl.output.view import Cell, Item, Kind, View


def write_csv(view: View, sink: Sink) -> None:
    items = iter(view.items)
    first = list(islice(items, 1))
    rows: Iterable[Item] = chain(first, items)
    if not view.columns and not first:
        first = [view.summary] if view.summary else []
        rows = first
    columns = _columns(view, first)
    with whole(sink) as spool:
        writer = csv.writer(spool, lineterminator="\n")
        writer.writerow(_header(columns))
        for item in rows:
            writer.writerow(list(_row(item, columns)))


def _columns(view: View, first: Sequence[Item]) -> list[tuple[str, bool]]:
    """Key, and whether it holds amounts."""
    if view.columns:
        return [(column.key, column.kind is Kind.MONEY) for column in view.columns]
    return [(key, isinstance(cell, Money)) for item in first for key, cell in item.items()]


def _header(columns: Iterable[tuple[str, bool]]) -> list[str]:
    names: list[str] = []
    for key, is_money in columns:
        name = spreadsheet(key)
        names += [f"{name}_minor", f"{name}_currency"] if is_money else [name]
    return names


def _row(item: Item, columns: Iterable[tuple[str, bool]]) -> Iterator[str | int]:
    for key, is_money in columns:
        cell = item.get(key)
        if not is_money:
            yield _cell(cell)
        elif isinstance(cell, Money):
            yield cell.minor
            yield cell.currency
        else:
            yield _cell(cell)
            yield ""


def _cell(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int():
            return int(cell)
        case Decimal():
            return format(cell, "f")
        case datetime():
            return iso(cell)
        case date():
            return cell.isoformat()
        case str():
            return spreadsheet(cell)
        case Money():
            return f"{cell.minor} {cell.currency}"
        case Mapping() | Sequence():
            return spreadsheet(json.dumps(cell, ensure_ascii=False, default=plain_value))
    raise TypeError(f"not a cell: {cell!r}")
