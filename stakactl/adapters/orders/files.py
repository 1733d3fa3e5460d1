"""A file of orders: checked as a whole, with every problem of it.

Nothing of a bad file may be taken, and a file may be larger than memory. So it is checked to its
end first, and read again when its orders are taken.
"""

import json
import shutil
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from functools import partial
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from stakactl.adapters.orders.fields import shown
from stakactl.adapters.orders.parsing import COLUMNS, parse_order
from stakactl.adapters.orders.readers import (
    Row,
    Unreadable,
    csv_rows,
    json_rows,
    look_ahead,
    ndjson_rows,
    unknown_name,
)
from stakactl.domain.orders import Order
from stakactl.errors import ImportRejected, UsageError

MAX_SHOWN = 50
MAX_KEPT = 10_000
MAX_ORDERS_KEPT = 20_000
MAX_PIPE_IN_MEMORY_BYTES = 16 * 1024 * 1024


class FileFormat(StrEnum):
    AUTO = "auto"
    CSV = "csv"
    JSON = "json"
    NDJSON = "ndjson"


_READERS = {FileFormat.CSV: csv_rows, FileFormat.JSON: json_rows, FileFormat.NDJSON: ndjson_rows}
_SUFFIXES = {
    ".csv": FileFormat.CSV,
    ".json": FileFormat.JSON,
    ".ndjson": FileFormat.NDJSON,
    ".jsonl": FileFormat.NDJSON,
}


class OrderFile:
    """A checked file. `orders` may be taken again, but not twice at once; `problems` is complete.

    Few orders are kept from the check; of more, the file is read again whenever they are taken,
    so that memory stays flat.
    """

    def __init__(self, read: "Callable[[], _Pass]") -> None:
        self._read = read
        self._kept: list[Order] | None = []
        checked = read()
        for order in checked.orders():
            if self._kept is not None:
                self._kept.append(order)
                if len(self._kept) > MAX_ORDERS_KEPT:
                    self._kept = None
        self.problems = checked.problems
        self.problem_count = checked.problem_count

    @property
    def orders(self) -> Iterator[Order]:
        """The good orders, in the order of the file. Raises ImportRejected at the end when the
        file was changed since the check and is bad now."""
        return iter(self._kept) if self._kept is not None else self._read().orders()


