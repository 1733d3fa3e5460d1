"""JSON: exactly one object on the stream, or none.

The envelope says `"outcome"` before the items, so a reader must never see the beginning of an
object whose items then fail. Everything is spooled (memory, then disk) and copied out once it is
complete; when the items raise, nothing was printed and the error envelope can be the one object.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TextIO

from stakactl.domain.money import Money
from stakactl.output.stream import Sink, whole
from stakactl.output.text import escape_json
from stakactl.output.view import View


def write_json(view: View, sink: Sink) -> None:
    head = {
        "command": view.command,
        "run_id": view.run_id,
        "mode": view.mode,
        "outcome": view.outcome,
        "started_at": view.started_at,
        "finished_at": view.finished_at,
        "summary": view.summary,
    }
    dumps = _dumper(ascii_only=not sink.is_utf8)
    with whole(sink) as spool:
        _write_head(spool, head, dumps)
        spool.write('"items": [')
        separator = "\n"
        for item in view.items:
            spool.write(f"{separator}  {dumps(item)}")
            separator = ",\n"
        spool.write("]}\n" if separator == "\n" else "\n]}\n")


def write_error(
    sink: Sink,
    *,
    command: str,
    mode: str | None,
    run_id: str | None,
    started_at: datetime,
    finished_at: datetime,
    error: Mapping[str, Any],
) -> None:
    """The envelope of a command that failed: no items, and what went wrong."""
    head: dict[str, Any] = {
        "command": command,
        "run_id": run_id,
        "mode": mode,
        "outcome": "error",
        "started_at": started_at,
        "finished_at": finished_at,
        "summary": {},
        "items": [],
    }
    dumps = _dumper(ascii_only=not sink.is_utf8)
    with whole(sink) as spool:
        _write_head(spool, head, dumps)
        spool.write(f'"error": {dumps(error)}}}\n')


def _write_head(spool: TextIO, head: Mapping[str, Any], dumps: Any) -> None:
    lines = ",\n ".join(f'"{key}": {dumps(value)}' for key, value in head.items())
    spool.write("{" + lines + ",\n ")


def _dumper(*, ascii_only: bool) -> Any:
    encode = json.JSONEncoder(ensure_ascii=ascii_only, allow_nan=False, default=plain_value).encode
    return lambda value: escape_json(encode(value))


def plain_value(cell: object) -> object:
    """What `json` does not know: amounts, times, decimals, mappings."""
    match cell:
        case Money():
            return {"minor": cell.minor, "currency": cell.currency}
        case datetime():
            return iso(cell)
        case date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f")
        case Mapping():
            return dict(cell)
        case Sequence() if not isinstance(cell, bytes | bytearray):
            return list(cell)
    raise TypeError(f"not a cell: {cell!r}")


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with Z. Naive datetimes are a bug."""
    if moment.tzinfo is None:
        raise ValueError(f"a datetime without zone: {moment!r}")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
