"""The folder of the home where rendered PDFs wait until the store has them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stakactl.adapters.storage import files
from stakactl.errors import DiskError

_INVOICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")


class FolderPdfSpool:
    """A PdfSpool below `root`: `<invoice id>.pdf`, on disk before `save` returns."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, invoice_id: str, pdf: bytes) -> None:
        path = self._path(invoice_id)
        with _translated("write", path):
            files.make_folder(self._root)
            files.replace(path, pdf)

    def load(self, invoice_id: str) -> bytes | None:
        path = self._path(invoice_id)
        with _translated("read", path):
            return files.read(path)

    def discard(self, invoice_id: str) -> None:
        path = self._path(invoice_id)
        with _translated("remove", path):
            files.remove(path)

    def waiting(self) -> list[str]:
        with _translated("look into", self._root):
            return sorted(path.stem for path in self._root.glob("[!.]*.pdf"))

    def _path(self, invoice_id: str) -> Path:
        if not _INVOICE_ID.fullmatch(invoice_id):
            raise DiskError(f"not a usable invoice id: {invoice_id[:200]!a}")
        return self._root / f"{invoice_id}.pdf"


@contextmanager
def _translated(doing: str, path: Path) -> Iterator[None]:
    """The only translator of the file system's errors into DiskError."""
    try:
        yield
    except OSError as error:
        message, hint = files.explain(error, doing, path)
        raise DiskError(message, hint=hint) from error
