"""Files in places that a person named: asked for first, then there whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from stakactl.adapters.storage import files
from stakactl.errors import DiskError, Refused, UsageError


def require_place(path: Path, *, overwrite: bool) -> None:
    """Told before the work and not after it. Raises Refused where a file exists that may not be
    overwritten, UsageError where none could be."""
    if not path.parent.is_dir():
        raise UsageError(f"there is no folder {path.parent}", hint="make it first")
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file in it")
    if not overwrite and (path.exists() or path.is_symlink()):
        raise _exists(path)


@contextmanager
def named_file(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A file to write, in its place when the block ends without an error."""
    with translated(path):
        try:
            with files.writing(path, overwrite=overwrite) as file:
                yield file
        except FileExistsError:
            raise _exists(path) from None


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """The file system's errors as DiskError."""
    try:
        yield
    except OSError as error:
        message, hint = files.explain(error, "write", path)
        raise DiskError(message, hint=hint) from error


def _exists(path: Path) -> Refused:
    return Refused(f"{path} exists already", hint="name another file, or add --force")
