"""Writing the result to standard output so that failures there have a meaning.

A reader who has seen enough (`| head`) ends us quietly; a full disk is exit 4. Formats that must
be whole or absent are written to a spool first: its text reaches the stream only once it is
complete.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from stakactl.errors import DiskError

_SPOOL_IN_MEMORY_BYTES = 1 << 20
_SPACES = {0xA0: " ", 0x202F: " "}  # French amounts hold them


class OutputClosed(Exception):
    """Whoever read our output has gone."""


class OutputFailed(DiskError):
    """Standard output itself cannot be written; whatever is said now has to go to stderr."""


class Sink:
    """A text stream for rich, csv and json that translates what goes wrong.

    Characters that the stream's encoding does not know become `?` instead of a crash.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = stream.encoding or "utf-8"
        self.is_utf8 = self.encoding.lower().replace("-", "").startswith("utf")

    def write(self, text: str) -> int:
        if not self.is_utf8:
            text = text.translate(_SPACES).encode(self.encoding, "replace").decode(self.encoding)
        with _translated(self._stream):
            return self._stream.write(text)

    def flush(self) -> None:
        with _translated(self._stream):
            self._stream.flush()

    def isatty(self) -> bool:
        return self._stream.isatty()


@contextmanager
def whole(sink: Sink) -> Iterator[TextIO]:
    """A spool whose text goes to `sink` when the block ends without an error, else nowhere."""
    with tempfile.SpooledTemporaryFile(
        _SPOOL_IN_MEMORY_BYTES, mode="w+", encoding="utf-8", newline=""
    ) as spool:
        yield _Checked(spool)  # type: ignore[misc]
        try:
            spool.seek(0)
        except OSError as error:
            raise _spool_failed(error) from error
        while chunk := spool.read(1 << 16):
            sink.write(chunk)
    sink.flush()


class _Checked:
    """The part of a text file that json and csv write to; a full disk is a DiskError."""

    def __init__(self, spool: "tempfile.SpooledTemporaryFile[str]") -> None:
        self._spool = spool

    def write(self, text: str) -> int:
        try:
            return self._spool.write(text)
        except OSError as error:
            raise _spool_failed(error) from error


def _spool_failed(error: OSError) -> DiskError:
    return DiskError(
        f"The result could not be kept in {tempfile.gettempdir()}: {error.strerror}.",
        hint="Make room there, or point TMPDIR at another folder.",
    )


@contextmanager
def _translated(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        abandon(stream)
        raise OutputClosed from error
    except OSError as error:
        raise output_failed(error, stream) from error


def output_failed(error: OSError, stream: TextIO) -> OutputFailed:
    abandon(stream)
    return OutputFailed(
        f"The result could not be written to standard output: {error.strerror}.",
        hint="Make room where the output goes and run the command again.",
    )


def abandon(stream: TextIO) -> None:
    """Point a broken stream at nothing, or Python fails again when it flushes at exit."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
