"""Reports of nightly runs, kept as files under `reports/` in the home."""

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from stakactl.adapters.storage import files
from stakactl.errors import DiskError


class ReportFolder:
    """A ReportArchive: files below `root`, only for their owner to read: they name customers."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, name: str, write: Callable[[TextIO], object]) -> Path:
        """Let `write` fill a report and return where it is. Raises DiskError."""
        path = self._root / name
        try:
            files.make_folder(self._root)
            with files.replacing(path) as file:
                write(file)
        except OSError as error:
            message, hint = files.explain(error, "write", path)
            raise DiskError(message, hint=hint) from error
        return path

    def read(self, name: str) -> bytes | None:
        path = self._root / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            message, hint = files.explain(error, "read", path)
            raise DiskError(message, hint=hint) from error
