"""Files that are there whole or not at all, and stay there after a power cut.

A process that is killed in the middle leaves at most a `.tmp-*` file, which nothing ever reads.
Folders are made 0700, files 0600: they hold personal data.
"""

import errno
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

_HINTS = {
    errno.ENOSPC: "free some disk space and run the command again; nothing is lost",
    errno.EDQUOT: "the quota is used up: free some space and run the command again",
    errno.EROFS: "the file system is mounted read-only",
    errno.EACCES: "let this user write there, or choose another folder",
    errno.EPERM: "the folder must be writable, on a file system with hard links",
    errno.EOPNOTSUPP: "the folder must be on a file system with hard links",
    errno.ENOTDIR: "something that is no folder is in the way",
    errno.ELOOP: "a symbolic link is in the way",
    errno.EIO: "the disk reports errors: look at it before you go on",
}


def explain(error: OSError, doing: str, path: Path) -> tuple[str, str | None]:
    """What to tell a person about `error`: a message and a hint."""
    reason = error.strerror or type(error).__name__
    return f"cannot {doing} {path}: {reason}", _HINTS.get(error.errno or 0)


def create(path: Path, content: bytes) -> bool:
    """Write a new file. False, and nothing changed, when `path` exists already."""
    temporary = _write_temporary(path.parent, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        temporary.unlink()
        _sync_folder(path.parent)
    return True


def replace(path: Path, content: bytes) -> None:
    """Write a file, over an older one if there is one."""
    temporary = _write_temporary(path.parent, content)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink()
        raise
    _sync_folder(path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """A text file to write, which takes the place of an older one when it is whole."""
    with replacing_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        yield text
        text.detach()


@contextmanager
def replacing_bytes(path: Path) -> Iterator[BinaryIO]:
    """The same with bytes, which can be read again before it takes its place."""
    temporary = path.parent / f".tmp-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:  # Ctrl-C too leaves nothing behind
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


@contextmanager
def writing(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A file of any size to write, which takes its place when it is whole. Raises FileExistsError
    where an older one is there then that it may not take the place of."""
    temporary = path.parent / f".tmp-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(path)
        else:
            _place(temporary, path)
    finally:  # Ctrl-C too leaves nothing behind
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _place(temporary: Path, path: Path) -> None:
    """A file on a memory stick or a share may have no hard links; it is looked for and moved."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        temporary.replace(path)


def read(path: Path) -> bytes | None:
    """The content, None when there is no such file. Symbolic links are not followed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def remove(path: Path) -> None:
    """Remove the file; none is fine."""
    path.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make the folder and what is missing above it, each entry durable."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        try:
            new.mkdir(mode=0o700)
        except FileExistsError:
            if not new.is_dir():
                raise NotADirectoryError(
                    errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(new)
                ) from None
        _sync_folder(new.parent)


def _write_temporary(folder: Path, content: bytes) -> Path:
    path = folder / f".tmp-{secrets.token_hex(8)}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # Ctrl-C too leaves nothing behind
        path.unlink(missing_ok=True)
        raise
    return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # file systems that cannot, such as some network shares
            raise
    finally:
        os.close(descriptor)
