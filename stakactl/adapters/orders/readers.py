"""CSV, JSON and NDJSON → rows, each with the line of the file on which it begins.

Readers take the file as lines of bytes, so that a bad character is reported with its line, and
yield `(line, row)`. What is wrong with a part of the file goes to the log; `Unreadable` says that
the rest cannot be read.
"""

import csv
import difflib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import AnyStr, NoReturn

from stakactl.adapters.orders.fields import clean, shown
from stakactl.adapters.orders.parsing import COLUMNS, REQUIRED

Row = Mapping[str, object]
#: Called with a line and what is wrong there.
Report = Callable[[int, str], None]

_SPACE = re.compile(r"[ \t\r\n]*")


class Unreadable(Exception):
    """The file cannot be read from `line` on."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """The lines as text. Raises Unreadable for anything but UTF-8 (with or without BOM)."""
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Unreadable(1, "is UTF-16, not UTF-8; hint: save the file as UTF-8")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise Unreadable(
                number,
                "is not UTF-8; hint: save the file as UTF-8 (Excel: CSV UTF-8), or convert it: "
                "iconv -f WINDOWS-1252 -t UTF-8",
            ) from None


def look_ahead(lines: Iterable[AnyStr], nothing: AnyStr) -> tuple[AnyStr, Iterator[AnyStr]]:
    """The first line that is not blank (`nothing` when there is none), and all the lines."""
    rest = iter(lines)
    head: list[AnyStr] = []
    for line in rest:
        head.append(line)
        if line.strip():
            return line, itertools.chain(head, rest)
    return nothing, iter(head)


def unknown_name(name: str, known: Iterable[str] = COLUMNS) -> str:
    """What to say of a name that no column has."""
    known = list(known)
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    close = difflib.get_close_matches(snake, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"the names are {', '.join(known)}"
    return f"unknown column {shown(name)}; hint: {hint}"


def csv_rows(lines: Iterable[bytes], report: Report) -> Iterator[tuple[int, Row]]:
    """Rows of a CSV file with a header, separated by `,` or `;`."""
    header, text = look_ahead(decoded(lines), "")
    delimiter = max(",;", key=lambda mark: len(_known(header, mark)))
    reader = csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=True)
    columns: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            if columns is None:
                _header([], report)
            return
        except csv.Error as error:
            if columns is None:
                raise Unreadable(line, f"the header is malformed: {error}") from None
            report(line, f"malformed CSV: {error}; hint: write a quote inside quotes twice")
            continue
        if columns is None:
            columns = _header(cells, report, line) if any(cells) else None
        elif len(cells) == len(columns):
            if any(cells):
                yield line, dict(zip(columns, cells, strict=True))
        elif any(cells):
            report(line, f"has {len(cells)} cells, the header has {len(columns)}")


def _known(header: str, delimiter: str) -> set[str]:
    return {_column(name) for name in header.replace('"', "").split(delimiter)} & {*COLUMNS}


def _column(name: str) -> str:
    return clean(name).lower()


def _header(cells: list[str], report: Report, line: int = 1) -> list[str]:
    """The names of the columns; raises Unreadable when no row could be good."""
    columns = [_column(cell) for cell in cells]
    if any(cells) and not {*columns} & {*COLUMNS}:
        raise Unreadable(
            line,
            f"the header lacks {', '.join(REQUIRED)}; hint: the first line names the columns, "
            "separated by , or ;",
        )
    for name, written in zip(columns, cells, strict=True):
        if name == "lines":
            report(line, 'unknown column "lines"; hint: lines need JSON or NDJSON')
        elif name not in COLUMNS:
            report(line, unknown_name(clean(written)))
    twice = sorted({name for name in columns if columns.count(name) > 1 and name in COLUMNS})
    if twice:
        raise Unreadable(line, f"the header names {', '.join(twice)} more than once")
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise Unreadable(
            line,
            f"the header lacks {', '.join(missing)}; hint: the first line names the columns, "
            "separated by , or ;",
        )
    return columns


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{shown(twice)} stands twice in one object")
    return row


_DECODER = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_refuse_constant, object_pairs_hook=_object
)


def _decode(text: str, position: int = 0) -> tuple[object, int]:
    """The JSON value at `position` and where it ends. Raises ValueError."""
    try:
        return _DECODER.raw_decode(text, position)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except InvalidOperation:
        raise ValueError("it holds a number beyond all bounds") from None


def _reason(error: ValueError) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def ndjson_rows(lines: Iterable[bytes], report: Report) -> Iterator[tuple[int, Row]]:
    """Rows of a file with one JSON object per line."""
    for number, line in enumerate(decoded(lines), 1):
        text = line.strip()
        if not text:
            continue
        try:
            value, end = _decode(text)
        except ValueError as error:
            report(number, f"malformed JSON: {_reason(error)}")
            continue
        if end != len(text):
            report(number, "holds more than one JSON object")
        elif isinstance(value, dict):
            yield number, value
        else:
            report(number, "is not a JSON object")


def json_rows(lines: Iterable[bytes], report: Report) -> Iterator[tuple[int, Row]]:
    """Objects of a JSON array, or of the array "orders" of an object."""
    text = "".join(decoded(lines))
    line, counted = 1, 0
    for position, value in _Document(text).items():
        line += text.count("\n", counted, position)
        counted = position
        if isinstance(value, dict):
            yield line, value
        else:
            report(line, "is not a JSON object")


def json_object(lines: Iterable[bytes]) -> Row:
    """The one object of a file. Raises Unreadable."""
    text = "".join(decoded(lines))
    try:
        value, end = _decode(text, len(text) - len(text.lstrip()))
    except ValueError as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else 0
        line = text.count("\n", 0, at) + 1
        raise Unreadable(line, f"malformed JSON: {_reason(error)}") from None
    if not isinstance(value, dict) or text[end:].strip():
        raise Unreadable(1, "is not one JSON object")
    return value


class _Document:
    """A JSON text, walked item by item so that each is known by its line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def items(self) -> Iterator[tuple[int, object]]:
        """Position and value of each order."""
        opening = self._next()
        if opening == "[":
            yield from self._array()
        elif opening == "{":
            yield from self._wrapper()
        else:
            self._fail('malformed JSON: expected [ or {"orders": […]}')
        if self._next():
            self._fail("malformed JSON: something follows the end")

    def _wrapper(self) -> Iterator[tuple[int, object]]:
        self._at += 1
        found = False
        while True:
            if self._next() != '"':
                self._fail("malformed JSON: expected a name in quotes")
            name = self._value()
            self._expect(":")
            if name == "orders" and not found and self._next() == "[":
                found = True
                yield from self._array()
            else:
                self._value()
            if self._next() == "}":
                break
            self._expect(",")
        if not found:
            self._fail('there is no array "orders"')
        self._at += 1

    def _array(self) -> Iterator[tuple[int, object]]:
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return
        while True:
            self._next()
            position = self._at
            yield position, self._value()
            if self._next() == "]":
                self._at += 1
                return
            self._expect(",")

    def _next(self) -> str:
        """The next character that is no space; "" at the end."""
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._text[self._at : self._at + 1]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            self._fail(f"malformed JSON: expected {mark}")
        self._at += 1

    def _value(self) -> object:
        self._next()
        try:
            value, self._at = _decode(self._text, self._at)
        except ValueError as error:
            self._at = error.pos if isinstance(error, json.JSONDecodeError) else self._at
            self._fail(f"malformed JSON: {_reason(error)}")
        return value

    def _fail(self, reason: str) -> NoReturn:
        raise Unreadable(self._text.count("\n", 0, self._at) + 1, reason)
