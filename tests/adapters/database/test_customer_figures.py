"""Customers added up by the database: equal to a walk through the list of their payments."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from stakactl.adapters.database.store import Store
from stakactl.domain.customer_figures import Heads, PerCustomer, Unattributed
from stakactl.domain.money import Money
from stakactl.domain.orders import Order
from stakactl.domain.revenue import Grain
from stakactl.domain.stripe_objects import (
    Absence,
    StripeCustomer,
    StripeKind,
    StripeObject,
)
from stakactl.operations.customer_stats import MOST, CustomersReport, customer_stats
from stakactl.output.progress import Silent
from tests.adapters.database.revenue_worlds import STRANGE
from tests.adapters.database.test_figures import new_store
from tests.builders import (
    a_charge,
    a_customer,
    a_refund,
    a_transaction,
    an_intent,
    an_order,
)

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2025, 6, 1, 9, tzinfo=UTC)
FIRST = datetime(2023, 9, 1, tzinfo=UTC)
SINCE, UNTIL = date(2024, 3, 30), date(2024, 12, 31)
MOMENTS = st.sampled_from(STRANGE) | st.integers(0, 800 * 24).map(
    lambda hours: FIRST + timedelta(hours=hours)
)


@dataclass(frozen=True)
class Paid:
    """One payment: by an order, whose buyer is named in some of three ways, or by a customer of
    Stripe's alone, or by nobody known."""

    number: int
    at: datetime
    minor: int
    fee: int
    currency: str
    ordered: bool
    application_id: str | None
    stripe_id: str | None
    email: str
    refunded: timedelta | None

    @property
    def order(self) -> Order:
        return an_order(
            order_id=f"A-{self.number}",
            created_at=self.at,
            paid_at=self.at,
            amount=Money(self.minor, self.currency),
            customer=a_customer(
                customer_id=self.application_id,
                stripe_customer_id=self.stripe_id,
                email=self.email,
            ),
            stripe_session_id=None,
            stripe_payment_intent_id=f"pi_{self.number}",
        )

    @property
    def objects(self) -> list[StripeObject]:
        n, money = self.number, Money(self.minor, self.currency)
        found: list[StripeObject] = [
            an_intent(id=f"pi_{n}", amount=money, customer_id=self.stripe_id),
            a_charge(id=f"ch_{n}", payment_intent_id=f"pi_{n}", amount=money),
            a_transaction(
                id=f"txn_{n}",
                created_at=self.at,
                amount=money,
                fee=Money(self.fee, self.currency),
                source_id=f"ch_{n}",
            ),
        ]
        if self.refunded is not None:
            found += [
                a_refund(id=f"re_{n}", charge_id=f"ch_{n}", payment_intent_id=None, amount=money),
                a_transaction(
                    id=f"txn_re_{n}",
                    created_at=self.at + self.refunded,
                    amount=Money(-self.minor, self.currency),
                    fee=Money(0, self.currency),
                    reporting_category="refund",
                    source_id=f"re_{n}",
                ),
            ]
        return found


@st.composite
def worlds(draw: st.DrawFn) -> list[Paid]:
    return [
        Paid(
            number,
            draw(MOMENTS),
            draw(st.integers(1, 10**6)),
            draw(st.integers(0, 100)),
            draw(st.sampled_from(["eur", "eur", "chf"])),
            draw(st.booleans()),
            draw(st.sampled_from([None, None, "U-1", "U-2"])),
            draw(st.sampled_from([None, "cus_1", "cus_2", "cus_3"])),
            draw(st.sampled_from(["Ann@Example.com", "ann@example.com", "b@example.com"])),
            draw(st.sampled_from([None, timedelta(hours=1), timedelta(days=40)])),
        )
        for number in range(draw(st.integers(0, 10)))
    ]


def stripe_customer(number: int, at: datetime = FIRST) -> StripeCustomer:
    return StripeCustomer(f"cus_{number}", at, True, f"c{number}@example.com", "C", None, None)


def put(store: Store, world: Sequence[Paid]) -> None:
    store.orders.import_orders([one.order for one in world if one.ordered])
    store.mirror.upsert([thing for one in world for thing in one.objects])


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=PARIS)


