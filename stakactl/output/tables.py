"""Tables for people: they fit 80 columns, stream, and print foreign text as text.

Widths come from the first rows; the rest follows in chunks of the same widths, so that a million
rows need no memory. A text column wraps instead of losing characters (an id that is cut cannot be
copied); when even that does not fit, the least important columns are left out and named below.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import IO, TextIO, cast

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stakactl.domain.runs import Outcome
from stakactl.output.charts import bars
from stakactl.output.formats import People
from stakactl.output.stream import Sink
from stakactl.output.text import plain
from stakactl.output.view import Cell, Chart, Column, Item, Kind, Section, View

_SAMPLE_ROWS = 200
_CHUNK_ROWS = 1000
_GAP = 2
_MAX_CELL_CHARACTERS = 2000
#: An id of Stripe's has 27 characters; what is longer (a session's has 66) is broken in any case.
_MAX_UNBROKEN = 28
_TRAILING = re.compile(r" +$", re.MULTILINE)
_ASCII_RULE = box.Box("    \n" * 2 + " -- \n" + "    \n" * 5, ascii=True)
_OUTCOME_STYLES = {Outcome.OK: "green", Outcome.PENDING: "green", Outcome.FINDINGS: "yellow"}


class _Trimmed:
    """Lines in files and pipes end where their text ends."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.encoding = sink.encoding
        self.flush = sink.flush
        self.isatty = sink.isatty

    def write(self, text: str) -> int:
        return self._sink.write(_TRAILING.sub("", text))


def make_console(stream: TextIO | Sink | _Trimmed) -> Console:
    """A console that parses no markup, colours only a terminal and respects NO_COLOR."""
    is_terminal = stream.isatty()
    coloured = is_terminal and not os.environ.get("NO_COLOR")
    return Console(
        file=cast("IO[str]", stream),
        width=terminal_width(is_terminal=is_terminal),
        force_terminal=is_terminal,
        color_system="auto" if coloured else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )


def terminal_width(*, is_terminal: bool) -> int:
    """The terminal's width; 80 for files, pipes and cron unless COLUMNS says otherwise."""
    if not is_terminal and not os.environ.get("COLUMNS", "").isdigit():
        return 80
    return max(shutil.get_terminal_size((80, 24)).columns, 40)


def write_table(
    view: View, sink: Sink, people: People, *, quiet: bool = False, verbose: bool = False
) -> None:
    """Title, rows, figures, charts, sections and notes. `quiet` leaves out all but the rows and
    figures, `verbose` adds which run it was, when, and with which Stripe."""
    console = make_console(sink if sink.isatty() else _Trimmed(sink))
    if not sink.is_utf8:
        people = replace(people, codes=True)
    if not quiet:
        _write_title(console, view, verbose=verbose, people=people)
    hidden: Sequence[str] = ()
    if not view.brief or verbose:
        hidden = _write_rows(console, view, people, quiet=quiet)
    _write_summary(console, view, people)
    _write_charts(console, view.charts, people)
    _write_sections(console, view.sections)
    if quiet:
        return
    notes = list(view.notes)
    if hidden:
        notes.append(f"Not shown here, but with -o csv and -o json: {', '.join(hidden)}.")
    if notes:
        console.print()
    for note in notes:
        console.print(plain(note, "dim" if note is notes[-1] and hidden else ""))


def _write_title(console: Console, view: View, *, verbose: bool, people: People) -> None:
    title = plain(view.title or view.command, "bold")
    if view.mode is not None and view.mode != "live":
        title.append(f" ({view.mode})", "dim")
    if view.outcome not in (Outcome.OK, Outcome.PENDING):
        title.append(f": {view.outcome}", f"bold {_OUTCOME_STYLES.get(view.outcome, 'red')}")
    console.print(title)
    if verbose:
        details = [f"run {view.run_id}"] if view.run_id else []
        if view.started_at and view.finished_at:
            took_s = (view.finished_at - view.started_at).total_seconds()
            details += [people.moment(view.started_at), f"{took_s:.1f} s"]
        console.print(plain(", ".join([*details, f"outcome {view.outcome}"]), "dim"))


def _write_charts(console: Console, charts: Sequence[Chart], people: People) -> None:
    ascii_only = console.options.ascii_only
    for chart in charts:
        _heading(console, chart.title)
        for line in bars(chart, people, width=console.width - _GAP, ascii_only=ascii_only):
            console.print(_indented(Text(line, no_wrap=True)))


def _write_sections(console: Console, sections: Sequence[Section]) -> None:
    for section in sections:
        _heading(console, section.title)
        for text in section.lines:
            if not text:
                console.print()
                continue
            own = len(text) - len(text.lstrip())  # a wrapped line goes on under its beginning
            line = plain(text.lstrip())
            for pattern, style in section.styles.items():
                line.highlight_regex(pattern, style)
            console.print(_indented(line, own))


def _indented(content: RenderableType, more: int = 0) -> Padding:
    return Padding(content, (0, 0, 0, _GAP + more), expand=False)


def _heading(console: Console, title: str) -> None:
    console.print()
    console.print(plain(title, "bold"))


