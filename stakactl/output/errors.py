"""What went wrong, for a person on stderr and for a program as the JSON envelope."""

import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import Any, TextIO

from stakactl.errors import ExitCode, ImportRejected, StakactlError
from stakactl.output.stream import OutputFailed
from stakactl.output.text import clean

_MAX_DETAILS = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is shown; `details` are single bad rows of a file."""

    code: str
    message: str
    hint: str | None
    exit_code: ExitCode
    details: tuple[str, ...] = ()
    stdout_failed: bool = False

    @classmethod
    def of(cls, error: StakactlError) -> "Problem":
        message = error.message
        details: tuple[str, ...] = ()
        if isinstance(error, ImportRejected):  # its message repeats the first of its problems
            message, details = message.partition("\n")[0], error.problems
        stdout_failed = isinstance(error, OutputFailed)
        return cls(error.code, message, error.hint, error.exit_code, details, stdout_failed)

    def as_json(self) -> dict[str, Any]:
        """`problems` is there only when there are any."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "hint": self.hint}
        return error | ({"problems": list(self.details)} if self.details else {})


def write_problem(problem: Problem, stream: TextIO) -> None:
    """`Error: …`, what is wrong line by line, `Hint: …`."""
    message, *lines = problem.message.split("\n")
    write_labelled(stream, "Error", message, "1;31")
    lines += problem.details[:_MAX_DETAILS]
    if len(problem.details) > _MAX_DETAILS:
        lines.append(f"… and {len(problem.details) - _MAX_DETAILS} more (all with -o json)")
    for line in lines:
        stream.write(_wrapped(f"  {clean(line.strip())}", "    ", stream) + "\n")
    if problem.hint:
        write_labelled(stream, "Hint", problem.hint, "1;36")
    stream.flush()


def write_labelled(stream: TextIO, label: str, text: str, colour: str) -> None:
    """One message; wrapped on a terminal only, because logs are searched by line. Commands and
    addresses in it stay in one piece, so that they can be copied."""
    line = _wrapped(f"{label}: {clean(text)}", "  ", stream)
    coloured = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if stream.isatty() and coloured:
        line = f"\x1b[{colour}m{label}:\x1b[0m" + line[len(label) + 1 :]
    stream.write(line + "\n")


def _wrapped(line: str, indent: str, stream: TextIO) -> str:
    if not stream.isatty():
        return line
    return textwrap.fill(
        line,
        max(shutil.get_terminal_size((80, 24)).columns - 1, 40),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
