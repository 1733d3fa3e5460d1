"""A chat's webhook over a real connection: what it gets, and everything that can go wrong."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from stakactl.adapters.alerts.chat import ChatWebhook, escaped
from stakactl.errors import ConfigurationError, WebhookError

SECRET = "T000/B000/XXXXsecret"


class ChatServer:
    """Takes what Slack takes; answers with `status`, or not before `close` while it `hangs`."""

    def __init__(self) -> None:
        self.status = 200
        self.hangs = False
        self.received: list[tuple[str, str, dict[str, str]]] = []
        self._let_go = Event()
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.received.append((self.path, self.headers["Content-Type"], json.loads(body)))
                if chat.hangs:
                    chat._let_go.wait(20)
                self.send_response(chat.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/services/{SECRET}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.close()


def test_it_gets_a_text_that_is_only_text(chat: ChatServer) -> None:
    webhook = ChatWebhook(chat.url)
    webhook.post("Léa & co <!channel>\n→ <https://evil.example|click>")
    assert chat.received == [
        (
            f"/services/{SECRET}",
            "application/json; charset=utf-8",
            {"text": "Léa &amp; co &lt;!channel&gt;\n→ &lt;https://evil.example|click&gt;"},
        )
    ]
    assert (webhook.host, repr(webhook)) == ("127.0.0.1", "ChatWebhook(127.0.0.1)")


def test_an_address_with_a_query(chat: ChatServer) -> None:
    """Google Chat puts its key there."""
    ChatWebhook(f"{chat.url}?key=a%2Fb&token=c").post("hello")
    assert chat.received[0][0] == f"/services/{SECRET}?key=a%2Fb&token=c"


def test_what_is_escaped_reads_as_it_was() -> None:
    assert escaped("a &amp; <b>") == "a &amp;amp; &lt;b&gt;"


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (302, "redirects are not followed"),
        (307, "redirects are not followed"),
        (403, "make a new webhook"),
        (404, "make a new webhook"),
        (429, "tried again by the next run"),
        (500, "tried again by the next run"),
    ],
)
def test_an_answer_that_is_no_yes(chat: ChatServer, status: int, hint: str) -> None:
    chat.status = status
    with pytest.raises(WebhookError, match=f"^the chat at 127.0.0.1 answered {status}$") as caught:
        ChatWebhook(chat.url).post("hello")
    assert hint in (caught.value.hint or "")
    assert len(chat.received) == 1
    assert "secret" not in f"{caught.value.message}{caught.value.hint}"


def test_one_that_never_answers(chat: ChatServer) -> None:
    chat.hangs = True
    with pytest.raises(WebhookError, match=r"did not answer within 0\.2 s"):
        ChatWebhook(chat.url, timeout_seconds=0.2).post("hello")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(WebhookError, match="nothing listens there") as caught:
        ChatWebhook(f"http://127.0.0.1:{port}/{SECRET}").post("hello")
    assert caught.value.hint == "check ALERT_WEBHOOK_URL"


def test_one_that_breaks_off() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def rude() -> None:
            connection, _ = server.accept()
            connection.recv(65536)
            connection.close()

        thread = Thread(target=rude)
        thread.start()
        with pytest.raises(WebhookError, match="cannot be reached"):
            ChatWebhook(f"http://127.0.0.1:{server.getsockname()[1]}/x").post("hello")
        thread.join()


def test_the_secret_does_not_travel_in_the_clear() -> None:
    with pytest.raises(ConfigurationError, match="ALERT_WEBHOOK_URL is not encrypted"):
        ChatWebhook("http://hooks.example/x")
