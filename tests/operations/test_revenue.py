"""Revenue of whole worlds: the seeded one against its own objects, and the poor ones."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from stakactl.demo.offline_stripe.state import StripeState
from stakactl.demo.seed import load_truth
from stakactl.domain.money import Money
from stakactl.domain.revenue import Figures, Grain, Split
from stakactl.domain.runs import Outcome
from stakactl.operations.nightly import nightly
from stakactl.operations.ports import InvoiceFilter, OrderFilter
from stakactl.operations.revenue import RevenueReport, revenue
from tests.builders import NOW, ORDERED, a_refund, a_transaction, eur
from tests.operations.nightly_world import NightlyWorld, nightly_world
from tests.operations.workshop import PARIS, Workshop, sale

Json = dict[str, Any]
TODAY = NOW.astimezone(PARIS).date()
SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(40, 46)]


@pytest.mark.parametrize("seed", [4, *SOAK])
def test_revenue_of_a_world_is_that_of_its_objects(
    seed: int, sqlite_url: str, tmp_path: Path
) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=seed, orders=100) as world:
        assert nightly(world.container).revenue is not None
        last = world.clock.local_date(world.clock.now())
        report = revenue(world.container, None, last, Grain.DAY)
        check_against_books(report, world)
        check_against_objects(report, world)
        assert report.outcome is Outcome.OK
        assert [tie.residual.minor for tie in report.ties] == [0, 0]


def check_against_books(report: RevenueReport, world: NightlyWorld) -> None:
    """The control sums that the world was made with."""
    books = load_truth(world.home.path).revenue
    assert {
        currency: (total.gross, total.refunds, total.disputes, total.fees)
        for currency, total in report.totals.items()
    } == {
        currency: (sums.gross, sums.refunds, sums.disputes, sums.fees)
        for currency, sums in books.items()
    }


def check_against_objects(report: RevenueReport, world: NightlyWorld) -> None:
    """VAT by day and currency, and gross by city, walked through Stripe's own objects."""
    with StripeState(world.home.stripe_file) as state:
        rows = [
            row
            for row in state.list("balance_transaction", {}, limit=100_000).objects
            if row.get("_livemode", True)
        ]
        payments = {
            thing["id"]: thing.get("payment_intent")
            for kind in ("charge", "refund", "dispute")
            for thing in state.list(kind, {}, limit=100_000).objects
        }
        owners = order_by_payment(world, state)
    vat: dict[tuple[date, str], int] = defaultdict(int)
    cities: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        day = datetime.fromtimestamp(row["created"], PARIS).date()
        order_id = owners.get(payments.get(row["source"]) or "")
        category = row["reporting_category"]
        if category == "charge":
            order = world.container.orders.get(order_id) if order_id else None
            city = order.customer.address.city if order else ""
            cities[row["currency"], city.casefold()] += row["amount"]
        if category in ("charge", "refund", "refund_failure") and order_id:
            vat[day, row["currency"]] += vat_of(world, order_id, row)
    found = {(p.start, p.currency): p.figures.vat for p in report.periods if p.figures.vat}
    assert found == {key: minor for key, minor in vat.items() if minor}
    assert sum(vat.values()) > 0
    for one in report.breakdowns:
        if one.split is Split.CITY:
            own = {name: minor for (code, name), minor in cities.items() if code == one.currency}
            assert one.unknown.gross == own.pop("", 0)
            assert sum(s.figures.gross for s in one.top) + one.rest.gross == sum(own.values())


def order_by_payment(world: NightlyWorld, state: StripeState) -> dict[str, str]:
    """By what the orders record after the night, else by what Stripe's objects name."""
    owners: dict[str, str] = {}
    sessions = state.list("checkout.session", {}, limit=100_000).objects
    named: list[tuple[Json, str | None]] = [
        *((s, name_in(s)) for s in sessions),
        *((s, s.get("client_reference_id")) for s in sessions),
    ]
    intents = state.list("payment_intent", {}, limit=100_000).objects
    for intent in intents:
        if name := name_in(intent):
            owners[intent["id"]] = name
    for session, name in named:
        if session["payment_intent"] and name:
            owners[session["payment_intent"]] = name
    known = {s["id"]: s["payment_intent"] for s in sessions}
    orders = world.container.orders.find(OrderFilter(limit=10_000))
    for order in sorted(orders, key=lambda o: o.order_id, reverse=True):
        if intent_id := known.get(order.stripe_session_id or ""):
            owners[intent_id] = order.order_id
    for order in sorted(orders, key=lambda o: o.order_id, reverse=True):
        if order.stripe_payment_intent_id:
            owners[order.stripe_payment_intent_id] = order.order_id
    return {
        key: name for key, name in owners.items() if world.container.orders.get(name) is not None
    }


def name_in(thing: Json) -> str | None:
    metadata = thing.get("metadata") or {}
    return metadata.get("orderId") or metadata.get("order_id")


