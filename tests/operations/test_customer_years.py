"""A customer's year: that of whole worlds against their own objects, and the poor ones."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stakactl.demo.offline_stripe.state import StripeState
from stakactl.domain.annual import AnnualFigures, Issuer
from stakactl.domain.invoice_status import DocumentKind
from stakactl.domain.orders import OrderStatus
from stakactl.errors import NotFound, UsageError
from stakactl.operations.customers.annual import AnnualReport, annual_summary
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.ports import InvoiceFilter, OrderFilter
from stakactl.operations.sync import sync_stripe
from tests.builders import (
    NOW,
    a_customer,
    a_dispute,
    a_refund,
    a_stripe_invoice,
    a_transaction,
    an_intent,
    an_order,
    eur,
)
from tests.operations.nightly_world import NightlyWorld, nightly_world
from tests.operations.test_revenue import name_in, order_by_payment, rounded
from tests.operations.workshop import BEGINNING, PARIS, Workshop, sale

Json = dict[str, Any]
#: Twelve days into a year, so that the worlds lie on both sides of its beginning.
NEW_YEAR = datetime(2027, 1, 12, 9, 30, tzinfo=UTC)
EVERYTHING = 100_000
SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(60, 64)]


@dataclass
class Sums:
    """What plain Python makes of a customer's year in one currency."""

    payments: int = 0
    paid: int = 0
    refunded: int = 0
    lost: int = 0
    invoiced: int = 0
    documents: int = 0
    vat: dict[Decimal, int] = field(default_factory=lambda: defaultdict(int))
    net: dict[Decimal, int] = field(default_factory=lambda: defaultdict(int))


Books = dict[tuple[str, int, str], Sums]


@pytest.mark.parametrize("seed", [7, *SOAK])
def test_the_years_of_a_world_are_those_of_its_objects(
    seed: int, sqlite_url: str, tmp_path: Path
) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=seed, orders=100, now=NEW_YEAR) as world:
        sync_stripe(world.container)
        generate_invoices(world.container, GenerateRequest(BEGINNING))
        books: Books = defaultdict(Sums)
        with StripeState(world.home.stripe_file) as state:
            add_money(books, world, state)
            add_bills(books, world, state)
            numbers = {bill["number"] for bill in listed(state, "invoice")}
        add_invoices(books, world, numbers)
        buyers = sorted({name for name, _, _ in books})
        assert {year for _, year, _ in books} == {2026, 2027}
        assert all(sum(getattr(s, n) for s in books.values()) for n in ("refunded", "lost", "paid"))
        checked = [*special(books), *buyers[:4]]
        for name in dict.fromkeys(checked):
            for year in (2026, 2027):
                report = annual_summary(world.container, name, year)
                check(report, {c: s for (n, y, c), s in books.items() if (n, y) == (name, year)})


def special(books: Books) -> Iterable[str]:
    """Those with refunds, lost disputes, several rates or money in both years."""
    for (name, _, _), sums in books.items():
        if sums.lost or sums.refunded or len(sums.vat) > 1 or sums.invoiced != sums.paid:
            yield name


def check(report: AnnualReport, expected: dict[str, Sums]) -> None:
    assert {figures.currency for figures in report.figures} == expected.keys()
    for figures in report.figures:
        sums, money = expected[figures.currency], figures.money
        assert money.payments == sums.payments, report.identity
        assert money.paid.minor == sums.paid
        assert money.refunded.minor == sums.refunded
        assert money.disputes_lost.minor == sums.lost
        assert money.net.minor == sums.paid - sums.refunded - sums.lost
        assert figures.invoiced.minor == sums.invoiced
        assert len(figures.documents) == sums.documents
        assert figures.difference.minor == sums.invoiced - money.net.minor
        rates = {r.rate: r for r in figures.rates if r.rate is not None and r.net and r.vat}
        told = {rate: (total.net, total.vat) for rate, total in rates.items()}
        assert {
            rate: (net.minor, vat.minor) for rate, (net, vat) in told.items() if net and vat
        } == {rate: (sums.net[rate], vat) for rate, vat in sums.vat.items() if vat}
        check_sums(figures)


