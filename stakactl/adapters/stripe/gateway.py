"""StripeGateway through the official SDK.

Its transport, authentication and pinned API version are used; its objects are not: building them
costs more than everything else together. Answers are read as JSON, into the fields we keep.
"""

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, cast

from stakactl.adapters.stripe.errors import StripeAbsent, StripeForbidden
from stakactl.adapters.stripe.objects import parse, parse_account, parse_page
from stakactl.adapters.stripe.retry import Retry
from stakactl.adapters.stripe.throttle import Throttle
from stakactl.domain.stripe_objects import Absence, Account, StripeKind, StripeObject
from stakactl.errors import ConfigurationError, StripeError
from stakactl.operations.ports import Window

if TYPE_CHECKING:
    import stripe

PATHS = {
    StripeKind.CHECKOUT_SESSION: "/v1/checkout/sessions",
    StripeKind.PAYMENT_INTENT: "/v1/payment_intents",
    StripeKind.CHARGE: "/v1/charges",
    StripeKind.REFUND: "/v1/refunds",
    StripeKind.DISPUTE: "/v1/disputes",
    StripeKind.INVOICE_PAYMENT: "/v1/invoice_payments",
    StripeKind.BALANCE_TRANSACTION: "/v1/balance_transactions",
    StripeKind.CUSTOMER: "/v1/customers",
    StripeKind.INVOICE: "/v1/invoices",
    StripeKind.SUBSCRIPTION: "/v1/subscriptions",
    StripeKind.PAYOUT: "/v1/payouts",
    StripeKind.EVENT: "/v1/events",
}

#: The limit of each endpoint unless Stripe raised it for the account.
REQUESTS_PER_SECOND_PER_ENDPOINT = 25.0

_PAGE = 100
_KEY = re.compile(r"(?:sk|rk)_(live|test)_[!-~]+")
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class _Answer(Protocol):
    @property
    def data(self) -> object: ...


class _Client(Protocol):
    """The one method of `stripe.StripeClient` that is used, typed."""

    def raw_request(self, method_: str, url_: str, **params: Any) -> _Answer: ...


class SdkStripeGateway:
    """Safe from many threads, which share the throttle; each thread has its own connection.

    `timeout_seconds` is for connecting and for each wait for data, `retry_budget_seconds` for all
    tries of one request together. `clock` is monotonic seconds.
    """

    def __init__(
        self,
        api_key: str,
        api_base: str | None,
        requests_per_second: float,
        timeout_seconds: float = 30.0,
        retry_budget_seconds: float = 60.0,
        *,
        requests_per_second_per_endpoint: float = REQUESTS_PER_SECOND_PER_ENDPOINT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        key = _KEY.fullmatch(api_key)
        if key is None:
            raise ConfigurationError(
                "STRIPE_SECRET_KEY is not a secret key of Stripe",
                hint="it begins with sk_live_, sk_test_, rk_live_ or rk_test_",
            )
        self._api_key = api_key
        self._livemode = key[1] == "live"
        self._api_base = api_base.rstrip("/") if api_base else None
        self._timeout = timeout_seconds
        self._throttle = Throttle(
            requests_per_second, requests_per_second_per_endpoint, clock=clock, sleep=sleep
        )
        self._retry = Retry(retry_budget_seconds, clock=clock, sleep=sleep, jitter=jitter)
        self._lock = threading.Lock()
        self._http: stripe.HTTPClient | None = None
        self._client: _Client | None = None

    def __repr__(self) -> str:
        return f"SdkStripeGateway(livemode={self._livemode})"

    def close(self) -> None:
        """Close the connection of this thread; those of others end with their threads."""
        if self._http is not None:
            self._http.close()  # type: ignore[no-untyped-call]

    # -- the port

    def account(self) -> Account:
        """A restricted key may lack the permission to read its account; Stripe's refusal then
        names the account, which is all that the store must know."""
        try:
            data = self._get("/v1/account", "/v1/account", "read the account")
        except StripeForbidden as refusal:
            if refusal.account_id is None:
                raise
            return Account(refusal.account_id, self._livemode, "")
        return parse_account(data, livemode=self._livemode)

    def pages(self, kind: StripeKind, created: Window) -> Iterator[Sequence[StripeObject]]:
        since, until = _whole_seconds(created.since), _whole_seconds(created.until)
        if since >= until:
            return
        params: dict[str, Any] = {"created": {"gte": since, "lt": until}, "limit": _PAGE}
        doing = f"list {kind.value} objects"
        cursors: set[str] = set()
        while True:
            data = self._get(PATHS[kind], PATHS[kind], doing, **params)
            objects, has_more = parse_page(kind, data)
            if has_more:
                cursor = objects[-1].id if objects else ""
                if not cursor or cursor in cursors:
                    raise StripeError(
                        f"cannot {doing}: the list does not move on after {len(cursors)} pages",
                        hint="run it again; if it stays, please report it",
                    )
                cursors.add(cursor)
                params["starting_after"] = cursor
            if objects:
                yield objects
            if not has_more:
                return

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        """What cannot be an id of Stripe's is missing without being asked for: applications keep
        all kinds of things in these columns."""
        if _ID.fullmatch(object_id) is None:
            return Absence.MISSING
        try:
            data = self._get(
                PATHS[kind], f"{PATHS[kind]}/{object_id}", f"read {kind.value} {object_id}"
            )
        except StripeAbsent as absent:
            return absent.absence
        return parse(kind, data)

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> Mapping[str, Any] | Absence:
        """The object as Stripe sends it, in another version of its API where one is named."""
        if _ID.fullmatch(object_id) is None:
            return Absence.MISSING
        version = {} if api_version is None else {"stripe_version": api_version}
        doing = f"read {kind.value} {object_id}"
        try:
            data = self._get(PATHS[kind], f"{PATHS[kind]}/{object_id}", doing, **version)
        except StripeAbsent as absent:
            return absent.absence
        if not isinstance(data, Mapping):
            raise StripeError(f"cannot {doing}: not an answer of Stripe's", hint=None)
        return data

    # -- requests

    def _get(self, endpoint: str, path: str, doing: str, **params: Any) -> object:
        client = self._connected()

        def request() -> object:
            self._throttle.acquire(endpoint)
            return _ask(client, path, params)

        return self._retry.call(request, doing, self._api_key)

    def _connected(self) -> _Client:
        """The SDK takes 0.13 s to import, so this waits for the first request."""
        with self._lock:
            if self._client is None:
                import stripe

                stripe.enable_telemetry = False
                self._http = stripe.RequestsClient(timeout=self._timeout)
                client = stripe.StripeClient(
                    self._api_key,
                    base_addresses={"api": self._api_base} if self._api_base else None,
                    http_client=self._http,
                    max_network_retries=0,
                )
                self._client = cast(_Client, client)
            return self._client


def _ask(client: _Client, path: str, params: dict[str, Any]) -> object:
    import stripe

    try:
        return client.raw_request("get", path, **params).data
    except (AttributeError, TypeError, ValueError):
        # The SDK stumbles over {"error": null}, {"error": ["…"]} and bytes that are no UTF-8.
        raise stripe.APIError("not an answer of Stripe's") from None


def _whole_seconds(moment: datetime) -> int:
    """Unix time, rounded up: `created` has whole seconds, so `created < moment` stays exact."""
    return -((_EPOCH - moment) // _SECOND)
