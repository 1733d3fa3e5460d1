"""One request → one answer, without sockets: the order of Stripe's checks, and execution.

key → URL → permission → load → parameters → idempotency key → execution. Everything up to the
parameters is refused without a trace; from then on the idempotency key keeps what comes out.
"""

import itertools
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from stakactl.demo.offline_stripe import params, refusals
from stakactl.demo.offline_stripe.expansion import Expander, check
from stakactl.demo.offline_stripe.faults import Fault, Kind, RateLimiter
from stakactl.demo.offline_stripe.idempotency import IdempotencyKeys, KeptAnswer
from stakactl.demo.offline_stripe.ids import make_id
from stakactl.demo.offline_stripe.keys import ApiKey, presented_key
from stakactl.demo.offline_stripe.params import Tree
from stakactl.demo.offline_stripe.refusals import StripeRefusal
from stakactl.demo.offline_stripe.resources import all_operations
from stakactl.demo.offline_stripe.resources.model import Call, ListAnswer
from stakactl.demo.offline_stripe.resources.money import account_of
from stakactl.demo.offline_stripe.resources.routes import Operation
from stakactl.demo.offline_stripe.state import StripeState, compact

API_VERSION = "2026-10-28.endive"

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}(\.[a-z]+)?(; ?[a-z0-9_=]+)*")
#: What stands where an id could stand: `/v1/charges/search` is no charge.
_NO_IDS = frozenset({"search", "preview", "create_preview"})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: str = ""
    form: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What was injected for this request: a delay before execution, a failure instead of it."""

    delay: float = 0.0
    failure: Fault | None = None


class Router:
    """Finds the operation of a method and path; at most one part of a path is an id."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._operations = {(one.method, one.path): one for one in operations}

    def find(self, method: str, path: str) -> tuple[Operation, str] | None:
        if exact := self._operations.get((method, path)):
            return exact, ""
        parts = path.split("/")
        for at in (len(parts) - 1, len(parts) - 2):
            id = parts[at]
            template = "/".join((*parts[:at], "{id}", *parts[at + 1 :]))
            operation = self._operations.get((method, template))
            if operation and id and id not in _NO_IDS:
                return operation, id
        return None


