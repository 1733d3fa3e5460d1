"""A server that answers requests one after the other as a script says, faults included."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Reply:
    body: Any = field(default_factory=dict)  # JSON unless it is bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_to: int | None = None  # send so many bytes of the body, then close

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Reset:
    """Break the connection with a TCP reset instead of answering."""


@dataclass(frozen=True)
class Hang:
    """Say nothing until the server is closed; `first` runs when the request is in."""

    first: Callable[[], None] = lambda: None


Step = Reply | Reset | Hang


@dataclass(frozen=True)
class Request:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


def refusal(
    status: int, message: str, headers: dict[str, str] | None = None, **fields: str
) -> Reply:
    error = {"message": message, "type": "invalid_request_error", **fields}
    return Reply({"error": error}, status, headers or {})


def listing(items: list[dict[str, Any]], *, has_more: bool) -> Reply:
    return Reply({"object": "list", "data": items, "has_more": has_more, "url": "/v1/x"})


class ScriptedServer:
    """The last step of the script is repeated for ever."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self._closing = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def do_GET(self) -> None:
                owner._answer(self)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.requests.append(Request(url.path, query, dict(handler.headers)))
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        match step:
            case Reset():
                linger = struct.pack("ii", 1, 0)
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                handler.connection.shutdown(socket.SHUT_RD)
                handler.close_connection = True
                handler.connection.close()
            case Hang(first):
                first()
                self._closing.wait(10)
                handler.close_connection = True
            case Reply():
                self._reply(handler, step)

    def _reply(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        body = reply.bytes()
        handler.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: reply.cut_to])
        if reply.cut_to is not None:
            handler.wfile.flush()
            handler.close_connection = True


class FakeTime:
    """A monotonic clock that only sleeping moves; threads that sleep at once sleep side by side."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        woken = self.now + seconds
        with self._lock:
            self.slept.append(seconds)
            self.now = max(self.now, woken)