def _write_summary(console: Console, view: View, people: People) -> None:
    summary = {key: cell for key, cell in view.summary.items() if _is_for_people(cell)}
    if not summary:
        return
    grid = Table.grid(padding=(0, _GAP))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for key, cell in summary.items():
        label = view.labels.get(key, key.replace("_", " "))
        grid.add_row(plain(label, "dim"), plain(people.cell(cell, grouped=True)))
    console.print()
    console.print(_indented(grid))


def _is_for_people(cell: Cell) -> bool:
    """Not what is empty, and no lists of records: a section says those better."""
    if isinstance(cell, str) or not isinstance(cell, Mapping | Sequence):
        return cell is not None and cell != ""
    return bool(cell) and not any(isinstance(part, Mapping) for part in cell)


def _write_rows(console: Console, view: View, people: People, *, quiet: bool) -> list[str]:
    """Returns the titles of the columns that did not fit."""
    items = iter(view.items)
    sample = list(islice(items, _SAMPLE_ROWS))
    columns = view.columns or tuple(_guessed_columns(sample))
    columns = tuple(column for column in columns if column.priority is not None)
    if not sample or not columns:
        if view.empty and not quiet:
            console.print()
            console.print(_indented(plain(view.empty)))
        return []
    rows = [_texts(item, columns, people) for item in sample]
    natural = _natural_widths(columns, rows)
    least = _least_widths(columns, rows, natural)
    widths = _fit(columns, natural, least, console.width - _GAP)
    shown = [index for index, width in enumerate(widths) if width]
    if not quiet:
        console.print()
    _print_chunk(console, columns, widths, rows, header=True)
    while chunk := list(islice(items, _CHUNK_ROWS)):
        texts = [_texts(item, columns, people) for item in chunk]
        _print_chunk(console, columns, widths, texts, header=False)
    return [column.title for index, column in enumerate(columns) if index not in shown]


def _guessed_columns(sample: Sequence[Item]) -> Iterator[Column]:
    for key in sample[0] if sample else ():
        yield Column(key, key.replace("_", " "))


def _texts(item: Item, columns: Iterable[Column], people: People) -> list[str]:
    return [_text(item.get(column.key), column, people) for column in columns]


def _text(cell: Cell, column: Column, people: People) -> str:
    text = people.cell(cell, grouped=column.kind is Kind.NUMBER)
    if len(text) > _MAX_CELL_CHARACTERS:
        return text[:_MAX_CELL_CHARACTERS] + " [cut]"
    return text


def _natural_widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    widths = []
    for index, column in enumerate(columns):
        widest = max(cell_len(row[index]) for row in rows)
        limit = column.max_width if column.kind is Kind.TEXT else widest
        widths.append(max(min(widest, limit), cell_len(column.title), 1))
    return widths


def _least_widths(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], natural: Sequence[int]
) -> list[int]:
    """Below these something would break in the middle: a number, an id, a word."""
    widths = []
    for index, (column, width) in enumerate(zip(columns, natural, strict=True)):
        if column.kind is Kind.TEXT:
            words = [*column.title.split(), *(word for row in rows for word in row[index].split())]
            lengths = (cell_len(word) for word in words)
            longest = max((size for size in lengths if size <= _MAX_UNBROKEN), default=1)
            widths.append(min(width, max(column.min_width, longest)))
        else:
            widths.append(width)
    return widths


def _fit(
    columns: Sequence[Column], natural: Sequence[int], least: Sequence[int], room: int
) -> list[int]:
    """The width of every column, 0 for those left out."""
    kept = set(range(len(columns)))

    def taken(widths: Sequence[int]) -> int:
        return sum(widths[index] for index in kept) + _GAP * max(len(kept) - 1, 0)

    by_importance = sorted(kept, key=lambda index: (columns[index].priority or 0, index))
    while taken(least) > room and by_importance and columns[by_importance[-1]].priority:
        kept.discard(by_importance.pop())
    widths = [width if index in kept else 0 for index, width in enumerate(natural)]
    # Rather break a word of a sentence than a column of ids.
    sentences = [1 if whole > word else word for whole, word in zip(natural, least, strict=True)]
    for floor in (least, sentences, [1] * len(columns)):
        while taken(widths) > room:
            shrinkable = [index for index in kept if widths[index] > floor[index]]
            if not shrinkable:
                break
            widest = max(shrinkable, key=lambda index: widths[index])
            widths[widest] -= 1
    return widths


def _print_chunk(
    console: Console,
    columns: Sequence[Column],
    widths: Sequence[int],
    rows: Iterable[Sequence[str]],
    *,
    header: bool,
) -> None:
    table = Table(
        box=(_ASCII_RULE if console.options.ascii_only else box.SIMPLE_HEAD) if header else None,
        show_header=header,
        show_edge=False,
        pad_edge=False,
        padding=(0, _GAP - 1 if header else _GAP, 0, 0),  # the box adds one
        header_style="bold",
    )
    shown = [index for index, width in enumerate(widths) if width]
    for index in shown:
        column = columns[index]
        right = column.kind in (Kind.NUMBER, Kind.MONEY)
        table.add_column(
            plain(column.title),
            width=widths[index],
            justify="right" if right else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(plain(row[index], _style(columns[index], row[index])) for index in shown))
    console.print(_indented(table))


def _style(column: Column, text: str) -> str:
    if isinstance(column.style, Mapping):
        return column.style.get(text, "")
    return column.style