def who(world: Sequence[Paid]) -> dict[int, str]:
    """The buyer of each payment."""
    telling = sorted(
        (one for one in world if one.ordered and one.application_id and one.stripe_id),
        key=lambda one: (one.at, one.order.order_id),
    )
    named = {one.stripe_id: one.application_id for one in telling}
    buyers = {}
    for one in world:
        if one.ordered and one.application_id:
            buyers[one.number] = one.application_id
        elif one.stripe_id:
            buyers[one.number] = named.get(one.stripe_id) or one.stripe_id
        else:
            buyers[one.number] = one.email.lower() if one.ordered else ""
    return buyers


def movements(one: Paid) -> list[tuple[date, int, int]]:
    """Each with its local day, the payments and the net."""
    found = [(one.at.astimezone(PARIS).date(), 1, one.minor - one.fee)]
    if one.refunded is not None:
        found.append(((one.at + one.refunded).astimezone(PARIS).date(), 0, -one.minor))
    return found


def expected(
    world: Sequence[Paid], people: Sequence[StripeCustomer], since: date, until: date
) -> tuple[Heads, dict[str, PerCustomer], dict[str, Unattributed]]:
    buyers = who(world)
    seen: dict[str, datetime] = {}
    named = {one.stripe_id: buyers[one.number] for one in world if one.stripe_id}
    for one in world:
        if one.ordered:
            key = buyers[one.number]
            seen[key] = min(one.at, seen.get(key, one.at))
    for person in people:
        others = [one for one in world if one.ordered and one.application_id]
        telling = [one for one in others if one.stripe_id == person.id]
        key = named.get(person.id, person.id) if not telling else _newest(telling)
        seen[key] = min(person.created_at, seen.get(key, person.created_at))
    start, end = midnight(since), midnight(until + timedelta(days=1))
    paid: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    before: set[str] = set()
    for one in world:
        for day, payments, net in movements(one):
            key = buyers[one.number]
            if payments and day < since:
                before.add(key)
            if since <= day <= until:
                paid[one.currency][key][0] += payments
                paid[one.currency][key][1] += net
    paying = {k for each in paid.values() for k, (count, _) in each.items() if count and k}
    heads = Heads(
        sum(at < end for at in seen.values()),
        sum(start <= at < end for at in seen.values()),
        len(paying),
        len(paying & before),
    )
    revenue = {}
    for currency, each in paid.items():
        nets = [net for key, (count, net) in each.items() if count and key]
        if nets:
            found = sorted(nets)
            middle = found[(len(found) - 1) // 2], found[len(found) // 2]
            revenue[currency] = PerCustomer(len(nets), sum(nets), middle)
            assert Decimal(sum(middle)) / 2 == Decimal(median(map(Decimal, nets)))
    unknown = {currency: Unattributed(*each[""]) for currency, each in paid.items() if "" in each}
    return heads, revenue, unknown


def _newest(telling: Sequence[Paid]) -> str:
    return str(max(telling, key=lambda one: (one.at, one.order.order_id)).application_id)


class Ports:
    """What the operation asks for, over a store."""

    def __init__(self, store: Store) -> None:
        self.figures, self.customer_figures = store.figures, store.customer_figures
        self.progress = Silent()
        self.clock = self

    def now(self) -> datetime:
        return NOW


def report_of(
    store: Store, since: date | None = SINCE, grain: Grain = Grain.MONTH
) -> CustomersReport:
    ports: Any = Ports(store)
    return customer_stats(ports, PARIS, since, UNTIL, grain)


def check(report: CustomersReport, world: Sequence[Paid], people: Sequence[StripeCustomer]) -> None:
    told = report.heads, dict(report.revenue), dict(report.unknown)
    assert told == expected(world, people, report.since, report.until)
    if report.earlier is not None:
        earlier = report.earlier
        heads, revenue, _ = expected(world, people, earlier.since, earlier.until)
        assert (earlier.heads, dict(earlier.revenue)) == (heads, revenue)
    assert sum(period.new for period in report.periods) == report.heads.new
    assert report.periods[-1].customers == report.heads.customers
    for currency, one in report.revenue.items():
        top = [each for each in report.top if each.currency == currency]
        assert len(top) == min(one.paying, MOST)
        assert [each.net for each in top] == sorted((each.net for each in top), reverse=True)
        if one.paying <= MOST:
            assert sum(each.net for each in top) == one.net


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.reuse, Phase.generate],
)
@given(worlds(), worlds(), st.booleans(), st.sampled_from(Grain))
def test_figures_are_those_of_a_plain_walk(
    sqlite_template: Path,
    tmp_path: Path,
    world: list[Paid],
    more: list[Paid],
    everything: bool,
    grain: Grain,
) -> None:
    """Whoever asks meanwhile: what comes later may tell who somebody is."""
    people = [stripe_customer(number) for number in (1, 2)]
    later = [Paid(20 + one.number, *list(_rest(one))) for one in more]
    with new_store(sqlite_template, tmp_path) as store:
        put(store, world)
        store.mirror.upsert(people)
        check(report_of(store, None if everything else SINCE, grain), world, people)
        put(store, later)
        check(report_of(store, None if everything else SINCE, grain), [*world, *later], people)


