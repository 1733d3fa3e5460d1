"""Where a new signing secret is put: the `.env` in use, or a file of its own.

Stripe shows it once. So it is said before the secret exists when there is no room for it, and a
file is whole or untouched at every moment: a torn `.env` would take every other secret with it.
"""

import contextlib
import io
import os
import re
import stat
from pathlib import Path

from dotenv.parser import parse_stream

from stakactl.config.env_file import quoted, read_env_file, sync_folder, write_env_file
from stakactl.config.names import ALIASES
from stakactl.errors import DiskError, Refused

SECRET_SETTING = "STRIPE_WEBHOOK_SECRET"  # noqa: S105 - the name of a setting


class EnvFileSecret:
    """STRIPE_WEBHOOK_SECRET in an existing `.env`; everything else in the file stays as it is."""

    def __init__(self, path: Path) -> None:
        # A link stays a link: what it points to is replaced.
        self._path = Path(os.path.realpath(path))

    def require_room(self) -> None:
        read_env_file(self._path)
        if not os.access(self._path.parent, os.W_OK) or not os.access(self._path, os.W_OK):
            raise Refused(
                f"{self._path} cannot be changed, so the signing secret would be lost",
                hint="run it as the owner of the file, or name a new file with --secret-file",
            )

    def keep(self, secret: str) -> str:
        """For the owner only from then on (0600)."""
        text = self._text()
        changed = with_setting(text, SECRET_SETTING, secret)
        mode = stat.S_IMODE(self._path.stat().st_mode)
        if changed != text or mode != 0o600:
            self._replace(changed)
        return f"{SECRET_SETTING} in {self._path}"

    def _text(self) -> str:
        read_env_file(self._path)  # says clearly what is wrong with the file
        return self._path.read_bytes().decode("utf-8")

    def _replace(self, text: str) -> None:
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            before = self._path.stat()
            write_env_file(fresh, text)
            with contextlib.suppress(PermissionError):
                # Run by root, the file stays the application's.
                os.chown(fresh, before.st_uid, before.st_gid)
            os.replace(fresh, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise DiskError(f"{self._path} cannot be written: {error.strerror}") from None
        finally:
            with contextlib.suppress(OSError):
                fresh.unlink(missing_ok=True)


class NewSecretFile:
    """A new file that holds the secret and a line break, for its owner only."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def require_room(self) -> None:
        if self._path.exists() or self._path.is_symlink():
            raise self._taken()
        if not self._path.parent.is_dir() or not os.access(self._path.parent, os.W_OK):
            raise Refused(
                f"{self._path} cannot be written, so the signing secret would be lost",
                hint="name a file in a folder that you may write to",
            )

    def keep(self, secret: str) -> str:
        if self._path.is_file() and self._path.read_bytes().strip() == secret.encode():
            return str(self._path)
        if self._path.exists() or self._path.is_symlink():
            raise self._taken()
        write_env_file(self._path, f"{secret}\n")
        return str(self._path)

    def _taken(self) -> Refused:
        return Refused(
            f"{self._path} exists, and may hold a secret that is in use; it was left as it is",
            hint="name another file with --secret-file",
        )


def with_setting(text: str, name: str, value: str) -> str:
    """The text of a `.env` with one setting changed where it stands, or added at its end."""
    parts, found = list[str](), False
    for binding in parse_stream(io.StringIO(text, newline="")):
        line = binding.original.string
        if binding.key is not None and ALIASES.get(binding.key, binding.key) == name:
            line, found = _with_value(line, value), True
        parts.append(line)
    if found:
        return "".join(parts)
    line_break = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith(("\n", "\r")) else line_break
    return f"{text}{gap}{name}={quoted(value)}{line_break}"


def _with_value(line: str, value: str) -> str:
    """`export NAME = old  # why` with another value."""
    head, _, tail = line.partition("=")
    end = re.search(r"([^\S\r\n]+#[^\r\n]*)?[\r\n]*\Z", tail)
    rest = end[0] if end else ""
    return f"{head.rstrip()}={quoted(value)}{rest}"