def check_sums(figures: AnnualFigures) -> None:
    """HT + TVA = TTC, of every document, at every rate and in all."""
    for document in figures.documents:
        if document.vat is not None:
            assert sum(split.gross.minor for split in document.vat) == document.total.minor
    for rate in figures.rates:
        if rate.net is not None and rate.vat is not None:
            assert rate.net + rate.vat == rate.gross
    assert figures.net + figures.vat + figures.unstated == figures.invoiced
    assert sum(d.total.minor for d in figures.documents) == figures.invoiced.minor


def add_money(books: Books, world: NightlyWorld, state: StripeState) -> None:
    """Charges, refunds and disputes, on the day of their balance transaction."""
    booked: dict[str, int] = {}
    for row in listed(state, "balance_transaction"):
        booked[row["source"]] = min(row["created"], booked.get(row["source"], row["created"]))
    buyers = buyer_by_payment(world, state)
    through = {charge["id"]: charge["payment_intent"] for charge in listed(state, "charge")}

    def sums_of(thing: Json, payment: str | None) -> Sums | None:
        buyer = buyers.get(payment or "")
        if buyer is None:
            return None
        moved = int(booked.get(thing["id"]) or thing["created"])
        at = datetime.fromtimestamp(moved, PARIS)
        return books[buyer, at.year, thing["currency"]]

    for charge in listed(state, "charge"):
        received = charge["status"] == "succeeded" and charge["captured"]
        sums = sums_of(charge, charge["payment_intent"]) if received else None
        if sums is not None:
            sums.payments += 1
            sums.paid += charge["amount_captured"]
    for kind, status in (("refund", "succeeded"), ("dispute", "lost")):
        for thing in listed(state, kind):
            payment = thing["payment_intent"] or through.get(thing["charge"])
            sums = sums_of(thing, payment) if thing["status"] == status else None
            if sums is not None and kind == "refund":
                sums.refunded += thing["amount"]
            elif sums is not None:
                sums.lost += thing["amount"]
        keep_open(books, state, kind, sums_of, through)


def keep_open(
    books: Books, state: StripeState, kind: str, sums_of: Any, through: dict[str, str]
) -> None:
    """A year in which there is only something pending is told as well."""
    for thing in listed(state, kind):
        if thing["status"] in ("pending", "requires_action", "needs_response", "under_review"):
            sums_of(thing, thing["payment_intent"] or through.get(thing["charge"]))


def buyer_by_payment(world: NightlyWorld, state: StripeState) -> dict[str, str]:
    """By the order that it pays, else by its Stripe customer, where that is one buyer's alone."""
    owners = order_by_payment(world, state)
    orders = {o.order_id: o for o in world.container.orders.find(OrderFilter(limit=EVERYTHING))}
    found: dict[str, str] = {}
    users: dict[str, set[str]] = defaultdict(set)
    for order in orders.values():
        if order.customer.stripe_customer_id:
            users[order.customer.stripe_customer_id].add(order.customer.customer_id or "")
    customers = payer_of(state)
    for payment, customer in customers.items():
        if payment in owners:
            found[payment] = orders[owners[payment]].customer.customer_id or ""
            users[customer].add(found[payment])
    for payment in owners:
        found[payment] = orders[owners[payment]].customer.customer_id or ""
    for payment, customer in customers.items():
        if payment not in owners:
            alone = users[customer]
            found[payment] = next(iter(alone)) if len(alone) == 1 else customer
    return found


def payer_of(state: StripeState) -> dict[str, str]:
    found = {s["payment_intent"]: s["customer"] for s in listed(state, "checkout.session")}
    found |= {i["id"]: i["customer"] for i in listed(state, "payment_intent") if i["customer"]}
    return {payment: customer for payment, customer in found.items() if payment and customer}


def add_bills(books: Books, world: NightlyWorld, state: StripeState) -> None:
    """Stripe's numbered invoices, which are adopted; they state no rate here."""
    buyers = buyer_by_payment(world, state)
    by_customer = {customer: buyers[payment] for payment, customer in payer_of(state).items()}
    orders = world.container.orders.find(OrderFilter(limit=EVERYTHING))
    recorded = {order.stripe_session_id: order.customer.customer_id for order in orders}
    by_session = {
        s["invoice"]: recorded[s["id"]]
        for s in listed(state, "checkout.session")
        if s["invoice"] and s["id"] in recorded
    }
    for bill in listed(state, "invoice"):
        if not bill["number"] or bill["status"] in ("draft", "void"):
            continue
        order = world.container.orders.get(name_in(bill) or "")
        buyer = order.customer.customer_id if order else None
        buyer = by_session.get(bill["id"]) or buyer or by_customer.get(bill["customer"])
        if buyer is None:
            continue
        year = datetime.fromtimestamp(bill["created"], PARIS).year
        sums = books[buyer, year, bill["currency"]]
        sums.invoiced += bill["total"]
        sums.documents += 1


