"""The sockets of the offline Stripe: reads requests, writes answers, breaks connections on demand.

An answer is one `send`: head and body apart would wait 40 ms for the client's delayed
acknowledgement, on every request.
"""

import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, cast
from urllib.parse import urlsplit

from stakactl.demo.offline_stripe import params
from stakactl.demo.offline_stripe.api import Disturbance, Request, Response, StripeApi
from stakactl.demo.offline_stripe.faults import Fault, FaultInjector, Kind
from stakactl.demo.offline_stripe.params import Tree
from stakactl.demo.offline_stripe.refusals import StripeRefusal

_GARBAGE = b"<html><body>502 upstream connect error</body></html>"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MAX_FORM = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """`status` is what was answered, or would have been; None if nothing was executed."""

    method: str
    path: str
    params: Tree
    headers: dict[str, str]  # names in lower case
    status: int | None
    fault: Kind | None = None


class StripeHttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        api: StripeApi,
        faults: FaultInjector,
        log: Callable[[LoggedRequest], None],
    ) -> None:
        self.api = api
        self.faults = faults
        self.log = log
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._to_reset: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, StripeHandler)

    def server_bind(self) -> None:
        # Past HTTPServer, which would look up the host's name: seconds, when offline.
        TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        try:
            if request in self._to_reset:
                self.close_request(request)  # without the polite farewell of shutdown()
            else:
                super().shutdown_request(request)
        finally:
            with self._changed:
                self._to_reset.discard(request)
                self._open.discard(request)
                self._changed.notify_all()

    def reset_on_close(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self._to_reset.add(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is a bug of ours."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.api.errors.append(error)

    def stop(self, patience: float = 5.0) -> None:
        """Ends idle connections and waits for the requests that are being answered."""
        self.stopping.set()
        self.shutdown()
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RD)
                except OSError:
                    continue  # gone already
            self._changed.wait_for(lambda: not self._open, patience)
        self.server_close()


class StripeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        server = cast(StripeHttpServer, self.server)
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=parts.query,
            form=self._read_form(),
            headers={name.lower(): value for name, value in self.headers.items()},
        )
        injected = server.faults.take(request.method, request.path, request.query)
        fault = injected.fault
        if fault is not None and self._break_before(server, request, fault):
            return
        response = server.api.handle(request, Disturbance(injected.delay, fault))
        for event in injected.meanwhile:
            event()
        server.log(_logged(request, response.status, fault))
        if server.stopping.is_set():
            self.close_connection = True
        if fault is not None and fault.kind is Kind.LOST_REPLY:
            self._reset(server)
        elif fault is not None and fault.kind is Kind.TRUNCATED:
            self.close_connection = True
            self._send(response, cut=len(response.body) // 2)
        else:
            self._send(response)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = do_HEAD = _serve  # noqa: N815 - http.server's names

    def _read_form(self) -> str:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_FORM:
            self.close_connection = True  # the rest of it must not be read as the next request
        return self.rfile.read(min(length, _MAX_FORM)).decode("utf-8", "replace")

    def _break_before(self, server: StripeHttpServer, request: Request, fault: Fault) -> bool:
        """True if this fault takes the place of an execution."""
        match fault.kind:
            case Kind.RESET:
                server.log(_logged(request, None, fault))
                self._reset(server)
            case Kind.HANG:
                server.log(_logged(request, None, fault))
                server.stopping.wait(fault.seconds)
                self.close_connection = True
            case Kind.GARBAGE:
                server.log(_logged(request, None, fault))
                self._send(Response(200, _GARBAGE, {"Content-Type": "text/html"}))
            case _:
                return False
        return True

    def _reset(self, server: StripeHttpServer) -> None:
        self.close_connection = True
        server.reset_on_close(self.connection)

    def _send(self, response: Response, cut: int | None = None) -> None:
        head = [
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
            "Server: offline-stripe",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Length: {len(response.body)}",
        ]
        headers = {"Content-Type": "application/json", **response.headers}
        head += [f"{name}: {value}" for name, value in headers.items()]
        head.append(f"Connection: {'close' if self.close_connection else 'keep-alive'}")
        body = b"" if self.command == "HEAD" else response.body[:cut]
        self.wfile.write("\r\n".join((*head, "", "")).encode("latin-1", "replace") + body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: the server keeps its own log, stderr belongs to the user."""


def _logged(request: Request, status: int | None, fault: Fault | None) -> LoggedRequest:
    try:
        tree = params.decode(request.query, request.form)
    except StripeRefusal:
        tree = {}
    return LoggedRequest(
        method=request.method,
        path=request.path,
        params=tree,
        headers=dict(request.headers),
        status=status,
        fault=fault.kind if fault else None,
    )
