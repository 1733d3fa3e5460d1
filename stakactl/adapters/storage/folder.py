"""PDFs in a local folder, for small companies, tests and the demo."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from stakactl.adapters.storage import files
from stakactl.adapters.storage.keys import check_key
from stakactl.errors import StorageConflict, StorageError
from stakactl.operations.ports import SignedLink, StoredObject


class FolderInvoiceStore:
    """An InvoiceStore below `root`; the object key is the relative path."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put_if_absent(self, key: str, pdf: bytes, retain_until: date | None = None) -> None:
        """A file system notes and locks nothing: `retain_until` is for the person."""
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

    def head(self, key: str) -> StoredObject | None:
        path = self._path(key)
        with _translated("look at", path):
            try:
                found = path.lstat()
            except FileNotFoundError:
                return None
        if not stat.S_ISREG(found.st_mode):
            raise StorageError(f"{path} is no file", hint="move it away")
        return _described(key, found)

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """Links, other things that are no files, and names that are no keys of ours are passed
        over."""
        folder, _, _ = prefix.rpartition("/")
        yield from self._below(self._root / folder, f"{folder}/" if folder else "", prefix)

    def _below(self, folder: Path, path: str, prefix: str) -> Iterator[StoredObject]:
        with _translated("look into", folder):
            for name in _names(folder):
                key = path + name
                if not key.startswith(prefix[: len(key)]):
                    continue
                if name.endswith("/"):
                    yield from self._below(folder / name, key, prefix)
                    continue
                try:
                    found = (folder / name).lstat()
                except FileNotFoundError:
                    continue  # removed meanwhile
                yield _described(key, found)

    def older_versions(self, key: str) -> list[str]:
        """A plain folder keeps none."""
        check_key(key)
        return []

    def get_version(self, key: str, version: str) -> bytes | None:
        check_key(key)
        return None

    def supersede(
        self, key: str, pdf: bytes, current: StoredObject, retain_until: date | None = None
    ) -> bool:
        """Never: what lies there would be gone."""
        check_key(key)
        return False

    @property
    def has_classes(self) -> bool:
        return False

    def change_class(self, current: StoredObject, storage_class: str) -> None:
        raise StorageError(
            f"{self.location(current.key)} lies in a folder, which has no storage classes",
            hint="storage classes are S3's",
        )

    def link(self, key: str, seconds: int) -> SignedLink:
        return SignedLink(self.location(key), None)

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


def _described(key: str, found: os.stat_result) -> StoredObject:
    """The time of change (ctime) cannot be set back, other than that of modification."""
    return StoredObject(key, found.st_size, f"{found.st_mtime_ns}-{found.st_ctime_ns}")


def _names(folder: Path) -> list[str]:
    """The files and folders (with a slash) in a folder, as the keys they make are sorted.

    Dots begin what is not ours, half-written files among it.
    """
    try:
        with os.scandir(folder) as entries:
            names = [
                entry.name + ("/" if entry.is_dir(follow_symlinks=False) else "")
                for entry in entries
                if not entry.name.startswith(".")
                and (entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False))
            ]
    except FileNotFoundError:
        return []
    return sorted(names)


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
