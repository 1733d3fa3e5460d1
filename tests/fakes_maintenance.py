"""The application's copy of the maintenance flag, in memory."""

from datetime import timedelta

from stakactl.errors import CopyError


class FakeMaintenanceCopy:
    """`lasts` is what was announced last; `down` makes it fail as a server that does not answer."""

    def __init__(self) -> None:
        self.announced = False
        self.lasts: timedelta | None = None
        self.down = False

    def announce(self, lasts: timedelta | None) -> None:
        self._answer()
        self.announced, self.lasts = True, lasts

    def withdraw(self) -> None:
        self._answer()
        self.announced = False

    def is_announced(self) -> bool:
        self._answer()
        return self.announced

    def _answer(self) -> None:
        if self.down:
            raise CopyError("no answer")
