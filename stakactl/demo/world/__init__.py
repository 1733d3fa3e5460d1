"""The seeded world of the demo: a bookshop's orders, what Stripe knows, and what is wrong.

`build_world` is pure: chance comes from the seed, time from `now`. Who buys what, every id and
every planted discrepancy depend on the seed alone; `now` only moves the whole world in time.

    ids.py, rhythm.py             chance becomes ids and moments
    people.py, catalogue.py       who buys, and what
    shapes/                       one function per kind of Stripe object
    purchase.py, till.py, ledger.py, payouts.py
                                  what happens in Stripe, and the record of money
    scene.py                      one order in the making
    clean.py, traps.py            the scenarios, as tables: what can happen to an order,
    planted.py, planted_later.py, planted_documents.py, planted_money.py
                                  … and what can go wrong with it
    subscriptions.py              what Stripe bills by itself
    truth.py                      the answer sheet
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from stakactl.demo.world.catalogue import ARTICLES, PLANS, PRICING, localised
from stakactl.demo.world.clean import CLEAN
from stakactl.demo.world.ids import Ids, Json
from stakactl.demo.world.ledger import SETTLED_AS_IS
from stakactl.demo.world.payouts import Payouts
from stakactl.demo.world.people import country_deck
from stakactl.demo.world.planted import PLANTED_PAYMENTS
from stakactl.demo.world.planted_documents import PLANTED_DOCUMENTS
from stakactl.demo.world.planted_later import PLANTED_LATER
from stakactl.demo.world.planted_money import PLANTED_MONEY, planted_payouts
from stakactl.demo.world.rhythm import DAY, Rhythm
from stakactl.demo.world.scene import FIRST_ORDER, Cast, Scenario, Scene
from stakactl.demo.world.shapes import account as shapes
from stakactl.demo.world.shapes.subscription import tax_rate
from stakactl.demo.world.subscriptions import (
    add_discounts,
    add_subscriptions,
    add_trials,
    add_written_invoices,
)
from stakactl.demo.world.till import Till
from stakactl.demo.world.traps import TRAPS
from stakactl.demo.world.truth import Planted, Truth
from stakactl.domain.findings import Discrepancy

__all__ = ["SMALLEST", "Planted", "Truth", "World", "build_world"]

PLANTED = (*PLANTED_PAYMENTS, *PLANTED_LATER, *PLANTED_DOCUMENTS, *PLANTED_MONEY)
#: The smallest world that has room for every planted order.
SMALLEST = sum(scenario.share * scenario.orders for scenario in PLANTED)
ORDERS_PER_SUBSCRIPTION = 20
ORDERS_PER_TRIAL = 100
_WEBHOOK_EVENTS = (
    *("checkout.session.completed", "checkout.session.async_payment_succeeded"),
    *("checkout.session.async_payment_failed", "payment_intent.payment_failed"),
    *("charge.refunded", "charge.dispute.created"),
)


@dataclass(frozen=True, slots=True)
class World:
    """`orders` in the import format, oldest first; `stripe_objects` as Stripe sends them.

    Keys that begin with an underscore are not Stripe's: `_payout` (of a balance transaction),
    `_livemode` (where the object does not say it), `_deleted` (of a customer).
    """

    orders: list[Json]
    stripe_objects: list[Json]
    truth: Truth


def build_world(seed: int, now: datetime, orders: int = 400, days: int = 60) -> World:
    """A world of `orders` orders in the `days` before `now`; handfuls of them are wrong."""
    if orders < SMALLEST:
        raise ValueError(f"a world needs at least {SMALLEST} orders, not {orders}")
    rhythm = Rhythm(now, days)
    rng = random.Random(seed)
    till = Till(Ids(seed), rng, rhythm.now)
    bank_accounts = _furnish(till, rhythm.now - (days + 300) * DAY)
    cast = Cast(till, rng)
    numbers = (f"CMD-{number}" for number in count(FIRST_ORDER))
    countries = _countries(rng)
    rows: list[Json] = []
    planted: list[Planted] = []
    billed_elsewhere: set[str] = set()
    for scenario, chance in _programme(rng, orders, days):
        at = rhythm.moment(chance, *scenario.ages_within(days))
        country = scenario.country or next(countries)
        scene = Scene(till, rng, cast, at, country, lambda: next(numbers), scenario.stripe_tax)
        scenario.play(scene)
        rows += scene.rows
        planted += scene.planted
        billed_elsewhere |= scene.billed_elsewhere
    add_subscriptions(till, cast, rng, orders // ORDERS_PER_SUBSCRIPTION, days)
    add_written_invoices(till, cast, days)
    settled = list(Payouts(till.ids, till.ledger, till.now).settle(bank_accounts))
    for one in settled:
        till.objects.append(one.payout)
        for type, at in one.told:
            till.emit(type, at, one.payout)
    planted += planted_payouts(settled)
    add_trials(till, seed, orders // ORDERS_PER_TRIAL)
    add_discounts(till)
    stripe_objects = [*till.objects, *till.ledger.transactions, *till.events]
    stripe_objects.sort(key=lambda obj: int(obj.get("created") or obj["start"]))
    rows.sort(key=lambda row: str(row["created_at"]))
    return World(rows, stripe_objects, _truth(till, rows, planted, billed_elsewhere))


def _furnish(till: Till, opened: int) -> dict[str, str]:
    """The account, its catalogue and its webhook endpoint; returns its bank accounts."""
    till.objects.append(shapes.account(till.ids.new("account"), opened))
    endpoint_id = till.ids.new("webhook_endpoint")
    till.objects.append(shapes.webhook_endpoint(endpoint_id, opened, list(_WEBHOOK_EVENTS)))
    prices, made = till.prices, list[Json]()
    for article in ARTICLES:
        product_id = prices.products[article.key]
        for currency in PRICING:
            minor = localised(article.cents, currency)
            price_id = prices.prices[article.key, currency]
            made.append(shapes.price(price_id, opened, product_id, minor, currency))
        default = prices.prices[article.key, "eur"]
        name, good = article.french, article.is_book
        till.objects.append(shapes.product(product_id, opened, name, good=good, price_id=default))
    for interval, plan in PLANS.items():
        price_id = prices.prices[plan.key, "eur"]
        made.append(
            shapes.price(price_id, opened, prices.plan_product, plan.cents, "eur", interval)
        )
    club, default = "Cercle de lecture", prices.prices[PLANS["month"].key, "eur"]
    till.objects.append(
        shapes.product(prices.plan_product, opened, club, good=False, price_id=default)
    )
    till.objects += made
    till.price_objects = {price["id"]: price for price in made}
    till.subscription_tax = tax_rate(till.ids.new("tax_rate"), opened, 20)
    till.objects.append(till.subscription_tax)
    return {currency: till.ids.new("bank_account") for currency in SETTLED_AS_IS}


def _countries(rng: random.Random) -> Iterator[str]:
    while True:
        yield from country_deck(rng)


def _programme(rng: random.Random, orders: int, days: int) -> list[tuple[Scenario, float]]:
    """Every scenario with its chance, in the order of their intended ages, oldest first.

    Clean scenarios are dealt from a shuffled deck, so that every hundred orders have them all.
    """
    cast = [scenario for scenario in PLANTED for _ in range(scenario.share)]
    clean = orders - SMALLEST
    deck = [scenario for scenario in (*CLEAN, *TRAPS) for _ in range(scenario.share)]
    while clean > 0:
        rng.shuffle(deck)
        cast += deck[:clean]
        clean -= len(deck)
    drawn = [(scenario, rng.random()) for scenario in cast]
    return sorted(drawn, key=lambda entry: entry[0].age(entry[1], days), reverse=True)


def _truth(
    till: Till, rows: list[Json], planted: list[Planted], billed_elsewhere: set[str]
) -> Truth:
    concerned = {one.order_id for one in planted} | billed_elsewhere
    concerned |= {one.refs.get("other_order") for one in planted}
    clean = [
        row
        for row in rows
        if row["order_id"] not in concerned
        and row["status"] in ("paid", "partially_refunded")
        and row["amount_minor"] > 0
        and "invoice_number" not in row
    ]
    invoices = sum(one.invoiced for one in planted) + len(clean)
    return Truth(
        planted=tuple(planted),
        expected_invoices=invoices,
        expected_mails=invoices,
        orders_changed=sum(one.fixed_by_nightly for one in planted),
        revenue=till.ledger.revenue(),
        consequences=tuple(_consequences(clean, planted)),
    )


def _consequences(clean: list[Json], planted: list[Planted]) -> Iterator[Planted]:
    """Orders that were refunded in part get an invoice of the whole: its credit note is missing."""
    refunded = [row["order_id"] for row in clean if row["status"] == "partially_refunded"]
    refunded += [
        one.order_id
        for one in planted
        if one.discrepancy is Discrepancy.REFUND_NOT_RECORDED and one.invoiced
    ]
    yield from (Planted(Discrepancy.REFUND_NO_CREDIT_NOTE, order_id) for order_id in refunded)
