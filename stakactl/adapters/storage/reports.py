"""Reports of nightly runs, kept as files under `reports/` in the home."""

from pathlib import Path

from stakactl.adapters.storage import files
from stakactl.errors import DiskError


class ReportFolder:
    """Files below `root`, readable by their owner only: reports name customers' orders."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, name: str, text: str) -> Path:
        """Write a report and return where it is. Raises DiskError."""
        path = self._root / name
        try:
            files.make_folder(self._root)
            files.replace(path, text.encode())
        except OSError as error:
            message, hint = files.explain(error, "write", path)
            raise DiskError(message, hint=hint) from error
        return path
