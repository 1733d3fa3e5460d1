"""A mail server in a process of its own that takes everything and keeps nothing.

with MailServer() as server: … server.port …
"""

import multiprocessing
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from tests.adapters.mail.smtp_servers import Recorder, smtp_server


class _Taker(Recorder):
    def __init__(self) -> None:
        super().__init__()
        self.taken = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken += 1
        return "250 2.0.0 OK"


class MailServer:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._process.start()
        self.port = self._connection.recv()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.send("stop")
        self._process.join()

    def taken(self) -> int:
        """Mails so far."""
        self._connection.send("taken")
        return int(self._connection.recv())


def _serve(connection: Connection) -> None:
    with smtp_server(recorder=_Taker()) as (handler, port):
        connection.send(port)
        while connection.recv() != "stop":
            connection.send(handler.taken if isinstance(handler, _Taker) else 0)