class StripeApi:
    def __init__(
        self,
        state: StripeState,
        *,
        keys: dict[str, ApiKey],
        now: Callable[[], int],
        sleep: Callable[[float], object],
        limiter: RateLimiter | None = None,
    ) -> None:
        self._state = state
        self._keys = keys
        self._now = now
        self._sleep = sleep
        self._limiter = limiter
        self._router = Router(all_operations())
        self._idempotency = IdempotencyKeys(state)
        self._start = state.next_number("server start")
        self._numbers = itertools.count(1)
        self.errors: list[BaseException] = []  # bugs of ours, for the tests to look at

    def handle(self, request: Request, disturbance: Disturbance | None = None) -> Response:
        request_id = make_id("request", str(self._start), next(self._numbers))
        headers = {
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("stripe-version", API_VERSION),
        }
        key: ApiKey | None = None
        try:
            key = self._authenticated(request)
            status, body, more = self._answer(
                request, key, request_id, disturbance or Disturbance()
            )
            return Response(status, body, headers | more)
        except StripeRefusal as refusal:
            body = self._refusal_body(refusal, key, request_id)
            return Response(refusal.status, body, headers | refusal.headers)

    # -- checks

    def _authenticated(self, request: Request) -> ApiKey:
        secret = presented_key(request.headers.get("authorization"))
        if secret is None:
            raise refusals.key_missing()
        key = self._keys.get(secret)
        if key is None:
            raise refusals.key_unknown(secret)
        return key

    def _routed(self, request: Request, key: ApiKey) -> tuple[Operation, str]:
        route = self._router.find(request.method, request.path)
        if route is None:
            raise refusals.url_unknown(request.method, request.path)
        operation, _ = route
        if not key.allows(operation.permission):
            account = str((account_of(self._bare_call(key)) or {}).get("id", "acct_unknown"))
            raise refusals.permission_missing(key.secret, account, operation.permission)
        if self._limiter is not None:
            endpoint = f"{operation.method} {operation.path}"
            if reason := self._limiter.refuse(endpoint, livemode=key.livemode):
                raise refusals.rate_limited(reason)
        version = request.headers.get("stripe-version", API_VERSION)
        if not _VERSION.fullmatch(version):
            raise refusals.version_unknown(version)
        return route

    def _bare_call(self, key: ApiKey) -> Call:
        return Call(
            state=self._state, livemode=key.livemode, now=self._now(), params={}, path="/v1/account"
        )

    # -- execution

    def _answer(
        self, request: Request, key: ApiKey, request_id: str, disturbance: Disturbance
    ) -> tuple[int, bytes, dict[str, str]]:
        operation, object_id = self._routed(request, key)
        if disturbance.failure and disturbance.failure.kind is Kind.RATE_LIMITED:
            raise refusals.rate_limited(disturbance.failure.reason)
        tree = params.decode(request.query, request.form)
        values = params.read(tree, operation.params, operation.not_offered)
        paths = values.get("expand", [])
        assert isinstance(paths, list)  # noqa: S101 - what a LIST parameter reads to
        for path in paths:
            check(str(path), operation.kind, many=operation.many)
        idempotency_key = request.headers.get("idempotency-key")
        call = Call(
            state=self._state,
            livemode=key.livemode,
            now=self._now(),
            params=values,
            path=request.path,
            object_id=object_id,
            request_id=request_id,
            idempotency_key=idempotency_key if operation.method == "POST" else None,
            api_version=API_VERSION,
        )
        if call.idempotency_key is not None:
            return self._once(operation, call, call.idempotency_key, tree, disturbance, key)
        self._disturb(disturbance)
        if operation.method == "GET":
            return 200, self._executed(operation, call), {}
        with self._state.transaction():
            return 200, self._executed(operation, call), {}

    def _once(
        self,
        operation: Operation,
        call: Call,
        idempotency_key: str,
        tree: Tree,
        disturbance: Disturbance,
        key: ApiKey,
    ) -> tuple[int, bytes, dict[str, str]]:
        """Executes unless this key was answered before; keeps the answer with the effect."""
        echo = {"Idempotency-Key": idempotency_key}
        with self._idempotency.claim(
            idempotency_key, call.path, tree, livemode=call.livemode, now=call.now
        ) as claim:
            try:
                self._disturb(disturbance)
                with self._state.transaction():
                    # Asked inside the transaction: another process may have answered meanwhile.
                    if kept := self._idempotency.find(claim):
                        replayed = {
                            "Idempotent-Replayed": "true",
                            "Original-Request": kept.request_id,
                        }
                        return kept.status, kept.body, echo | replayed
                    body = self._executed(operation, call)
                    self._idempotency.keep(claim, KeptAnswer(200, body, call.request_id))
                    return 200, body, echo
            except StripeRefusal as refusal:
                # The effect is rolled back; that it failed is kept, unless the key itself was
                # wrong or the request never got to execution.
                if refusal.status != 503 and refusal.error["type"] != "idempotency_error":
                    body = self._refusal_body(refusal, key, call.request_id)
                    self._idempotency.keep(claim, KeptAnswer(refusal.status, body, call.request_id))
                refusal.headers.update(echo)
                raise

    def _disturb(self, disturbance: Disturbance) -> None:
        if disturbance.delay:
            self._sleep(disturbance.delay)
        if disturbance.failure and disturbance.failure.kind is Kind.STATUS:
            raise refusals.server_failed(disturbance.failure.status)

    def _executed(self, operation: Operation, call: Call) -> bytes:
        try:
            answer = operation.perform(call)
            paths = call.params.get("expand") or []
            assert isinstance(paths, list)  # noqa: S101 - what a LIST parameter reads to
            if isinstance(answer, ListAnswer):
                if not paths:
                    return answer.text().encode()
                answer = answer.parsed()
            else:
                answer = json.loads(compact(answer))  # expansion must not change what was stored
            expander = Expander(self._state, livemode=call.livemode)
            for path in sorted(map(str, paths)):
                expander.expand(answer, path)
            return compact(answer).encode()
        except StripeRefusal:
            raise
        except Exception as error:
            logger.exception("offline Stripe failed on %s %s", operation.method, call.path)
            self.errors.append(error)
            raise refusals.server_failed() from error

    def _refusal_body(self, refusal: StripeRefusal, key: ApiKey | None, request_id: str) -> bytes:
        log_url = None
        if key is not None:
            mode = "" if key.livemode else "test/"
            log_url = f"https://dashboard.stripe.com/{mode}logs/{request_id}?t={self._now()}"
        return compact(refusal.body(log_url)).encode()
