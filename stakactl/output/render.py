"""The one way out for a View."""

import os
from collections.abc import Callable
from enum import StrEnum
from typing import TextIO

from stakactl.output.formats import People
from stakactl.output.stream import Sink
from stakactl.output.view import View

#: Writes a View in a format of its own (junit, prometheus …).
Writer = Callable[[View, Sink], None]


class Output(StrEnum):
    """The formats that every command has."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def render(
    view: View,
    output: str,
    stream: TextIO,
    *,
    people: People | None = None,
    quiet: bool = False,
    verbose: bool = False,
    writers: dict[str, Writer] | None = None,
) -> None:
    """Write `view` to `stream`. `writers` holds the formats that only one command has.

    Raises OutputClosed when the reader has gone and DiskError when the disk is full.
    """
    sink = Sink(stream)
    if writers and output in writers:
        writers[output](view, sink)
    elif output == Output.JSON:
        from stakactl.output.jsonfmt import write_json

        write_json(view, sink)
    elif output == Output.CSV:
        from stakactl.output.csvfmt import write_csv

        write_csv(view, sink)
    else:
        from stakactl.output.tables import write_table

        people = people or People.from_environment(os.environ, view.zone)
        write_table(view, sink, people, quiet=quiet, verbose=verbose)
    sink.flush()
