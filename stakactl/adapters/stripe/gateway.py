"""StripeGateway through the official SDK.

Its transport, authentication and pinned API version are used; its objects are not: building them
costs more than everything else together. Answers are read as JSON, into the fields we keep. Many
windows or objects are read by several threads at once, as many as the rate limits feed.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from stakactl.adapters.stripe.crew import Crew, Result, Task
from stakactl.adapters.stripe.errors import StripeAbsent, StripeForbidden, StripeRejected
from stakactl.adapters.stripe.link import Link, Reading
from stakactl.adapters.stripe.objects import (
    is_deleted,
    parse,
    parse_account,
    parse_balance,
    parse_page,
)
from stakactl.adapters.stripe.retry import Outage
from stakactl.adapters.stripe.spans import (
    PAGE,
    Cursors,
    Density,
    ListPage,
    Span,
    SpanReader,
    span_of,
    whole_second,
)
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    Absence,
    Account,
    BalanceTransaction,
    Event,
    StripeKind,
    StripeObject,
)
from stakactl.errors import StripeError
from stakactl.operations.ports import EventQuery, Page, Retrieved, Unread, Wanted

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
    StripeKind.PRODUCT: "/v1/products",
    StripeKind.PAYOUT: "/v1/payouts",
    StripeKind.EVENT: "/v1/events",
}

#: The limit of each endpoint unless Stripe raised it for the account.
REQUESTS_PER_SECOND_PER_ENDPOINT = 25.0

#: Without it the list of subscriptions leaves out those that were canceled.
_LIST_PARAMS: dict[StripeKind, dict[str, Any]] = {
    StripeKind.SUBSCRIPTION: {"status": "all", "expand": ["data.discounts.source.coupon"]}
}
#: A discount is an id unless it is expanded, and its coupon says what it takes off.
_EXPANDED: dict[StripeKind, dict[str, Any]] = {
    StripeKind.SUBSCRIPTION: {"expand": ["discounts.source.coupon"]}
}
_MOST_WORKERS = 20
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")

_Named = tuple[StripeKind, str]


class SdkStripeGateway:
    """Safe from many threads; see `Link` for the limits, the timeout and the budget."""

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
        sleep: Callable[[float], object] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._link = Link(
            api_key,
            api_base,
            requests_per_second,
            timeout_seconds,
            retry_budget_seconds,
            requests_per_second_per_endpoint=requests_per_second_per_endpoint,
            clock=clock,
            sleep=sleep,
            jitter=jitter,
        )
        self._workers = _workers(requests_per_second)
        self._workers_per_endpoint = _workers(requests_per_second_per_endpoint)

    def __repr__(self) -> str:
        return f"SdkStripeGateway(livemode={self._link.livemode})"

    def close(self) -> None:
        """Close the connection of this thread; those of workers are closed when they end."""
        self._link.close()

    def account(self) -> Account:
        """A restricted key may lack the permission to read its account; Stripe's refusal then
        names the account, which is all that the store must know."""
        livemode = self._link.livemode
        try:
            data = self._link.get("/v1/account", "/v1/account", "read the account")
        except StripeForbidden as refusal:
            if refusal.account_id is None:
                raise
            return Account(refusal.account_id, livemode, "")
        return parse_account(data, livemode=livemode)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Page | Unread]:
        def work(span: Span, crew: Crew[Span, Page | Unread]) -> None:
            path = PATHS[span.kind]
            reader = SpanReader(
                span,
                self._list_page(Reading(outage, crew.is_stopped)),
                densities[span.kind],
                spare=lambda: crew.spare(path),
                give=lambda part: crew.add(path, part),
            )
            for part in reader.parts():
                crew.emit(part)

        outage = Outage()
        densities = {kind: Density() for kind in StripeKind}
        spans = [span_of(each) for each in wanted if each.created.since < each.created.until]
        return self._crew(work).run((PATHS[span.kind], span) for span in spans)

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        return self._retrieve(kind, object_id, Reading())

    def retrieve_many(self, wanted: Sequence[tuple[StripeKind, str]]) -> Iterator[Retrieved]:
        def work(named: _Named, crew: Crew[_Named, Retrieved]) -> None:
            found: StripeObject | Absence | StripeError
            try:
                found = self._retrieve(*named, Reading(outage, crew.is_stopped))
            except StripeError as error:
                found = error
            crew.emit((*named, found))

        outage = Outage()
        return self._crew(work).run((PATHS[kind], (kind, key)) for kind, key in wanted)

    def balance(self) -> tuple[Money, ...]:
        return parse_balance(self._link.get("/v1/balance", "/v1/balance", "read the balance"))

    def payout_transactions(self, payout_id: str) -> Iterator[Sequence[BalanceTransaction]]:
        doing = f"list the contents of {payout_id}"
        for page in self._pages(StripeKind.BALANCE_TRANSACTION, doing, {"payout": payout_id}):
            yield [found for found in page if isinstance(found, BalanceTransaction)]

    def related(
        self, kind: StripeKind, owner: StripeKind, owner_id: str
    ) -> Iterator[Sequence[StripeObject]]:
        filters = {owner.value: owner_id, **_LIST_PARAMS.get(kind, {})}
        doing = f"list {kind.value} objects of {owner_id}"
        pages = self._pages(kind, doing, filters)
        while True:
            try:
                page = next(pages, None)
            except StripeRejected as refusal:
                if refusal.param != owner.value:
                    raise
                return  # "No such customer" is a bad parameter in a list
            if page is None:
                return
            yield page

    def feed(self, query: EventQuery) -> Iterator[Sequence[Event]]:
        bounds = {"gte": query.since, "lt": query.until}
        created = {name: whole_second(at) for name, at in bounds.items() if at is not None}
        params: dict[str, Any] = {"created": created} if created else {}
        if query.type is not None:
            params["type"] = query.type
        if query.undelivered:
            params["delivery_success"] = False
        for page in self._pages(StripeKind.EVENT, "list the events", params):
            yield [found for found in page if isinstance(found, Event)]

    # -- requests

    def _pages(
        self, kind: StripeKind, doing: str, filters: Mapping[str, Any]
    ) -> Iterator[Sequence[StripeObject]]:
        """A list to its end, newest first, one page after the other; none is empty."""
        path, cursors = PATHS[kind], Cursors(doing)
        params: dict[str, Any] = {**filters, "limit": PAGE}
        while True:
            objects, has_more = parse_page(kind, self._link.get(path, path, doing, params))
            if objects:
                yield objects
            if not has_more:
                return
            params["starting_after"] = cursors.after(objects)

    def _crew(self, work: Callable[[Task, Crew[Task, Result]], None]) -> Crew[Task, Result]:
        return Crew(
            work,
            workers=self._workers,
            workers_per_lane=self._workers_per_endpoint,
            leaving=self.close,
        )

    def _list_page(self, reading: Reading) -> ListPage:
        def list_page(
            kind: StripeKind, since: int, until: int, after: str | None
        ) -> tuple[list[StripeObject], bool]:
            params: dict[str, Any] = {"created": {"gte": since, "lt": until}, "limit": PAGE}
            params |= _LIST_PARAMS.get(kind, {})
            if after:
                params["starting_after"] = after
            path, doing = PATHS[kind], f"list {kind.value} objects"
            return parse_page(kind, self._link.get(path, path, doing, params, reading))

        return list_page

    def _retrieve(
        self, kind: StripeKind, object_id: str, reading: Reading
    ) -> StripeObject | Absence:
        """What cannot be an id of Stripe's is missing without being asked for: applications keep
        all kinds of things in these columns."""
        if _ID.fullmatch(object_id) is None:
            return Absence.MISSING
        path, doing = PATHS[kind], f"read {kind.value} {object_id}"
        try:
            expanded = _EXPANDED.get(kind)
            data = self._link.get(path, f"{path}/{object_id}", doing, expanded, reading)
        except StripeAbsent as absent:
            return absent.absence
        return Absence.DELETED if is_deleted(data) else parse(kind, data)

    def raw(
        self, kind: StripeKind, object_id: str, *, api_version: str | None = None
    ) -> Mapping[str, Any] | Absence:
        """The object as Stripe sends it, in another version of its API where one is named."""
        if _ID.fullmatch(object_id) is None:
            return Absence.MISSING
        version = {} if api_version is None else {"stripe_version": api_version}
        path, doing = PATHS[kind], f"read {kind.value} {object_id}"
        try:
            data = self._link.get(path, f"{path}/{object_id}", doing, version)
        except StripeAbsent as absent:
            return absent.absence
        if not isinstance(data, Mapping):
            raise StripeError(f"cannot {doing}: not an answer of Stripe's")
        return Absence.DELETED if is_deleted(data) else data


def _workers(requests_per_second: float) -> int:
    """Enough to reach the rate while an answer takes 0.2 s: 6 for 25 per second, 20 for 100."""
    return min(1 + int(requests_per_second / 5), _MOST_WORKERS)
