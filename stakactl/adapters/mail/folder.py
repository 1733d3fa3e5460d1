"""Mails as .eml files in a folder: what the demo and a company without SMTP use."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from stakactl.adapters.mail.message import safe_filename, to_bytes, wire_message_id
from stakactl.adapters.storage import files
from stakactl.domain.mail import Letter
from stakactl.errors import MailError
from stakactl.operations.ports.mail import nothing


class FolderMailer:
    """A Mailer whose file names follow from the Message-ID: a mail that is there was sent.

    Sending it again changes nothing.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def prepare(self, letter: Letter) -> None:
        """A file is written at once."""

    def send(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> None:
        content = to_bytes(letter)
        path = self._path(letter.message_id)
        with _translated("write", path):
            files.make_folder(self._root)
            files.create(path, content)

    def was_delivered(self, message_id: str) -> bool:
        path = self._path(message_id)
        with _translated("look for", path):
            return path.is_file()

    def close(self) -> None:
        """Nothing is open."""

    def _path(self, message_id: str) -> Path:
        wire_id = wire_message_id(message_id)
        readable = safe_filename(wire_id.partition("@")[0])[:60]
        digest = hashlib.sha256(wire_id.encode()).hexdigest()[:16]
        return self._root / f"{readable}-{digest}.eml"


@contextmanager
def _translated(doing: str, path: Path) -> Iterator[None]:
    """The only translator of the file system's errors into MailError."""
    try:
        yield
    except OSError as error:
        message, hint = files.explain(error, doing, path)
        raise MailError(message, hint=hint) from error
