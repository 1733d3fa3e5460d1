"""What goes wrong on purpose: rate limits, and faults that tests and load suites inject.

server.faults.add(lost_reply(), method="POST", path="/v1/refunds")
server.faults.add(latency(0.1), times=None)
server.faults.add(rate_limited("global-rate"), times=20, after=100)
server.faults.add(status(500), path="/v1/charges", page=2, times=None)
server.faults.add(meanwhile(lambda: state.put(session)), path="/v1/checkout/sessions")
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from fnmatch import fnmatchcase


class Kind(Enum):
    LATENCY = auto()  # executed later; further rules are looked at
    STATUS = auto()  # answered with this status instead of being executed
    RATE_LIMITED = auto()  # 429 instead of being executed
    RESET = auto()  # the connection is reset before the request is executed
    HANG = auto()  # no answer at all, nothing is executed
    GARBAGE = auto()  # 200 with a body that is no JSON, nothing is executed
    TRUNCATED = auto()  # executed; half of the body arrives
    LOST_REPLY = auto()  # executed; nothing arrives
    MEANWHILE = auto()  # something else happens once it was executed; further rules are looked at


def _nothing() -> None:
    """What happens meanwhile, for every other kind of fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    kind: Kind
    seconds: float = 0.0
    status: int = 0
    reason: str | None = None
    event: Callable[[], object] = _nothing


@dataclass(frozen=True, slots=True)
class Injected:
    """What was injected for one request: `delay` before it, `fault` instead of it or of its
    answer, `meanwhile` between it and whatever is asked next."""

    delay: float = 0.0
    fault: Fault | None = None
    meanwhile: tuple[Callable[[], object], ...] = ()


def latency(seconds: float) -> Fault:
    return Fault(Kind.LATENCY, seconds=seconds)


def status(code: int) -> Fault:
    """A 500 happened while executing, so its idempotency key keeps it; a 503 never got there."""
    return Fault(Kind.STATUS, status=code)


def rate_limited(reason: str | None = "global-rate") -> Fault:
    """`global-rate` or `endpoint-rate`; None is the 429 `lock_timeout`, which has no reason."""
    return Fault(Kind.RATE_LIMITED, reason=reason)


def reset() -> Fault:
    return Fault(Kind.RESET)


def hang(seconds: float = 3600.0) -> Fault:
    """The connection is closed after that time, or when the server stops."""
    return Fault(Kind.HANG, seconds=seconds)


def garbage() -> Fault:
    return Fault(Kind.GARBAGE)


def truncated() -> Fault:
    return Fault(Kind.TRUNCATED)


def lost_reply() -> Fault:
    return Fault(Kind.LOST_REPLY)


def meanwhile(event: Callable[[], object]) -> Fault:
    """`event` happens after the request was executed and before the next one: objects appear or
    change between two pages of a list."""
    return Fault(Kind.MEANWHILE, event=event)


@dataclass(slots=True)
class Rule:
    fault: Fault
    method: str = "*"
    path: str = "*"  # as in a shell: /v1/customers/*
    times: int | None = 1  # None: always
    after: int = 0  # so many matching requests pass first
    #: The n-th distinct request alone, however often it is repeated: one page of a list.
    page: int | None = None
    _queries: list[str] = field(default_factory=list)

    def matches(self, method: str, path: str, query: str = "") -> bool:
        if not (fnmatchcase(method, self.method) and fnmatchcase(path, self.path)):
            return False
        if self.page is None:
            return True
        if query not in self._queries and len(self._queries) < self.page:
            self._queries.append(query)
        return len(self._queries) == self.page and query == self._queries[-1]


@dataclass(slots=True)
class FaultInjector:
    """Rules in order: delays add up, and the first other fault that matches is the one."""

    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        fault: Fault,
        *,
        method: str = "*",
        path: str = "*",
        times: int | None = 1,
        after: int = 0,
        page: int | None = None,
    ) -> None:
        self.add_rule(Rule(fault, method, path, times, after, page))

    def add_rule(self, rule: Rule) -> None:
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str, query: str = "") -> Injected:
        """What goes wrong with one request; each rule that applies is used up by one."""
        delay, events = 0.0, list[Callable[[], object]]()
        with self._lock:
            for rule in tuple(self._rules):
                if not rule.matches(method, path, query):
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                self._use(rule)
                if rule.fault.kind is Kind.LATENCY:
                    delay += rule.fault.seconds
                elif rule.fault.kind is Kind.MEANWHILE:
                    events.append(rule.fault.event)
                else:
                    return Injected(delay, rule.fault, tuple(events))
        return Injected(delay, None, tuple(events))

    def _use(self, rule: Rule) -> None:
        if rule.times is None:
            return
        rule.times -= 1
        if rule.times <= 0:
            self._rules.remove(rule)


# -- rate limits


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Requests per second: of all, and of each endpoint. Stripe: 100 live, 25 in a sandbox, 25 for
    one endpoint. As many as a second allows may come at once."""

    total: float = 100.0
    per_endpoint: float = 25.0


class RateLimiter:
    """Token buckets per mode and per endpoint; refused requests take no token."""

    def __init__(self, limits: RateLimits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._buckets: dict[tuple[bool, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def refuse(self, endpoint: str, *, livemode: bool) -> str | None:
        """None if the request may pass, otherwise the reason that Stripe gives."""
        with self._lock:
            now = self._clock()
            total = self._level((livemode, ""), self._limits.total, now)
            own = self._level((livemode, endpoint), self._limits.per_endpoint, now)
            if total < 1:
                return "global-rate"
            if own < 1:
                return "endpoint-rate"
            self._buckets[livemode, ""] = (total - 1, now)
            self._buckets[livemode, endpoint] = (own - 1, now)
        return None

    def _level(self, bucket: tuple[bool, str], rate: float, now: float) -> float:
        capacity = max(rate, 1.0)
        level, then = self._buckets.get(bucket, (capacity, now))
        return min(capacity, level + (now - then) * rate)
