"""Stripe's SDK: its transport, authentication and pinned API version, with a faster way to JSON.

The SDK decodes each answer into ordered dictionaries, at twice the price of reading it. A client
of its own HTTP interface keeps the body of a good answer from it and hands it on with the headers;
refusals go the SDK's way, which knows their exceptions.

Importing this takes 0.13 s, so it waits for the first request.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

import stripe
from requests.structures import CaseInsensitiveDict

_Headers = Mapping[str, str]


class Watch(Protocol):
    """Is told of every request in the thread that makes it, and of its answer, good or bad."""

    def asks(self) -> None: ...

    def answered(self, headers: _Headers) -> None: ...


class _Answer(Protocol):
    code: int
    headers: object


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer; `replayed` when its idempotency key was answered before."""

    json: object
    replayed: bool = False


class _Client(Protocol):
    """The one method of `stripe.StripeClient` that is used, typed."""

    def raw_request(self, method_: str, url_: str, **params: Any) -> _Answer: ...


class _HeadersWithBody(CaseInsensitiveDict[str]):
    def __init__(self, headers: _Headers, body: bytes) -> None:
        super().__init__(headers)
        self.body = body


class _Transport(stripe.RequestsClient):
    """One connection per thread: the SDK's client keeps its sessions apart by thread."""

    def __init__(self, timeout: float, watch: Watch | None) -> None:
        super().__init__(timeout=timeout)
        self._watch = watch

    def request(  # type: ignore[override] # the SDK's own clients differ from their base as well
        self, method: str, url: str, headers: _Headers | None, post_data: Any = None
    ) -> tuple[bytes, int, _Headers]:
        if self._watch is not None:
            self._watch.asks()
        body, code, received = super().request(method, url, headers, post_data)
        if self._watch is not None:
            self._watch.answered(received)
        if 200 <= code < 300:
            return b"{}", code, _HeadersWithBody(received, body)
        return body, code, received


class Sdk:
    """Safe from many threads. `timeout_seconds` is for connecting and for each wait for data."""

    def __init__(
        self,
        api_key: str,
        api_base: str | None,
        timeout_seconds: float,
        watch: Watch | None = None,
    ) -> None:
        stripe.enable_telemetry = False
        self._transport = _Transport(timeout_seconds, watch)
        client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else None,
            http_client=self._transport,
            max_network_retries=0,
        )
        self._client = cast(_Client, client)

    def get(self, path: str, params: Mapping[str, Any]) -> object:
        """The JSON of the answer. Raises stripe.StripeError, whatever is wrong with it."""
        return self._request("get", path, params).json

    def post(self, path: str, params: Mapping[str, Any], idempotency_key: str) -> Answer:
        return self._request("post", path, {**params, "idempotency_key": idempotency_key})

    def delete(self, path: str) -> Answer:
        return self._request("delete", path, {})

    def _request(self, method: str, path: str, params: Mapping[str, Any]) -> Answer:
        try:
            answer = self._client.raw_request(method, path, **params)
        except (AttributeError, TypeError, ValueError):
            # The SDK stumbles over {"error": null}, {"error": ["…"]} and bytes that are no UTF-8.
            raise stripe.APIError("not an answer of Stripe's") from None
        headers = cast(_HeadersWithBody, answer.headers)
        try:
            return Answer(json.loads(headers.body), "Idempotent-Replayed" in headers)
        except (ValueError, RecursionError):
            raise stripe.APIError("not an answer of Stripe's", None, answer.code) from None

    def close(self) -> None:
        """Close the connection of this thread."""
        self._transport.close()  # type: ignore[no-untyped-call]
