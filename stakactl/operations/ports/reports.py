"""The reports that are kept of nightly runs."""

from typing import Protocol


class ReportArchive(Protocol):
    def read(self, name: str) -> bytes | None:
        """A kept report; None where there is none. Raises DiskError where it cannot be read."""
