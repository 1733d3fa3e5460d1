"""An application's webhook of the tests, which verifies signatures by itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.certificates import Certificate
from tests.staka import is_signed

SECRET = "whsec_" + "SentinelOfTheApplication"


class WebhookServer:
    """Answers GET, forged and signed events with a status of its own; `statuses` come first, one
    for each signed event. `received` are the signed events in their order."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self.get, self.forged, self.signed = 405, 400, 200
        self.statuses: list[int] = []
        self.received: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.hangs = False
        self._let_go = Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(hook.get)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(hook.receive(body, self.headers["Stripe-Signature"]))

            def _answer(self, status: int) -> None:
                hook.paths.append(self.path)
                if hook.hangs:
                    hook._let_go.wait(20)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = certificate.server_context()
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/hook"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def receive(self, body: bytes, header: str) -> int:
        if not is_signed(body, header, SECRET):
            return self.forged
        self.received.append(json.loads(body))
        return self.statuses.pop(0) if self.statuses else self.signed

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.received]

    def close(self) -> None:
        self._let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@contextmanager
def webhook_server(certificate: Certificate | None = None) -> Iterator[WebhookServer]:
    server = WebhookServer(certificate)
    try:
        yield server
    finally:
        server.close()