def add_invoices(books: Books, world: NightlyWorld, numbers: set[str]) -> None:
    """Ours, by their lines; and the numbers of its own that the application recorded."""
    for invoice in world.container.invoices.find(InvoiceFilter(limit=EVERYTHING)):
        numbers.add(invoice.number)
        snapshot, sign = invoice.snapshot, -1 if invoice.is_credit_note else 1
        key = (snapshot.buyer.customer_id or "", snapshot.issued_on.year, snapshot.total.currency)
        gross: dict[Decimal, int] = defaultdict(int)
        for line in snapshot.lines:
            gross[line.vat_rate] += line.amount.minor
        add_document(books[key], gross, snapshot.total.currency, sign)
    for order in world.container.orders.find(OrderFilter(limit=EVERYTHING)):
        settled = order.status in (
            OrderStatus.PAID, OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED
        )  # fmt: skip
        if order.invoice_number and settled and order.invoice_number not in numbers:
            year = (order.paid_at or order.created_at).astimezone(PARIS).year
            rates = [(line.amount.minor, line.vat_rate or order.vat_rate) for line in order.lines]
            rates = rates or [(order.amount.minor, order.vat_rate)]
            known: dict[Decimal, int] = defaultdict(int)
            for minor, rate in rates:
                known[rate or Decimal(0)] += minor
            stated = known if all(rate is not None for _, rate in rates) else {}
            sums = books[order.customer.customer_id or "", year, order.amount.currency]
            add_document(sums, stated, order.amount.currency, 1)
            sums.invoiced += 0 if stated else order.amount.minor


def add_document(sums: Sums, gross: dict[Decimal, int], currency: str, sign: int) -> None:
    step = 10 if currency == "kwd" else 1
    sums.documents += 1
    for rate, minor in gross.items():
        vat = rounded(Decimal(minor) * rate / (100 + rate) / step) * step
        sums.vat[rate] += sign * vat
        sums.net[rate] += sign * (minor - vat)
        sums.invoiced += sign * minor


def listed(state: StripeState, kind: str) -> list[Json]:
    return [
        thing
        for thing in state.list(kind, {}, limit=EVERYTHING).objects
        if thing.get("livemode", thing.get("_livemode", True))
    ]


# One customer


@pytest.fixture
def today(shop: Workshop) -> Workshop:
    shop.clock.moment = NEW_YEAR
    return shop


def take(shop: Workshop, *objects: Any) -> None:
    shop.mirror.upsert(objects)


def sold(shop: Workshop, number: int, at: datetime, **fields: Any) -> None:
    """An order of u_1, paid at `at` by everything that says when."""
    buyer = a_customer(email="lea@example.com", customer_id="u_1")
    one = sale(number, at=at - timedelta(minutes=5), customer=buyer, **fields)
    shop.orders.import_orders([one.order])
    take(shop, *one.objects)


def test_a_year_ends_at_midnight_in_the_settings_zone(today: Workshop) -> None:
    """23:00 in Greenwich is midnight in Paris, in winter."""
    sold(today, 1, datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC))
    sold(today, 2, datetime(2026, 12, 31, 23, 0, tzinfo=UTC), amount=eur(100))
    sold(today, 3, datetime(2025, 12, 31, 23, 30, tzinfo=UTC), amount=eur(7))
    for year, paid in ((2025, None), (2026, 46807), (2027, 100)):
        figures = annual_summary(today, "u_1", year).figures
        assert [f.money.paid.minor for f in figures] == ([] if paid is None else [paid])


def test_money_counts_when_the_balance_moved(today: Workshop) -> None:
    """A debit that was begun in December and settled in January, and a refund of it."""
    begun = datetime(2026, 12, 30, 12, 0, tzinfo=UTC)
    sold(today, 1, begun)
    settled = datetime(2027, 1, 4, 12, 0, tzinfo=UTC)
    take(today, a_transaction(created_at=settled))
    take(today, a_refund(created_at=begun, amount=eur(100)))
    take(today, a_transaction(id="txn_r", source_id="re_1", amount=eur(-100), created_at=settled))
    assert annual_summary(today, "u_1", 2026).figures == ()
    (figures,) = annual_summary(today, "u_1", 2027).figures
    assert (figures.money.paid, figures.money.refunded) == (eur(46800), eur(100))


