"""Subscriptions added up by the database: equal to a walk through the list of them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from stakactl.adapters.database.store import Store
from stakactl.domain.revenue import Grain
from stakactl.domain.stripe_objects import (
    Absence,
    StripeCustomer,
    StripeKind,
    Subscription,
    SubscriptionItem,
)
from stakactl.operations.ports import SubscriptionQuestion
from stakactl.operations.subscriptions import SubscriptionReport, subscriptions
from tests.adapters.database.revenue_worlds import STRANGE
from tests.adapters.database.test_figures import new_store
from tests.builders import a_product, a_subscription, an_item

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2025, 6, 1, 9, tzinfo=UTC)
FIRST = datetime(2023, 1, 1, tzinfo=UTC)
SINCE, UNTIL = date(2024, 3, 30), date(2024, 12, 31)
MOMENTS = st.one_of(
    st.sampled_from(STRANGE),
    st.integers(0, 850 * 24 * 60).map(lambda n: FIRST + timedelta(minutes=n)),
)
ITEMS = st.builds(
    SubscriptionItem,
    price_id=st.none(),
    product_id=st.sampled_from(["prod_1", "prod_2", None]),
    currency=st.just("eur"),
    interval=st.sampled_from(["day", "week", "month", "year"]),
    interval_count=st.integers(1, 6),
    amount=st.none() | st.integers(0, 10**7).map(lambda n: Decimal(n) / 1000),
    included_vat=st.sampled_from([None, Decimal(0), Decimal("5.5"), Decimal(20)]),
)
A_MONTH = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}


@st.composite
def worlds(draw: st.DrawFn) -> list[Subscription]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        started = draw(MOMENTS)
        began = draw(st.sampled_from([started, started + timedelta(days=30), None]))
        ended = began + draw(st.timedeltas(timedelta(1), timedelta(400))) if began else None
        state = draw(st.sampled_from(["active", "past_due", "unpaid", "canceled"]))
        if began is None:
            state = draw(st.sampled_from(["trialing", "incomplete", "incomplete_expired"]))
        currency = draw(st.sampled_from(["eur", "chf"]))
        items = draw(st.lists(ITEMS, min_size=1, max_size=3))
        found.append(
            a_subscription(
                id=f"sub_{number}",
                status=state,
                customer_id=f"cus_{number % 3}",
                created_at=started,
                started_at=started,
                began_at=began,
                ended_at=ended.replace(microsecond=0) if ended and state == "canceled" else None,
                items=tuple(_in(currency, one) for one in items),
            )
        )
    return found


def _in(currency: str, item: SubscriptionItem) -> SubscriptionItem:
    return replace(item, currency=currency)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def runs(one: Subscription, at: datetime) -> bool:
    began, ended = one.began_at, one.ended_at
    return began is not None and began < at and (ended is None or ended >= at)


def mrr(some: Sequence[Subscription]) -> tuple[int, Fraction, Fraction]:
    """How many, their MRR without VAT, and what may hold VAT."""
    net = unknown = Fraction(0)
    for item in (item for one in some for item in one.items):
        month = Fraction(item.amount or 0) * A_MONTH[item.interval] / item.interval_count
        if item.included_vat is None:
            unknown += month
        else:
            net += month / (1 + Fraction(item.included_vat) / 100)
    return len(some), net, unknown


def check(report: SubscriptionReport, world: list[Subscription]) -> None:
    for currency, flow in report.flows.items():
        own = [one for one in world if one.items[0].currency == currency]
        standing = report.standing[currency]
        end = midnight(report.until + timedelta(days=1))
        behind = [one for one in own if runs(one, end) and one.status in ("past_due", "unpaid")]
        fine = [one for one in own if runs(one, end) and one not in behind]
        for tally, expected in ((standing.past_due, behind), (standing.active, fine)):
            assert (tally.subscriptions, tally.mrr, tally.vat_unknown) == mrr(expected)
        parts = [(report.since, report.until, flow)]
        parts += [(p.start, p.end, p.flow) for p in report.periods if p.currency == currency]
        if report.earlier:
            earlier = report.earlier
            before = earlier.flows[currency]
            parts.append((earlier.since, earlier.until, before))
        for first, last, one in parts:
            start, stop = midnight(first), midnight(last + timedelta(days=1))
            new = [s for s in own if s.began_at and start <= s.began_at < stop]
            gone = [s for s in own if s.began_at and s.ended_at and start <= s.ended_at < stop]
            running = [s for s in own if runs(s, start)]
            for tally, expected in ((one.start, running), (one.new, new), (one.churned, gone)):
                assert (tally.subscriptions, tally.mrr, tally.vat_unknown) == mrr(expected)
        shown = [plan.tally.mrr for plan in report.plans if plan.currency == currency]
        assert sum(shown, Fraction(0)) == standing.active.mrr


class Ports:
    """What the operation asks for, over a store."""

    def __init__(self, store: Store, now: datetime = NOW) -> None:
        self.subscription_book = store.subscription_book
        self.clock = self
        self._now = now

    def now(self) -> datetime:
        return self._now


def report_of(store: Store, since: date | None = SINCE, grain: Grain = Grain.MONTH) -> Any:
    ports: Any = Ports(store)
    return subscriptions(ports, PARIS, since, UNTIL, grain)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.reuse, Phase.generate],
)
@given(worlds(), st.sampled_from(Grain), st.booleans())
def test_figures_are_those_of_a_plain_walk(
    sqlite_template: Path, tmp_path: Path, world: list[Subscription], grain: Grain, everything: bool
) -> None:
    with new_store(sqlite_template, tmp_path) as store:
        store.mirror.upsert(world)
        report = report_of(store, None if everything else SINCE, grain)
        check(report, world)
        paying = {one.customer_id for one in world if runs(one, midnight(date(2025, 1, 1)))}
        assert report.conversion.paying == len(paying)


def some_world() -> list[Subscription]:
    """The same on both databases."""
    rng = random.Random(5)
    found = []
    for number in range(60):
        began = datetime(2023, 6, 1, tzinfo=UTC) + timedelta(hours=rng.randint(0, 15_000))
        ended = began + timedelta(hours=rng.randint(1, 9_000)) if number % 3 == 0 else None
        state = "canceled" if ended else rng.choice(["active", "active", "past_due"])
        item = an_item(
            product_id=f"prod_{number % 2 + 1}",
            amount=Decimal(rng.randint(0, 10**7)) / 1000,
            interval=rng.choice(["week", "month", "year"]),
            included_vat=rng.choice([None, Decimal(20)]),
        )
        found.append(
            a_subscription(
                id=f"sub_{number}", status=state, began_at=began, ended_at=ended, items=(item,)
            )
        )
    return found


def test_both_databases_add_up_alike(store: Store) -> None:
    store.mirror.upsert([*some_world(), a_product()])
    for since in (SINCE, None):
        report = report_of(store, since, Grain.WEEK)
        check(report, some_world())
    assert {plan.product for plan in report.plans} == {"Club", "prod_2"}


def test_what_is_read_again_takes_the_place_of_what_was(store: Store) -> None:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    store.mirror.upsert([a_subscription(began_at=at, items=(an_item(), an_item()))])
    assert report_of(store).standing["eur"].active.mrr == 2000
    store.mirror.upsert([a_subscription(began_at=at, items=(an_item(amount=Decimal(600)),))])
    assert report_of(store).standing["eur"].active.mrr == 500
    store.mirror.mark_absent(StripeKind.SUBSCRIPTION, "sub_1", Absence.DELETED)
    assert report_of(store).flows == {}


def test_an_empty_mirror(store: Store) -> None:
    report = report_of(store, None)
    assert (report.flows, report.plans, report.periods) == ({}, (), ())
    assert report.conversion.rate is None
    assert report_of(store).earlier.conversion.rate is None


def test_customers_are_counted_once_and_at_their_time(store: Store) -> None:
    at = datetime(2024, 5, 1, tzinfo=UTC)
    people = [StripeCustomer(f"cus_{n}", at, True, None, None, None, None) for n in (1, 2, 3)]
    late = StripeCustomer("cus_4", datetime(2025, 2, 1, tzinfo=UTC), True, None, None, None, None)
    several = [a_subscription(id=f"sub_{n}", began_at=at) for n in (1, 2)]
    store.mirror.upsert([*people, late, *several])
    report = report_of(store)
    assert (report.conversion.customers, report.conversion.paying) == (3, 1)
    assert report.conversion.rate == Decimal("33.3")
    assert (report.earlier.conversion.customers, report.earlier.conversion.paying) == (0, 0)


def test_indexes_answer(store: Store) -> None:
    """What came and went is found by its time; SQLite never reads the rows themselves."""
    base = datetime(2024, 1, 1, tzinfo=UTC)
    many = [
        a_subscription(id=f"sub_{n}", began_at=base + timedelta(hours=n % 5000), ended_at=None)
        for n in range(3000)
    ]
    store.mirror.upsert(many)
    store.mirror.upsert(
        [StripeCustomer(f"cus_{n}", base, True, None, None, None, None) for n in range(3000)]
    )
    asked: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    if not store.database.is_sqlite:
        with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.exec_driver_sql("VACUUM ANALYZE stripe_subscription_items")
            c.exec_driver_sql("VACUUM ANALYZE stripe_customers")
    event.listen(store.database.engine, "before_cursor_execute", remember)
    bounds = [base, base + timedelta(days=30)]
    store.subscription_book.subscriptions(SubscriptionQuestion(bounds, bounds[-1:]))
    event.remove(store.database.engine, "before_cursor_execute", remember)
    own = [each for each in asked if "subscription_items" in each[0]]
    assert len(own) == 4
    with store.database.read() as connection:
        for statement, values in own:
            if store.database.is_sqlite:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps = [row[3] for row in plan if "subscription_items" in row[3]]
                assert steps
                assert all("COVERING INDEX" in step for step in steps), steps
            elif "period" in statement:  # the others are about all that run
                lines = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars()
                text = "\n".join(lines)
                assert "Index Only Scan using ix_stripe_subscription_items" in text, text


@pytest.mark.parametrize("grain", Grain)
def test_today_ends_now(store: Store, grain: Grain) -> None:
    """A trial that ends this evening has not begun to be paid for."""
    store.mirror.upsert(
        [
            a_subscription(began_at=NOW - timedelta(hours=1)),
            a_subscription(
                id="sub_2",
                status="trialing",
                started_at=NOW - timedelta(days=1),
                began_at=NOW + timedelta(hours=1),
            ),
        ]
    )
    ports: Any = Ports(store)
    report = subscriptions(ports, PARIS, NOW.date(), NOW.date(), grain)
    standing = report.standing["eur"]
    assert (standing.active.subscriptions, standing.trial.subscriptions) == (1, 1)
    assert report.flows["eur"].new.subscriptions == 1
