"""What went wrong, for a person on stderr and for a program as the JSON envelope."""

import os
import shutil
import textwrap
from dataclasses import dataclass
from typing import Any, TextIO

from stakactl.errors import ExitCode, ImportRejected, StakactlError
from stakactl.output.stream import OutputFailed
from stakactl.output.text import clean


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
        details = error.problems if isinstance(error, ImportRejected) else ()
        stdout_failed = isinstance(error, OutputFailed)
        return cls(error.code, error.message, error.hint, error.exit_code, details, stdout_failed)

    def as_json(self) -> dict[str, Any]:
        """`problems` is there only when there are any."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "hint": self.hint}
        return error | ({"problems": list(self.details)} if self.details else {})


def write_problem(problem: Problem, stream: TextIO) -> None:
    """`Error: …`, what is wrong line by line, `Hint: …`."""
    message, *lines = problem.message.split("\n")
    write_labelled(stream, "Error", message, "1;31")
    for line in (*map(str.strip, lines), *problem.details):
        stream.write(f"  {clean(line)}\n")
    if problem.hint:
        write_labelled(stream, "Hint", problem.hint, "1;36")
    stream.flush()


def write_labelled(stream: TextIO, label: str, text: str, colour: str) -> None:
    """One message; wrapped on a terminal only, because logs are searched by line. Commands and
    addresses in it stay in one piece, so that they can be copied."""
    line = f"{label}: {clean(text)}"
    if stream.isatty():
        width = shutil.get_terminal_size((80, 24)).columns
        line = textwrap.fill(
            line,
            max(width - 1, 40),
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        if not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
            line = f"\x1b[{colour}m{label}:\x1b[0m" + line[len(label) + 1 :]
    stream.write(line + "\n")
