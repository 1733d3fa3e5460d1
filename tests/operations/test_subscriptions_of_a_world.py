"""Subscriptions of the seeded world, against its own objects, and the poor stores."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from stakactl.demo.offline_stripe.state import StripeState
from stakactl.domain.revenue import Grain
from stakactl.domain.runs import Outcome
from stakactl.domain.subscriptions import rounded
from stakactl.operations.subscriptions import SubscriptionReport, subscriptions
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, ORDERED, a_product, a_subscription, an_item
from tests.operations.nightly_world import NightlyWorld, nightly_world
from tests.operations.workshop import PARIS, Workshop

Json = dict[str, Any]
TODAY = NOW.astimezone(PARIS).date()


def test_subscriptions_of_a_world_are_those_of_its_objects(sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=4, orders=200) as world:
        assert sync_stripe(world.container).complete
        last = world.clock.local_date(world.clock.now())
        for since in (None, last - timedelta(days=29), last - timedelta(days=364)):
            report = subscriptions(world.container, PARIS, since, last, Grain.WEEK)
            check_against_objects(report, world)
        world.check_contract()


def check_against_objects(report: SubscriptionReport, world: NightlyWorld) -> None:
    """Walked through Stripe's own objects, with what the seeded prices, coupons and tax rates
    say: nothing of the code under test."""
    with StripeState(world.home.stripe_file) as state:
        found = state.list("subscription", {}, limit=100_000).objects
        coupons = {one["id"]: one for one in state.list("coupon", {}, limit=100).objects}
        discounts = {
            one["id"]: coupons[one["source"]["coupon"]]["percent_off"]
            for one in state.list("discount", {}, limit=100).objects
        }
        names = {one["id"]: one["name"] for one in state.list("product", {}, limit=100).objects}
        living = state.list("customer", {}, limit=100_000).objects
    running = [one for one in found if one["status"] in ("active", "past_due")]
    fine = [one for one in running if one["status"] == "active"]
    standing, flow = report.standing["eur"], report.flows["eur"]
    assert standing.past_due.subscriptions == len(running) - len(fine) == 1
    assert standing.trial.subscriptions == Counter(one["status"] for one in found)["trialing"] == 2
    assert flow.end.subscriptions == len(running)
    assert rounded(flow.end.mrr) == cents(
        sum((month(one, discounts) for one in running), Fraction(0))
    )
    assert standing.active.mrr == sum(month(one, discounts) for one in fine)
    assert discounts
    assert flow.end.vat_unknown == 0
    for period in report.periods:
        first, until = second(period.start), second(period.end + timedelta(days=1))
        new = [o for o in found if first <= o["start_date"] < until and o["status"] != "trialing"]
        gone = [one for one in found if one["ended_at"] and first <= one["ended_at"] < until]
        assert period.flow.new.subscriptions == len(new)
        assert period.flow.churned.subscriptions == len(gone)
        assert period.flow.net.mrr == sum(month(one, discounts) for one in new) - sum(
            month(one, discounts) for one in gone
        )
    by_plan = Counter((names[product(one)], interval(one)) for one in fine)
    shown = {(plan.product, plan.interval): plan.tally.subscriptions for plan in report.plans}
    assert shown == by_plan
    assert report.conversion.customers == len(living)
    assert report.conversion.paying == len({one["customer"] for one in running})


def item(one: Json) -> Json:
    (found,) = one["items"]["data"]
    return dict(found)


def product(one: Json) -> str:
    return str(item(one)["price"]["product"])


def interval(one: Json) -> str:
    return str(item(one)["price"]["recurring"]["interval"])


def month(one: Json, discounts: dict[str, int]) -> Fraction:
    kept = Fraction(1)
    for key in one["discounts"]:
        kept -= Fraction(discounts[key], 100)
    (rate,) = one["default_tax_rates"]
    each = Fraction(item(one)["price"]["unit_amount"]) / (12 if interval(one) == "year" else 1)
    return each * kept * 100 / Fraction(100 + rate["percentage"])


def cents(amount: Fraction) -> int:
    exact = Decimal(amount.numerator) / amount.denominator
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=PARIS).timestamp())


def report_of(shop: Workshop, since: date | None, grain: Grain = Grain.DAY) -> SubscriptionReport:
    return subscriptions(shop, PARIS, since, TODAY, grain)


def test_an_empty_store(shop: Workshop) -> None:
    for since in (None, TODAY - timedelta(days=29)):
        report = report_of(shop, since)
        assert (report.periods, report.flows, report.plans) == ((), {}, ())
        assert report.outcome is Outcome.OK


def test_one_subscription_for_one_day(shop: Workshop) -> None:
    began = ORDERED.astimezone(PARIS).date()
    shop.mirror.upsert([a_subscription(), a_product()])
    report = report_of(shop, None)
    assert report.since == began
    assert report.flows["eur"].end.mrr == 1000
    assert report.earlier is None
    day = subscriptions(shop, PARIS, began, began, Grain.MONTH)
    (period,) = day.periods
    assert (period.start, period.end) == (began, began)
    assert day.earlier is not None
    assert day.earlier.flows["eur"].end.subscriptions == 0
    assert day.flows["eur"].churn_rate is None


def test_all_of_them_cancelled(shop: Workshop) -> None:
    ended = ORDERED + timedelta(days=3)
    shop.mirror.upsert(
        [a_subscription(id=f"sub_{n}", status="canceled", ended_at=ended) for n in (1, 2)]
    )
    flow = report_of(shop, (ORDERED + timedelta(days=2)).date()).flows["eur"]
    assert flow.start.subscriptions == flow.churned.subscriptions == 2
    assert flow.churn_rate == 100
    assert flow.end.mrr == 0
    after = report_of(shop, (ORDERED + timedelta(days=6)).date())
    assert after.flows["eur"].churn_rate is None
    assert after.plans == ()
    assert after.conversion.paying == 0


def test_what_was_ended_before_is_still_of_its_currency(shop: Workshop) -> None:
    """Swiss francs that nobody pays any more are told as nothing, in a period that knew them."""
    francs = an_item(currency="chf")
    shop.mirror.upsert(
        [
            a_subscription(),
            a_subscription(
                id="sub_2", status="canceled", ended_at=ORDERED + timedelta(days=1), items=(francs,)
            ),
        ]
    )
    assert set(report_of(shop, None).flows) == {"chf", "eur"}