def vat_of(world: NightlyWorld, order_id: str, row: Json) -> int:
    """From the live invoice, else the order's rates; the demo's zero tax is zero either way."""
    container, size = world.container, abs(row["amount"])
    sign = 1 if row["amount"] > 0 else -1
    invoice = container.invoices.for_order(order_id)
    order = container.orders.get(order_id)
    assert order is not None
    if invoice is not None:
        snapshot = invoice.snapshot
        groups = {group.rate: group.gross.minor for group in snapshot.vat}
        if snapshot.total == Money(size, row["currency"]):
            return sign * snapshot.total_vat.minor
    else:
        lines = [(line.amount.minor, line.vat_rate or order.vat_rate) for line in order.lines]
        lines = lines or [(order.amount.minor, order.vat_rate)]
        if any(rate is None for _, rate in lines):
            return 0
        groups = defaultdict(int)
        for minor, rate in lines:
            groups[rate or Decimal(0)] += minor
        if order.amount == Money(size, row["currency"]):
            return sign * sum(rounded(Decimal(m) * r / (100 + r)) for r, m in groups.items())
    exact = sum((Decimal(m) * r / (100 + r) for r, m in groups.items()), Decimal(0))
    return sign * rounded(exact * size / sum(groups.values()))


def rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def take(shop: Workshop, *objects: Any) -> None:
    shop.mirror.upsert(objects)


def sold(shop: Workshop, number: int, at: datetime = ORDERED) -> None:
    one = sale(number, at=at, vat_rate=Decimal(20))
    shop.orders.import_orders([one.order])
    take(shop, *one.objects)


def test_an_empty_store(shop: Workshop) -> None:
    report = revenue(shop, None, TODAY, Grain.WEEK)
    assert (report.since, report.until) == (TODAY, TODAY)
    assert (report.periods, report.totals, report.ties, report.breakdowns) == ((), {}, (), ())
    assert revenue(shop, TODAY - timedelta(days=29), TODAY, Grain.DAY).earlier is not None


def test_one_day_is_compared_with_the_day_before(shop: Workshop) -> None:
    sold(shop, 1)
    sold(shop, 2, ORDERED - timedelta(days=1))
    day = ORDERED.astimezone(PARIS).date()
    report = revenue(shop, day, day, Grain.MONTH)
    (period,) = report.periods
    assert (period.start, period.end) == (day, day)
    assert report.earlier is not None
    assert (report.earlier.since, report.earlier.until) == (day - timedelta(days=1),) * 2
    assert report.earlier.totals == report.totals


def test_all_refunded(shop: Workshop) -> None:
    """Nothing is left, and nothing is divided by it."""
    sold(shop, 1)
    back = a_transaction(
        id="txn_back", amount=eur(-46800), reporting_category="refund", source_id="re_1"
    )
    take(shop, a_refund(charge_id=sale(1).charge.id, payment_intent_id=None), back)
    total = revenue(shop, None, TODAY, Grain.DAY).totals["eur"]
    assert (total.gross, total.refunds, total.vat, total.net) == (46800, 46800, 0, -total.fees)


def test_a_residual_is_a_finding(shop: Workshop) -> None:
    """Somebody else changed the record behind our back: the figures are not the record's."""
    from sqlalchemy import text

    sold(shop, 1)
    assert revenue(shop, None, TODAY, Grain.DAY).outcome is Outcome.OK
    with shop.database.database.write() as connection:
        connection.execute(text("UPDATE stripe_balance_transactions SET amount_minor = 1"))
    report = revenue(shop, None, TODAY, Grain.DAY)
    assert report.outcome is Outcome.FINDINGS
    assert report.ties[0].residual == eur(1 - 46800)


def test_the_night_adds_up_everything(shop: Workshop) -> None:
    shop.take(sale(1), sale(2, at=ORDERED - timedelta(days=40)))
    nightly(shop)
    extent = shop.figures.extent()
    assert extent is not None
    assert next(shop.figures.add_up(*extent)) == 0


def test_more_names_than_are_told(shop: Workshop) -> None:
    for number in range(1, 13):
        one = sale(number, title=f"Book {number}")
        shop.orders.import_orders([one.order])
        take(shop, *one.objects)
    one_of = revenue(shop, None, TODAY, Grain.DAY).of(Split.PRODUCT, "eur")
    assert one_of is not None
    assert (len(one_of.top), one_of.others) == (10, 2)
    assert one_of.rest.gross == 2 * 46800
    assert one_of.unknown == Figures()


def test_invoices_of_a_night_are_asked_first(shop: Workshop) -> None:
    """The order states no rate; its invoice, by the company's setting, does."""
    shop.take(sale(1))
    nightly(shop)
    assert len(shop.invoices.find(InvoiceFilter())) == 1
    total = revenue(shop, None, TODAY, Grain.DAY).totals["eur"]
    assert (total.vat, total.vat_unknown) == (7800, 0)
