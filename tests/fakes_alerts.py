"""Fakes of what alerts look at and tell: a machine with room, a chat that keeps what it gets."""

from decimal import Decimal

from stakactl.domain.alerts import Words
from stakactl.errors import DiskError, WebhookError
from stakactl.operations.ports.alerts import Usage


class FakeMachine:
    """`used_disk` and `used_memory` in percent; `failure` is raised while it is set."""

    def __init__(self) -> None:
        self.used_disk = Decimal(40)
        self.used_memory: Decimal | None = Decimal(50)
        self.failure: DiskError | None = None

    def disk(self) -> Usage:
        if self.failure is not None:
            raise self.failure
        return Usage(self.used_disk, Words("60 GiB free at /home", "60 Gio libres sur /home"))

    def memory(self) -> Usage | None:
        return (
            None
            if self.used_memory is None
            else Usage(self.used_memory, Words("of 8 GiB", "de 8 Gio"))
        )


class FakeChat:
    """`failure` is raised while it is set; `posted` is what arrived."""

    host = "chat.example"

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.failure: WebhookError | None = None

    def post(self, text: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.posted.append(text)
