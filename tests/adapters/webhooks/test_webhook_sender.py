"""Events as they are sent: signed as Stripe signs, to the one address that was set."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread

import pytest
import stripe

from stakactl.adapters.webhooks.sender import WebhookSender
from stakactl.errors import ConfigurationError, WebhookError

SECRET = "whsec_test_secret"
EVENT = {"id": "evt_1", "type": "charge.succeeded", "note": "Léa 🖋", "sent": True}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


class Clock:
    def now(self) -> datetime:
        return NOW

    def today(self) -> None:
        """Nobody asks."""


class Wire:
    """A server that keeps what it was sent and answers with `reply`."""

    def __init__(self) -> None:
        self.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        self.seen = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            while b'"sent"' not in self.seen:
                self.seen += connection.recv(65536)
            connection.sendall(self.reply)

    def close(self) -> None:
        self._thread.join()
        self._socket.close()


@pytest.fixture
def wire() -> Iterator[Wire]:
    opened = Wire()
    yield opened
    opened.close()


def sender(url: str) -> WebhookSender:
    return WebhookSender(url, SECRET, Clock())  # type: ignore[arg-type]


def test_stripes_own_library_accepts_what_is_sent(wire: Wire) -> None:
    sender(f"{wire.url}/hook").send(EVENT)
    head, _, body = wire.seen.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hook HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    signature = headers["Stripe-Signature"]
    assert stripe.WebhookSignature.verify_header(body.decode(), signature, SECRET)
    assert signature.startswith(f"t={int(NOW.timestamp())},")
    assert json.loads(body) == EVENT
    assert SECRET.encode() not in wire.seen


def test_a_path_is_written_as_urls_are(wire: Wire) -> None:
    sender(f"{wire.url}/réception des événements%20").send(EVENT)
    assert wire.seen.startswith(b"POST /r%C3%A9ception%20des%20%C3%A9v%C3%A9nements%20 HTTP/1.1")


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", "answered 400"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "answered 500"),
        (b"SSH-2.0-what\r\n", "cannot be reached"),
        (b"", "cannot be reached"),
    ],
)
def test_anything_but_a_yes_is_a_failure(wire: Wire, reply: bytes, words: str) -> None:
    wire.reply = reply
    with pytest.raises(WebhookError, match=words) as caught:
        sender(wire.url).send(EVENT)
    assert caught.value.hint
    assert SECRET not in caught.value.message


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(WebhookError, match="cannot be reached: nothing listens there"):
        sender(f"http://127.0.0.1:{port}").send(EVENT)


def test_only_an_encrypted_address_or_this_machine() -> None:
    assert sender("https://shop.example.com/hook").host == "shop.example.com"
    sender("http://localhost:3000/hook")
    with pytest.raises(ConfigurationError, match="not encrypted"):
        sender("http://shop.example.com/hook")
