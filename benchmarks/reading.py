"""Reading Stripe: sessions per second, how much of the rate limit is used, and at what price.

All readers ask the same server, which answers after the latency of a real network and counts what
Stripe's limiter would refuse. The SDK's own `auto_paging_iter` reads from it in the same run.
Times vary with the machine and with what else it does; the ratio and the share of the limit hold.
"""

import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from benchmarks.listing_server import KINDS, NEWEST, Counts, ListingServer, Plan
from stakactl.domain.stripe_objects import StripeKind
from stakactl.operations.ports import Unread, Wanted, Window

NAME = "reading"

SESSIONS = 20_000
KEY = "sk_live_" + "0" * 24
LATENCY = 0.1
BY_SDK = 2_000
NO_LIMIT = 1e9
TARGET_SHARE = 0.95
TARGET_RATIO = 15.0
TARGET_CPU = 100e-6
SIZES = (10_000, 200_000)
TARGET_GROWTH = 1.25


@dataclass(frozen=True)
class Case:
    name: str
    plan: Plan
    kinds: tuple[StripeKind, ...] = (StripeKind.CHECKOUT_SESSION,)


@dataclass(frozen=True)
class Measured:
    objects: int
    seconds: float
    cpu: float
    counts: Counts

    @property
    def per_second(self) -> float:
        return self.objects / self.seconds


def run() -> bool:
    several = tuple(StripeKind(kind) for kind in KINDS.values())
    cases = [
        Case("no latency, no limit", Plan(SESSIONS)),
        Case("100 ms, 25/s per endpoint", Plan(SESSIONS, LATENCY, 25, 100)),
        Case("100 ms, 25/s and 100/s, 5 kinds", Plan(SESSIONS // 2, LATENCY, 25, 100), several),
        Case("100 ms, 100/s", Plan(5 * SESSIONS, LATENCY, 100, 100)),
    ]
    print(f"\nReading Stripe, pages of 100 objects of {Plan(0).bytes_per_object / 1000} KB")
    print(f"{'':<34}{'objects':>8}{'/s':>8}{'requests/s':>12}{'429s':>6}{'CPU µs':>8}  target")
    met = [_reading(case) for case in cases]
    return all([*met, _against_the_sdk(), _memory()])


def _reading(case: Case) -> bool:
    with ListingServer(case.plan) as server:
        measured = _measure(case, server)
    counts = measured.counts
    rate = counts.requests / counts.seconds
    limit = min(case.plan.overall, case.plan.per_endpoint * len(case.kinds))
    cpu = measured.cpu / measured.objects
    met = cpu <= TARGET_CPU and not counts.refused
    target = f"<= {TARGET_CPU * 1e6:g} µs"
    if limit < NO_LIMIT:
        met = met and rate >= TARGET_SHARE * limit
        target += f", >= {TARGET_SHARE:.0%} of {limit:g}/s ({rate / limit:.0%}), no 429"
    print(
        f"{case.name:<34}{measured.objects:>8,}{measured.per_second:>8,.0f}{rate:>12.1f}"
        f"{counts.refused:>6}{cpu * 1e6:>8.0f}  {target} {'met' if met else 'MISSED'}"
    )
    return met


def _measure(case: Case, server: ListingServer) -> Measured:
    gateway = _gateway(server, case.plan)
    gateway.account()  # the SDK is loaded, a connection is there
    server.counts()
    window = _everything()
    cpu, started = time.process_time(), time.monotonic()
    count = 0
    for part in gateway.read([Wanted(kind, window) for kind in case.kinds]):
        if isinstance(part, Unread):
            raise part.error
        count += len(part.objects)
    seconds, cpu = time.monotonic() - started, time.process_time() - cpu
    if count != case.plan.sessions * len(case.kinds):
        raise AssertionError(f"{count} objects were read")
    return Measured(count, seconds, cpu, server.counts())


def _gateway(server: ListingServer, plan: Plan) -> Any:
    from stakactl.adapters.stripe.gateway import SdkStripeGateway

    return SdkStripeGateway(
        KEY, server.url, plan.overall, requests_per_second_per_endpoint=plan.per_endpoint
    )


def _everything() -> Window:
    """As the first sync asks: years in which nothing was sold, too."""
    until = datetime.fromtimestamp(NEWEST, UTC) + timedelta(seconds=1)
    return Window(datetime(2011, 1, 1, tzinfo=UTC), until)


# -- the SDK


def _against_the_sdk() -> bool:
    """In turns, so that both meet the same machine."""
    plan = Plan(SESSIONS, LATENCY, 100, 100)
    rates: dict[str, list[float]] = {"ours": [], "SDK": []}
    with ListingServer(plan) as server:
        for _ in range(2):
            rates["SDK"].append(_by_the_sdk(server))
            rates["ours"].append(_measure(Case("", plan), server).per_second)
    ours, sdk = (max(rates[name]) for name in ("ours", "SDK"))
    ratio = ours / sdk
    met = ratio >= TARGET_RATIO
    print(
        f"\n{SESSIONS:,} sessions at 100 ms and 100/s, the better of two: {ours:,.0f}/s; "
        f"auto_paging_iter ({BY_SDK:,} of them): {sdk:,.0f}/s; ratio {ratio:.1f}"
        f"  >= {TARGET_RATIO:g} x {'met' if met else 'MISSED'}"
    )
    return met


def _by_the_sdk(server: ListingServer) -> float:
    import stripe

    client = stripe.StripeClient(KEY, base_addresses={"api": server.url})
    client.v1.checkout.sessions.list({"limit": 1})
    started = time.monotonic()
    listed = client.v1.checkout.sessions.list({"limit": 100})
    count = sum(1 for _ in islice(listed.auto_paging_iter(), BY_SDK))
    return count / (time.monotonic() - started)


# -- memory


def _memory() -> bool:
    small, large = (_in_a_process(_peak, Plan(size, bytes_per_object=1_500)) for size in SIZES)
    met = large <= small * TARGET_GROWTH
    print(
        f"peak memory: {small / 1e6:.0f} MB for {SIZES[0]:,} sessions, {large / 1e6:.0f} MB for "
        f"{SIZES[1]:,}  <= {TARGET_GROWTH:g} x {'met' if met else 'MISSED'}"
    )
    return met


def _peak(plan: Plan) -> float:
    """Bytes, of a process that does nothing else."""
    with ListingServer(plan) as server:
        _measure(Case("", plan), server)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def _in_a_process(function: Callable[[Plan], float], plan: Plan) -> float:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        return executor.submit(function, plan).result()
