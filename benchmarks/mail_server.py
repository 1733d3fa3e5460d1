"""A mail server in a process of its own that takes everything.

    with MailServer(spool=folder) as server: … server.port …

With a spool each mail is on the disk before the server says that it has it, as RFC 5321 wants it of
every server (6.1); without one it keeps nothing, which no real server does.
"""

import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.adapters.mail.smtp_servers import Recorder, smtp_server


class _Taker(Recorder):
    def __init__(self, spool: Path | None) -> None:
        super().__init__()
        self.taken = 0
        self._spool = spool

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken += 1
        if self._spool is not None:
            with (self._spool / str(self.taken)).open("wb") as file:
                file.write(envelope.original_content)
                file.flush()
                os.fsync(file.fileno())
        return "250 2.0.0 OK"


class MailServer:
    def __init__(self, spool: Path | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(spool, other), daemon=True)
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


def _serve(spool: Path | None, connection: Connection) -> None:
    taker = _Taker(spool)
    with smtp_server(recorder=taker) as (_, port):
        connection.send(port)
        while connection.recv() != "stop":
            connection.send(taker.taken)
