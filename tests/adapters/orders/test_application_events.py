"""Events as they are sent: signed as Stripe signs, to the one address that was set."""

import json
import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import stripe

from stakactl.adapters.orders.application.events import (
    EventSource,
    Subject,
    body_of,
    signature,
)
from stakactl.adapters.orders.application.webhook import WebhookSender
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import ConfigurationError, WebhookError

SECRET = "whsec_test_secret"
SESSION = {
    "id": "cs_live_1",
    "object": "checkout.session",
    "livemode": True,
    "status": "complete",
    "payment_status": "paid",
    "metadata": {"note": "Léa 🖋"},
}
PAID = Subject(
    StripeKind.CHECKOUT_SESSION,
    "cs_live_1",
    ("checkout.session.async_payment_succeeded", "checkout.session.completed"),
)


class Stripe:
    """Raw objects by id, and events of the feed by object and type."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {"cs_live_1": SESSION}
        self.feed: dict[tuple[str, str], str] = {}
        self.versions: list[str | None] = []

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> dict[str, Any] | Absence:
        self.versions.append(api_version)
        return self.objects.get(object_id, Absence.MISSING)

    def event_about(self, object_id: str, event_type: str) -> str | None:
        return self.feed.get((object_id, event_type))

    def put_event(self, name: str, event_type: str, **fields: Any) -> None:
        found = {**SESSION, **fields}
        self.objects[name] = {"id": name, "type": event_type, "data": {"object": found}}
        self.feed["cs_live_1", event_type] = name


@pytest.fixture
def world() -> Stripe:
    return Stripe()


def event_for(world: Stripe, subject: Subject = PAID) -> Any:
    return EventSource(world, world, "2024-06-20").event_for(subject, 1_772_000_000)


def test_stripes_own_library_accepts_the_signature(world: Stripe) -> None:
    body = body_of(event_for(world))
    header = signature(body, SECRET, 1_772_000_000)
    event = stripe.Webhook.construct_event(  # type: ignore[no-untyped-call]
        body, header, SECRET, tolerance=10**12
    )
    assert event.type == "checkout.session.completed"
    assert event.data.object.metadata["note"] == "Léa 🖋"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(  # type: ignore[no-untyped-call]
            body.decode() + " ", header, SECRET
        )


def test_an_event_that_is_made_has_the_shape_of_one(world: Stripe) -> None:
    event = event_for(world)
    assert event["object"] == "event"
    assert event["id"].startswith("evt_")
    assert event["livemode"] is True
    assert event["api_version"] == "2024-06-20"
    assert event["data"]["object"] == SESSION
    assert world.versions == ["2024-06-20"]
    assert event_for(world)["id"] == event["id"]


def test_the_best_event_of_the_feed_is_sent_as_it_is(world: Stripe) -> None:
    world.put_event("evt_1", "checkout.session.completed", payment_status="unpaid")
    assert event_for(world)["id"] not in {"evt_1", "evt_2"}
    world.put_event("evt_2", "checkout.session.async_payment_succeeded")
    assert event_for(world) == world.objects["evt_2"]
    world.put_event("evt_1", "checkout.session.completed")
    world.feed.pop(("cs_live_1", "checkout.session.async_payment_succeeded"))
    assert event_for(world) == world.objects["evt_1"]


def test_an_event_that_left_the_feed_is_made_anew(world: Stripe) -> None:
    world.feed["cs_live_1", "checkout.session.completed"] = "evt_gone"
    assert event_for(world)["data"]["object"] == SESSION


def test_an_object_that_stripe_does_not_have_has_no_event(world: Stripe) -> None:
    gone = Subject(StripeKind.CHECKOUT_SESSION, "cs_gone", PAID.types)
    assert event_for(world, gone) is None


class Wire:
    """A server that keeps what it was sent and answers with `reply`."""

    def __init__(self) -> None:
        self.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        self.seen = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/hook"
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


BODY = json.dumps({"sent": True}).encode()


def test_the_bytes_that_were_signed_are_sent(wire: Wire) -> None:
    header = signature(BODY, SECRET, 1)
    WebhookSender(wire.url).post(BODY, header)
    head, _, body = wire.seen.partition(b"\r\n\r\n")
    assert body == BODY
    assert head.startswith(b"POST /hook HTTP/1.1\r\n")
    assert f"Stripe-Signature: {header}".encode() in head
    assert SECRET.encode() not in wire.seen


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
        WebhookSender(wire.url).post(BODY, signature(BODY, SECRET, 1))
    assert caught.value.hint
    assert SECRET not in caught.value.message


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(WebhookError, match="cannot be reached"):
        WebhookSender(f"http://127.0.0.1:{port}/").post(BODY, "t=1,v1=0")


def test_only_an_encrypted_address_or_this_machine() -> None:
    WebhookSender("https://shop.example.com/hook")
    WebhookSender("http://localhost:3000/hook")
    with pytest.raises(ConfigurationError, match="not encrypted"):
        WebhookSender("http://shop.example.com/hook")
