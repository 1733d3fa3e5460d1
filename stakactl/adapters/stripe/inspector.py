"""StripeInspector: what `config validate` asks Stripe, request by request, changing nothing."""

import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from stakactl.adapters.stripe.account import parse_account_state, parse_price
from stakactl.adapters.stripe.errors import StripeAbsent, StripeForbidden
from stakactl.adapters.stripe.link import Link
from stakactl.domain.stripe_account import ClockReading, Price
from stakactl.domain.stripe_objects import Absence
from stakactl.operations.ports.inspection.stripe import (
    AccountAnswer,
    Refusal,
    StripeArea,
    StripeExpectations,
)

if TYPE_CHECKING:
    from stakactl.operations.ports import Clock

#: No endpoint has this id, so nothing is changed whatever the key may do.
_NO_ENDPOINT = "we_0stakactl0asks0for0permission"


class SdkStripeInspector:
    """Safe from many threads, which are short: each connection ends with its request.

    `timeout_seconds` is for each wait, `retry_seconds` for all tries of one request.
    """

    def __init__(
        self,
        api_key: str,
        api_base: str | None,
        expectations: StripeExpectations,
        clock: "Clock",
        *,
        requests_per_second: float,
        timeout_seconds: float,
        retry_seconds: float,
    ) -> None:
        self._clock_watch = _ClockWatch(clock.now)
        self._expectations = expectations
        self._link = Link(
            api_key,
            api_base,
            requests_per_second,
            timeout_seconds,
            retry_seconds,
            requests_per_second_per_endpoint=requests_per_second,
            watch=self._clock_watch,
        )

    @property
    def expectations(self) -> StripeExpectations:
        return self._expectations

    def account(self) -> AccountAnswer:
        path = "/v1/account"
        account, account_id, refusal = None, "", ""
        try:
            account = parse_account_state(self._get(path, path, "read the account"))
            account_id = account.id
        except StripeForbidden as forbidden:
            account_id, refusal = forbidden.account_id or "", forbidden.message
        return AccountAnswer(account_id, account, refusal, self._clock_watch.reading)

    def price(self, price_id: str) -> Price | Absence:
        path = "/v1/prices"
        try:
            return parse_price(self._get(path, f"{path}/{price_id}", f"read price {price_id}"))
        except StripeAbsent as absent:
            return absent.absence

    def may_read(self, area: StripeArea) -> Refusal | None:
        params = {} if area is StripeArea.BALANCE else {"limit": 1}
        try:
            self._get(area.value, area.value, f"ask for {area.value}", params)
        except StripeForbidden as forbidden:
            return Refusal(area, forbidden.permission or "")
        return None

    def may_write_endpoints(self) -> Refusal | None:
        area = StripeArea.WEBHOOK_ENDPOINTS
        doing = "ask to change an endpoint that does not exist"
        try:
            with closing(self._link):
                path, key = f"{area.value}/{_NO_ENDPOINT}", f"stakactl-{uuid.uuid4()}"
                self._link.post(area.value, path, doing, {}, key)
        except StripeForbidden as forbidden:
            return Refusal(area, forbidden.permission or "")
        except StripeAbsent:
            return None
        return None

    def _get(
        self, endpoint: str, path: str, doing: str, params: Mapping[str, object] | None = None
    ) -> object:
        with closing(self._link):
            return self._link.get(endpoint, path, doing, params)


class _ClockWatch:
    """Compares this machine's clock with the Date of the thread's last answer."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._of_thread = threading.local()

    @property
    def reading(self) -> ClockReading | None:
        reading: ClockReading | None = getattr(self._of_thread, "reading", None)
        return reading

    def asks(self) -> None:
        self._of_thread.asked_at = self._now()

    def answered(self, headers: Mapping[str, str]) -> None:
        received_at = self._now()
        try:
            date = parsedate_to_datetime(headers.get("Date", ""))
        except ValueError:
            return
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
        self._of_thread.reading = ClockReading(self._of_thread.asked_at, received_at, date)
