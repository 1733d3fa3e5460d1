"""Mail servers of the tests: aiosmtpd on a free port, and one that follows a script."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller


class Recorder:
    """A handler of aiosmtpd that keeps what it takes; `rcpt` and `data` override its answers."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.recipients: list[str] = []
        self.logins: list[bytes] = []
        self.connections: set[object] = set()
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self.connections.add(session.peer)
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        if recipient in self.data:
            return self.data[recipient]
        self.recipients += envelope.rcpt_tos
        self.messages.append(envelope.original_content)
        return "250 2.0.0 OK"


class _OnFreePort(Controller):
    """Listens on a socket that is bound already, so that no other process can take the port."""

    def __init__(self, handler: Recorder, listening: socket.socket, **settings: Any) -> None:
        host, port = listening.getsockname()
        super().__init__(handler, hostname=host, port=port, **settings)
        self._listening = listening

    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, sock=self._listening, ssl=self.ssl_context
        )


@contextmanager
def smtp_server(
    recorder: Recorder | None = None, **settings: Any
) -> Iterator[tuple[Recorder, int]]:
    """The handler and the port."""
    recorder = recorder or Recorder()
    listening = socket.create_server(("127.0.0.1", 0))
    controller = _OnFreePort(recorder, listening, server_hostname="mx.test", **settings)
    controller.start()
    try:
        yield recorder, controller.port
    finally:
        controller.stop()


class Line:
    """One connection of a scripted server."""

    def __init__(self, connection: socket.socket, said: list[bytes]) -> None:
        self._file = connection.makefile("rb")
        self._connection = connection
        self._said = said

    def say(self, text: str) -> None:
        self._connection.sendall(text.encode("utf-8", "surrogateescape") + b"\r\n")

    def hear(self) -> bytes:
        line = self._file.readline()
        self._said.append(line.rstrip(b"\r\n"))
        return line

    def hear_content(self) -> bytes:
        lines = []
        while (line := self._file.readline()) not in (b".\r\n", b""):
            lines.append(line)
        return b"".join(lines)

    def answer(self, *texts: str) -> None:
        """Hears a line and says a text, one after the other."""
        for text in texts:
            self.hear()
            self.say(text)

    def wait_for_end(self) -> None:
        while self._file.read(4096):
            pass

    def close(self) -> None:
        self._file.close()
        self._connection.close()


Script = Callable[[Line], None]


class ScriptedSmtp:
    """Each connection is handled by the next script; the last one serves all that follow."""

    def __init__(self, scripts: tuple[Script, ...]) -> None:
        self.said: list[bytes] = []
        self.connections = 0
        self._scripts = scripts
        self._stopping = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    @property
    def port(self) -> int:
        port: int = self._listening.getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        with socket.create_connection(("127.0.0.1", self.port)):
            pass  # wakes accept()
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            if self._stopping:
                connection.close()
                return
            connection.settimeout(5)
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            line = Line(connection, self.said)
            with contextlib.suppress(OSError):
                script(line)
            line.close()


@contextmanager
def scripted_smtp(*scripts: Script) -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp(scripts)
    server.start()
    try:
        yield server
    finally:
        server.stop()
