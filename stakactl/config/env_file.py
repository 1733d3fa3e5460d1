"""The `.env` file: read strictly, with the line of every value; written once, for its owner only.

Values are taken as they stand: `$` is not expanded, because passwords hold it.
"""

import contextlib
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from stakactl.config.problems import Problem
from stakactl.errors import ConfigurationError, DiskError, Refused

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class EnvFile:
    """What a file says: the first entry of each name, and the lines that are wrong."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def parse_env(text: str, label: str) -> EnvFile:
    """Read the text of a `.env` file; `label` is how messages call it."""
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for binding in parse_stream(io.StringIO(text, newline="")):
        if binding.key is None and not binding.error:
            continue  # comments and blank lines
        line = _line_of(binding)
        # What stands on a malformed line is not repeated: it may be half a secret.
        if binding.error or not _NAME.fullmatch(binding.key or "") or binding.value is None:
            problems.append(
                Problem(f"line {line}", f"{label}:{line}", "is not NAME=value", _hint(binding))
            )
        elif binding.key in entries:
            first = entries[binding.key].line
            problems.append(
                Problem(
                    binding.key,
                    f"{label}:{line}",
                    f"stands on line {first} already",
                    "keep one of the two lines",
                )
            )
        elif binding.key is not None:
            entries[binding.key] = Entry(binding.key, binding.value, line)
    return EnvFile(tuple(entries.values()), tuple(problems))


def _line_of(binding: Binding) -> int:
    """The line of the name itself; python-dotenv counts the blank lines before it in."""
    text = binding.original.string
    leading = text[: len(text) - len(text.lstrip())]
    return binding.original.line + len(re.findall(r"\r\n|\n|\r", leading))


def _hint(binding: Binding) -> str:
    text = binding.original.string
    if text.count('"') % 2 or text.count("'") % 2 or "\n" in text.strip():
        return "close the quotes, or put a value that holds a quote in the other kind of quotes"
    return "write one NAME=value per line, # before comments"


def read_env_file(path: Path) -> EnvFile:
    """Read `path`. Raises ConfigurationError when there is no file that can be read as text."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no settings file {path}",
            hint="check --env-file, or write one with `stakactl init`",
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"{path}:{line}: is not UTF-8", hint="save the file with UTF-8 encoding"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"the settings file {path} cannot be read: {error.strerror}",
            hint=f"check what {path} is and who may read it",
        ) from None
    return parse_env(text, str(path))


def quoted(value: str) -> str:
    """The value as a `.env` file writes it, so that reading gives it back exactly."""
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def write_env_file(path: Path, text: str) -> None:
    """Write a new file for its owner only (0600), durable before it returns.

    Raises Refused when something is there already, DiskError when it cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(
            f"{path} exists already; nothing was written",
            hint="edit it, or move it away first",
        ) from None
    except OSError as error:
        raise DiskError(f"{path} cannot be written: {error.strerror}") from error
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            os.chmod(path, 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise DiskError(f"{path} cannot be written: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make durable which files the folder holds."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