class _Pass:
    """One reading of a file."""

    def __init__(
        self,
        source: "Path | _Spool",
        name: str,
        file_format: FileFormat,
        skip_bad: bool,
    ) -> None:
        self.name = name
        self.problem_count = 0
        self._source = source
        self._format = file_format
        self._skip_bad = skip_bad
        self._kept: list[str] = []
        self._first_lines: dict[str, int] = {}
        self._unknown: set[str] = set()

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, with file and line, in the order of the file; the first 10,000."""
        return tuple(self._kept)

    def _report(self, line: int, what: str) -> None:
        self.problem_count += 1
        if len(self._kept) < MAX_KEPT:
            self._kept.append(f"{self.name}:{line}: {what}")

    def orders(self) -> Iterator[Order]:
        """Good orders; once a row is bad, only with skip_bad. Raises ImportRejected at the end."""
        readable = True
        with _lines(self._source, self.name) as all_lines:
            file_format, lines = _detect(all_lines, self._format)
            try:
                for line, row in _READERS[file_format](lines, self._report):
                    order = self._order(line, row, file_format)
                    if order is not None and (self._skip_bad or not self.problem_count):
                        yield order
            except Unreadable as error:
                readable = False
                self._report(error.line, error.reason)
        if self.problem_count and not (self._skip_bad and readable):
            raise self._rejected(readable)

    def _order(self, line: int, row: Row, file_format: FileFormat) -> Order | None:
        is_csv = file_format is FileFormat.CSV
        if not is_csv:
            self._check_names(line, row)
        problems: list[str] = []
        order = parse_order(row, problems, "column" if is_csv else "field")
        for problem in problems:
            self._report(line, problem)
        if order is None:
            return None
        first = self._first_lines.setdefault(order.order_id, line)
        if first != line:
            self._report(line, f"order_id {shown(order.order_id)} stands on line {first} already")
            return None
        return order

    def _check_names(self, line: int, row: Row) -> None:
        """Names of JSON objects; each unknown one is reported once."""
        for name in row:
            if name not in COLUMNS and name != "lines" and name not in self._unknown:
                self._unknown.add(name)
                self._report(line, unknown_name(name, (*COLUMNS, "lines")))

    def _rejected(self, readable: bool) -> ImportRejected:
        count = self.problem_count
        what = "1 problem" if count == 1 else f"{count} problems"
        more = [f"… and {count - MAX_SHOWN} more"] if count > MAX_SHOWN else []
        message = "\n  ".join(
            [f"{self.name}: {what}, nothing was imported:", *self._kept[:MAX_SHOWN], *more]
        )
        hint = "correct the file"
        if readable:
            hint += ", or take its good rows only with --skip-bad"
        return ImportRejected(message, self.problems, hint=hint)


class _Spool:
    """What a pipe holds, so that it can be read twice: in memory, or in a file without a name."""

    def __init__(self, pipe: Path | BinaryIO, name: str) -> None:
        self.file = SpooledTemporaryFile(max_size=MAX_PIPE_IN_MEMORY_BYTES)  # noqa: SIM115
        weakref.finalize(self, self.file.close)
        try:
            with pipe.open("rb") if isinstance(pipe, Path) else nullcontext(pipe) as stream:
                shutil.copyfileobj(stream, self.file)
        except OSError as error:
            raise UsageError(f"{name} cannot be read: {error.strerror}") from error


def read_orders(
    source: Path | BinaryIO,
    file_format: FileFormat | str = FileFormat.AUTO,
    *,
    skip_bad: bool = False,
    name: str | None = None,
) -> OrderFile:
    """The checked orders of a file, of standard input (`-`) or of a binary stream.

    `name` is what messages call it. `auto` goes by the ending of the file, else by its beginning.
    With `skip_bad` bad rows are only listed. Raises ImportRejected with every problem of a bad
    file, UsageError when there is no such file.
    """
    if file_format not in {*FileFormat}:
        raise UsageError(
            f"{shown(file_format)} is no format of orders",
            hint=f"the formats are {', '.join(FileFormat)}",
        )
    wanted = FileFormat(file_format)
    if source == Path("-"):
        source = sys.stdin.buffer
    if isinstance(source, Path):
        name = name or source.name
        if not source.exists():
            raise UsageError(f"there is no file {source}", hint="use - to read standard input")
        if source.is_dir():
            raise UsageError(
                f"{source} is a folder, not a file of orders", hint="name the file inside it"
            )
        if wanted is FileFormat.AUTO:
            wanted = _SUFFIXES.get(source.suffix.lower(), FileFormat.AUTO)
    name = name or "standard input"
    again = source if isinstance(source, Path) and source.is_file() else _Spool(source, name)
    return OrderFile(partial(_Pass, again, name, wanted, skip_bad))


@contextmanager
def _lines(source: "Path | _Spool", name: str) -> Iterator[Iterable[bytes]]:
    if isinstance(source, _Spool):
        source.file.seek(0)
        yield source.file
        return
    try:
        with source.open("rb") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error


def _detect(lines: Iterable[bytes], wanted: FileFormat) -> tuple[FileFormat, Iterable[bytes]]:
    """The format, by the first line that is not blank when it is not known, and all the lines."""
    if wanted is not FileFormat.AUTO:
        return wanted, lines
    first, all_lines = look_ahead(lines, b"")
    text = first.removeprefix(b"\xef\xbb\xbf").strip()
    found = FileFormat.CSV
    if text.startswith(b"["):
        found = FileFormat.JSON
    elif text.startswith(b"{"):
        found = FileFormat.NDJSON if _is_order(text) else FileFormat.JSON
    return found, all_lines


def _is_order(line: bytes) -> bool:
    """Whether a line is a whole object other than {"orders": […]}."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "orders" not in value
