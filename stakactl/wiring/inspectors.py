"""The Inspectors: what `config validate` looks through, built on first use.

They take the settings as far as they are good, so that one wrong setting hides nothing else.
"""

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stakactl.config.reading import Reading


class Inspectors:
    """An `Inspection`; `close` releases what was opened. `timeout_seconds` is for one service."""

    def __init__(self, read: "Reading", *, timeout_seconds: float) -> None:
        self._read = read
        self._timeout = timeout_seconds
        self._opened = ExitStack()

    def close(self) -> None:
        self._opened.close()
