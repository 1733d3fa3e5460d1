"""PDFs in a local folder, for small companies, tests and the demo."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stakactl.adapters.storage import files
from stakactl.adapters.storage.keys import check_key
from stakactl.errors import StorageConflict, StorageError


class FolderInvoiceStore:
    """An InvoiceStore below `root`; the object key is the relative path."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_if_absent(self, key: str, pdf: bytes) -> None:
        path = self._path(key)
        with _translated("store", path):
            files.make_folder(path.parent)
            if files.create(path, pdf) or files.read(path) == pdf:
                return
        raise StorageConflict(
            f"{path} holds other bytes than the PDF to be stored; nothing was overwritten",
            hint="compare the file with the invoice; move it away if it is not the invoice's",
        )

    def get(self, key: str) -> bytes | None:
        path = self._path(key)
        with _translated("read", path):
            return files.read(path)

    def location(self, key: str) -> str:
        return str(self._root.joinpath(*check_key(key)))

    def _path(self, key: str) -> Path:
        path = self._root.joinpath(*check_key(key))
        with _translated("find", path):
            inside = path.parent.resolve().is_relative_to(self._root.resolve())
        if not inside:
            raise StorageError(
                f"{path} leads out of {self._root}",
                hint="a symbolic link is in the way: remove it",
            )
        return path


@contextmanager
def _translated(doing: str, path: Path) -> Iterator[None]:
    """The only translator of the file system's errors into StorageError."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # RuntimeError: pathlib, on a loop of links
        if not isinstance(error, OSError):
            error = OSError(str(error))
        message, hint = files.explain(error, doing, path)
        raise StorageError(message, hint=hint) from error