def _rest(one: Paid) -> Sequence[Any]:
    return [getattr(one, name) for name in Paid.__dataclass_fields__][1:]


def payment(number: int = 1, **fields: Any) -> Paid:
    at = datetime(2024, 5, 1, 10, tzinfo=UTC)
    default = Paid(number, at, 12_000, 200, "eur", True, None, None, "a@example.com", None)
    return replace(default, **fields)


def test_both_databases_add_up_alike(store: Store) -> None:
    world = [
        payment(1, application_id="U-1", stripe_id="cus_1"),
        payment(2, ordered=False, stripe_id="cus_1", at=datetime(2024, 7, 1, tzinfo=UTC)),
        payment(3, stripe_id="cus_2", currency="chf"),
        payment(4, email="Guest@example.com", refunded=timedelta(days=2)),
        payment(5, email="guest@example.com", at=datetime(2023, 10, 1, tzinfo=UTC)),
        payment(6, ordered=False),
    ]
    people = [stripe_customer(n) for n in (1, 2, 3)]
    put(store, world)
    store.mirror.upsert(people)
    for since in (SINCE, None):
        check(report_of(store, since), world, people)
    report = report_of(store)
    assert report.heads == Heads(customers=4, new=0, paying=3, returning=1)
    best = report.top[1]
    assert (best.customer_id, best.payments, best.net) == ("U-1", 2, 23_600)
    assert (best.name, best.email) == ("Léa Martin", "c1@example.com")


def test_an_order_tells_later_whose_a_subscription_was(store: Store) -> None:
    put(store, [payment(1, ordered=False, stripe_id="cus_1")])
    store.mirror.upsert([stripe_customer(1)])
    assert [one.customer_id for one in report_of(store).top] == ["cus_1"]
    put(store, [payment(2, application_id="U-9", stripe_id="cus_1")])
    report = report_of(store)
    assert [(one.customer_id, one.payments) for one in report.top] == [("U-9", 2)]
    assert report.heads.customers == 1
    put(store, [payment(2, application_id="U-8", stripe_id="cus_1")])
    assert [one.customer_id for one in report_of(store).top] == ["U-8"]


def test_a_deleted_customer_of_stripe_is_none(store: Store) -> None:
    store.mirror.upsert([stripe_customer(1), stripe_customer(2)])
    assert report_of(store).heads.customers == 2
    store.mirror.mark_absent(StripeKind.CUSTOMER, "cus_1", Absence.DELETED)
    assert report_of(store).heads.customers == 1


def test_an_empty_store(store: Store) -> None:
    for since in (SINCE, None):
        report = report_of(store, since)
        assert (report.heads, report.revenue, report.top) == (Heads(), {}, ())
        assert report.heads.paying_rate is None
    assert PerCustomer().mean is PerCustomer().median is None


def test_one_index_answers(store: Store) -> None:
    """A pass over what each buyer paid, never over the days themselves."""
    put(store, [payment(n, application_id=f"U-{n % 50}") for n in range(400)])
    report_of(store)
    asked: list[tuple[str, Any]] = []

    def remember(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        asked.append((statement, values))

    if not store.database.is_sqlite:
        with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.exec_driver_sql("VACUUM ANALYZE buyer_days")
    event.listen(store.database.engine, "before_cursor_execute", remember)
    report_of(store)
    event.remove(store.database.engine, "before_cursor_execute", remember)
    ((statement, values),) = [each for each in asked if "buyer_days" in each[0]]
    with store.database.read() as connection:
        if store.database.is_sqlite:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            steps = [row[3] for row in plan if "buyer_days" in row[3]]
            assert len(steps) == 2, steps  # those who are known, and nobody
            assert all("COVERING INDEX ix_buyer_days_by_buyer" in step for step in steps), steps
        else:
            lines = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars()
            assert "\n".join(lines).count(" on buyer_days") == 2
