"""A Stripe that only lists, as fast as a network would: for measuring readers, not for tests.

It runs in a process of its own and keeps nothing: the objects of a page are made from a template,
their ids and times from their position. Sales come in bursts: 1,000 in eight hours of each day.
Stripe's kind of limiter (token buckets, overall and per endpoint) counts what it would refuse.

    with ListingServer(Plan(sessions=20_000, latency=0.1)) as server: …
"""

import asyncio
import json
import multiprocessing
from bisect import bisect_left
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stakactl.demo.offline_stripe.faults import RateLimiter, RateLimits
from tests.contract import Contract

#: The newest object's `created`; a list that ends one second later holds everything.
NEWEST = 1_793_000_000
_PER_DAY, _SECONDS_BETWEEN = 1_000, 28
_DAY = 86_400
KINDS = {
    "/v1/checkout/sessions": "checkout.session",
    "/v1/payment_intents": "payment_intent",
    "/v1/charges": "charge",
    "/v1/refunds": "refund",
    "/v1/balance_transactions": "balance_transaction",
}
_ID, _CREATED = "id_of_the_object", 1_111_111_111


@dataclass(frozen=True)
class Plan:
    """`sessions` objects of each kind; a session takes 3.8 KB, as Stripe's do."""

    sessions: int
    latency: float = 0.0
    per_endpoint: float = 1e9
    overall: float = 1e9
    bytes_per_object: int = 3_800


@dataclass(frozen=True)
class Counts:
    """Requests so far, how many of them were 429s, and seconds from the first to the last."""

    requests: int
    refused: int
    seconds: float


class ListingServer:
    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(plan, other), daemon=True)

    def __enter__(self) -> "ListingServer":
        self._process.start()
        self.url: str = self._connection.recv()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()

    def counts(self) -> Counts:
        """Since the last time."""
        self._connection.send(None)
        counts: Counts = self._connection.recv()
        return counts


# -- in the process of the server


class _Objects:
    """All objects of one kind, newest first, by position."""

    def __init__(self, path: str, kind: str, plan: Plan) -> None:
        self._path = path
        fields = Contract.load().fixture(kind) | {"id": _ID, "created": _CREATED}
        fields["metadata"] = {"note": ""}
        room = max(0, plan.bytes_per_object - len(json.dumps(fields)))
        fields["metadata"]["note"] = "x" * room
        if "livemode" in fields:
            fields["livemode"] = True
        text = json.dumps(fields).replace("%", "%%")
        text = text.replace(_ID, "%(id)s").replace(str(_CREATED), "%(created)d")
        self._template = text
        self._count = plan.sessions

    @staticmethod
    def created(position: int) -> int:
        day, within = divmod(position, _PER_DAY)
        return NEWEST - day * _DAY - within * _SECONDS_BETWEEN

    def page(self, query: dict[str, list[str]]) -> bytes:
        since = int(query.get("created[gte]", ["0"])[0])
        until = int(query.get("created[lt]", [str(NEWEST + 1)])[0])
        first = self._position(until)
        if "starting_after" in query:
            first = max(first, int(query["starting_after"][0].rsplit("_", 1)[1]) + 1)
        end = self._position(since)
        last = min(first + int(query.get("limit", ["10"])[0]), end)
        items = ",".join(
            self._template % {"id": f"obj_{position:09d}", "created": self.created(position)}
            for position in range(first, last)
        )
        more = "true" if last < end else "false"
        head = f'{{"object":"list","url":"{self._path}","has_more":{more},"data":['
        return f"{head}{items}]}}".encode()

    def _position(self, before: int) -> int:
        """Of the newest object that was created before that time."""
        return bisect_left(
            range(self._count), 1 - before, key=lambda position: -self.created(position)
        )


class _Service(asyncio.Protocol):
    """One connection: a request is a head without a body."""

    def __init__(self, shared: "_Shared") -> None:
        self._shared = shared
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if found:
            self._received = rest
            answer = self._shared.answer(head.split(b" ", 2)[1].decode())
            self._shared.loop.call_later(self._shared.plan.latency, self._transport.write, answer)


class _Shared:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.loop = asyncio.get_running_loop()
        self._limits = RateLimits(plan.overall, plan.per_endpoint)
        self._objects = {path: _Objects(path, kind, plan) for path, kind in KINDS.items()}
        self._begin()

    def _begin(self) -> None:
        self._limiter = RateLimiter(self._limits, self.loop.time)
        self._requests = self._refused = 0
        self._first = self._last = self.loop.time()

    def answer(self, target: str) -> bytes:
        url = urlsplit(target)
        self._last = self.loop.time()
        if not self._requests:
            self._first = self._last
        self._requests += 1
        if self._limiter.refuse(url.path, livemode=True):
            self._refused += 1
            return _http(429, b'{"error": {"type": "invalid_request_error", "message": "Slow."}}')
        if url.path not in self._objects:
            return _http(200, b'{"object": "account", "id": "acct_1"}')
        return _http(200, self._objects[url.path].page(parse_qs(url.query)))

    def counts(self) -> Counts:
        counts = Counts(self._requests, self._refused, self._last - self._first)
        self._begin()
        return counts


def _http(status: int, body: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nRequest-Id: req_1\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _serve(plan: Plan, connection: Any) -> None:
    asyncio.run(_run(plan, connection))


async def _run(plan: Plan, connection: Any) -> None:
    loop = asyncio.get_running_loop()
    shared = _Shared(plan)
    server = await loop.create_server(lambda: _Service(shared), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection.send(f"http://127.0.0.1:{port}")

    def asked() -> None:
        connection.recv()
        connection.send(shared.counts())

    loop.add_reader(connection.fileno(), asked)
    async with server:
        await server.serve_forever()