def test_all_refunded(today: Workshop) -> None:
    sold(today, 1, NOW, status=OrderStatus.REFUNDED)
    take(today, a_refund(created_at=NOW))
    (figures,) = annual_summary(today, "u_1", 2026).figures
    assert (figures.money.paid, figures.money.refunded, figures.money.net) == (
        eur(46800), eur(46800), eur(0)
    )  # fmt: skip
    assert (figures.rates, figures.invoiced, figures.difference) == ((), eur(0), eur(0))


@pytest.mark.parametrize(
    ("status", "lost", "open_"),
    [("lost", 300, 0), ("won", 0, 0), ("under_review", 0, 300), ("warning_closed", 0, 0)],
)
def test_only_lost_disputes_are_taken_off(
    today: Workshop, status: str, lost: int, open_: int
) -> None:
    sold(today, 1, NOW)
    take(today, a_dispute(created_at=NOW, amount=eur(300), status=status))
    (figures,) = annual_summary(today, "u_1", 2026).figures
    assert figures.money.disputes_lost == eur(lost)
    assert figures.money.disputes_open == eur(open_)
    assert figures.money.net == eur(46800 - lost)


def test_a_payment_that_is_captured_in_part(today: Workshop) -> None:
    sold(today, 1, NOW)
    take(today, an_intent(created_at=NOW, amount_received_minor=40000))
    (figures,) = annual_summary(today, "u_1", 2026).figures
    assert figures.money.paid == eur(40000)


def test_invoices_of_everybody(today: Workshop) -> None:
    """Ours states its rate, the application's order does, Stripe's does not."""
    sold(today, 1, NOW)
    today.clock.moment = NOW + timedelta(days=1)
    today.stripe.put(*sale(1, at=NOW - timedelta(minutes=5)).objects)
    sync_stripe(today)
    generate_invoices(today, GenerateRequest(BEGINNING))
    sold(today, 2, NOW, invoice_number="APP-2", vat_rate=Decimal("5.5"), amount=eur(10550))
    sold(today, 3, NOW)
    take(today, a_stripe_invoice(created_at=NOW, metadata_order_id="A-3", number="S-3"))
    (figures,) = annual_summary(today, "u_1", 2026).figures
    assert [(d.issuer, d.number, d.total.minor) for d in figures.documents] == [
        (Issuer.APPLICATION, "APP-2", 10550),
        (Issuer.STRIPE, "S-3", 46800),
        (Issuer.OURS, "FACT-2026-000001", 46800),
    ]
    assert [(r.rate, r.net, r.vat, r.gross.minor) for r in figures.rates] == [
        (Decimal(20), eur(39000), eur(7800), 46800),
        (Decimal("5.5"), eur(10000), eur(550), 10550),
        (None, None, None, 46800),
    ]
    assert figures.unstated == eur(46800)
    assert figures.difference == eur(0)
    check_sums(figures)
    today.rules(adopt_stripe_invoices=False)
    (figures,) = annual_summary(today, "u_1", 2026).figures
    assert [d.issuer for d in figures.documents] == [Issuer.APPLICATION, Issuer.OURS]
    assert {d.kind for d in figures.documents} == {DocumentKind.INVOICE}


def test_a_year_without_anything(today: Workshop) -> None:
    today.orders.import_orders([an_order(customer=a_customer(customer_id="u_1"))])
    report = annual_summary(today, "u_1", 2024)
    assert (report.figures, report.is_over) == ((), True)
    report = annual_summary(today, "u_1", 2027)
    assert (report.is_over, str(report.until)) == (False, "2027-01-12")


def test_a_year_that_has_not_begun(today: Workshop) -> None:
    with pytest.raises(UsageError, match="2028 has not begun"):
        annual_summary(today, "u_1", 2028)


def test_nobody_has_no_year(today: Workshop) -> None:
    with pytest.raises(NotFound, match="no customer is called 'u_1'"):
        annual_summary(today, "u_1", 2026)
