"""Customers of the seeded world, against its own orders and objects."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from stakactl.demo.offline_stripe.state import StripeState
from stakactl.domain.revenue import Grain
from stakactl.operations.customer_stats import CustomersReport, customer_stats
from stakactl.operations.nightly import nightly
from stakactl.operations.ports import OrderFilter
from stakactl.operations.revenue import revenue
from tests.operations.nightly_world import NightlyWorld, nightly_world
from tests.operations.test_revenue import order_by_payment
from tests.operations.workshop import PARIS

Json = dict[str, Any]


def test_customers_of_a_world_are_those_of_its_objects(sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=4, orders=100) as world:
        nightly(world.container)
        last = world.clock.local_date(world.clock.now())
        report = customer_stats(world.container, PARIS, None, last, Grain.MONTH)
        check_against_objects(report, world)
        whole = revenue(world.container, None, last, Grain.DAY)
        for currency, total in whole.totals.items():
            one = report.revenue[currency]
            unknown = report.unknown.get(currency)
            rest = total.net - one.net - (unknown.net if unknown else 0)
            assert abs(rest) <= abs(total.refunds + total.disputes)  # of who did not pay in it
            assert one.paying > 0


def check_against_objects(report: CustomersReport, world: NightlyWorld) -> None:
    """The demo's orders all name the application's customer; some Stripe's, too."""
    orders = {one.order_id: one for one in world.container.orders.find(OrderFilter(limit=10_000))}
    named = {
        one.customer.stripe_customer_id: one.customer.customer_id
        for one in sorted(orders.values(), key=lambda one: (one.created_at, one.order_id))
        if one.customer.stripe_customer_id
    }
    with StripeState(world.home.stripe_file) as state:
        owners = order_by_payment(world, state)
        living = [one["id"] for one in state.list("customer", {}, limit=100_000).objects]
        intents = {
            one["id"]: one["customer"]
            for one in state.list("payment_intent", {}, limit=100_000).objects
        }
        sources: Json = {
            thing["id"]: thing
            for kind in ("charge", "refund", "dispute")
            for thing in state.list(kind, {}, limit=100_000).objects
        }
        rows = [
            row
            for row in state.list("balance_transaction", {}, limit=100_000).objects
            if row.get("_livemode", True) and row["reporting_category"] != "payout"
        ]
    net: dict[tuple[str, str], int] = defaultdict(int)
    paid: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        payment = sources.get(row["source"] or "", {}).get("payment_intent") or ""
        order = orders.get(owners.get(payment) or "")
        stripe_id = intents.get(payment)
        buyer = order.customer.customer_id if order else named.get(str(stripe_id), stripe_id)
        key = row["currency"], buyer or ""
        net[key] += row["amount"] - row["fee"]
        paid[key] += row["reporting_category"] == "charge"
    everybody = {one.customer.customer_id for one in orders.values()}
    everybody |= {named.get(str(key), key) for key in living}
    assert report.heads.customers == len(everybody)
    payers = {buyer for (_, buyer), count in paid.items() if count and buyer}
    assert (report.heads.paying, report.heads.returning) == (len(payers), 0)
    for currency, one in report.revenue.items():
        own = {b: net[c, b] for (c, b), count in paid.items() if c == currency and count and b}
        assert (one.paying, one.net) == (len(own), sum(own.values()))
        found = sorted(own.values())
        assert one.middle == (found[(len(found) - 1) // 2], found[len(found) // 2])
        best = sorted(own.items(), key=lambda each: (-each[1], each[0]))[:10]
        top = [each for each in report.top if each.currency == currency]
        assert [(each.customer_id, each.net) for each in top] == best
        known = {str(one.customer.customer_id): one.customer for one in orders.values()}
        for each in top:
            customer = known.get(each.customer_id)
            assert customer is None or each.email == customer.email
