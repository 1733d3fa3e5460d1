"""Files that a person asked for, in a place that the person named."""

from pathlib import Path

from stakactl.adapters.storage import files
from stakactl.errors import DiskError, Refused


def save_download(path: Path, content: bytes) -> None:
    """Write a new file; the same bytes there already is fine, others are left alone."""
    try:
        if files.create(path, content) or files.read(path) == content:
            return
    except OSError as error:
        message, hint = files.explain(error, "write", path)
        raise DiskError(message, hint=hint) from error
    raise Refused(f"{path} exists with other content", hint="name another file with --out")
