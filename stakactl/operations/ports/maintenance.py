"""The maintenance flag: what the store decides, and the copy that the application reads."""

from datetime import timedelta
from typing import Protocol

from stakactl.domain.maintenance import Maintenance


class MaintenanceFlag(Protocol):
    def last(self) -> Maintenance | None:
        """The flag as it was raised last and not taken down since; it may have run out."""

    def swap(self, seen: Maintenance | None, flag: Maintenance | None) -> bool:
        """Replace what `last` gave by another, or by none; False where somebody was first."""


class MaintenanceCopy(Protocol):
    """Where the application looks. Raises CopyError where it cannot be reached."""

    def announce(self, lasts: timedelta | None) -> None:
        """Put it there, for a while or until it is withdrawn."""

    def withdraw(self) -> None: ...

    def is_announced(self) -> bool: ...
