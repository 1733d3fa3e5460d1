"""Issuing: numbers without gaps, doubts, ceilings, and what a crash or a dead service leaves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest

from stakactl.domain.invoicing import InvoiceSnapshot, PdfStatus
from stakactl.domain.orders import Address, OrderLine, OrderStatus
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.stripe_objects import Absence
from stakactl.errors import ConfigurationError, DiskError, Refused, StorageError
from stakactl.operations.invoice_plan import GenerateRequest, plan_invoices
from stakactl.operations.invoices import InvoicesReport, generate_invoices
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, ORDERED, a_customer, a_refund, an_intent, eur
from tests.operations.workshop import (
    BEGINNING,
    Cut,
    Sale,
    Workshop,
    cut_after,
    cut_before,
    replaced,
    sale,
    workshop_on,
)

ALL = GenerateRequest(BEGINNING)
DAY = timedelta(days=1)
DOWN = StorageError("the store answered 503", hint="look at it")


def sell(shop: Workshop, *sales: Sale) -> None:
    """The orders are known, and so is their side of Stripe."""
    shop.take(*sales)
    sync_stripe(shop)


def generate(shop: Workshop) -> InvoicesReport:
    return generate_invoices(shop, ALL)


# Numbers


def test_numbers_follow_the_payments_without_a_gap(shop: Workshop) -> None:
    late, early = sale(1, at=ORDERED + DAY), sale(2, at=ORDERED)
    sell(shop, late, early, sale(3, at=ORDERED + 2 * DAY))
    report = generate(shop)
    assert shop.numbers() == {
        "A-2": "FACT-2026-000001",
        "A-1": "FACT-2026-000002",
        "A-3": "FACT-2026-000003",
    }
    assert [item.number for item in report.issued] == list(shop.numbers().values())
    assert (report.stored, report.outcome) == (3, Outcome.OK)
    assert shop.last_run().summary == {"issued": 3, "resumed": 0, "blocked": 0, "failed": 0}
    assert shop.spool.files == {}
    assert len(shop.mail()) == 3
    shop.check_delivery()


@pytest.mark.parametrize(
    "news",
    [
        {"status": OrderStatus.CANCELLED},
        {"invoice_number": "APP-7"},
        {"amount": eur(1)},
        {"status": OrderStatus.REFUNDED},
    ],
)
def test_an_order_that_changes_while_others_are_invoiced(
    shop: Workshop, news: dict[str, Any]
) -> None:
    """An import beside the run: what the plan saw no longer holds when the number is taken."""
    sell(shop, sale(1), sale(2, at=ORDERED + DAY))
    render = shop.renderer.render

    def render_and_import(snapshot: InvoiceSnapshot) -> bytes:
        order = shop.orders.get("A-2")
        assert order is not None
        shop.orders.import_orders([replace(order, **news, updated_at=NOW)])
        return render(snapshot)

    restore = replaced(shop.renderer, "render", render_and_import)
    generate(shop)
    restore()
    assert shop.numbers() == {"A-1": "FACT-2026-000001"}


def test_a_second_run_issues_nothing(shop: Workshop) -> None:
    sell(shop, sale(1), sale(2))
    generate(shop)
    before = shop.contents(without=["runs"])
    again = generate(shop)
    assert (again.issued, again.resumed, again.failed) == ((), (), ())
    assert shop.contents(without=["runs"]) == before
    assert len(shop.renderer.rendered) == 2


def test_control_a_gap_is_caught(shop: Workshop) -> None:
    sell(shop, sale(1), sale(2))
    generate(shop)
    shop.check_delivery()
    invoice = shop.invoices.for_order("A-2")
    assert invoice is not None
    shop.store.objects[invoice.object_key] += b"x"
    with pytest.raises(AssertionError):
        shop.check_delivery()


def test_numbers_begin_anew_with_the_year_and_never_go_back(shop: Workshop) -> None:
    eve = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)  # 23:30 in Paris
    for number, moment in enumerate((eve, eve + timedelta(hours=1), eve), start=1):
        shop.clock.moment = moment
        sell(shop, sale(number, at=ORDERED))
        generate(shop)
    assert list(shop.numbers().values()) == [
        "FACT-2026-000001",
        "FACT-2027-000001",
        "FACT-2027-000002",
    ]
    last = shop.invoices.get("FACT-2027-000002")
    assert last is not None
    assert f"{last.snapshot.issued_on}" == "2027-01-01"


def test_only_live_mode_makes_real_invoices(shop: Workshop) -> None:
    shop.rules(mode=Mode.DEMO)
    sell(shop, sale())
    generate(shop)
    (invoice,) = shop.invoices.find()
    assert invoice.snapshot.specimen


# Which orders


def test_without_a_beginning_or_a_seller_nothing_is_issued(shop: Workshop) -> None:
    sell(shop, sale())
    before = shop.contents()
    shop.rules(invoices_since=None)
    with pytest.raises(ConfigurationError, match="INVOICES_SINCE"):
        generate(shop)
    shop.rules(invoices_since=BEGINNING, company_gaps=("PDF_COMPANY_SIRET",))
    with pytest.raises(ConfigurationError, match="PDF_COMPANY_SIRET"):
        generate(shop)
    assert shop.contents() == before


def test_the_period_includes_its_beginning_and_excludes_its_end(shop: Workshop) -> None:
    """Counted by the payment, five minutes after the order."""
    since, until = ORDERED, ORDERED + DAY
    five = timedelta(minutes=5)
    second = timedelta(seconds=1)
    moments = [since - five - second, since - five, until - five - second, until - five]
    sell(shop, *(sale(number, at=at) for number, at in enumerate(moments, start=1)))
    generate_invoices(shop, GenerateRequest(since, until))
    assert sorted(shop.numbers()) == ["A-2", "A-3"]


def test_who_gets_an_invoice(shop: Workshop) -> None:
    shop.take(
        sale(1, amount=eur(0)),
        sale(2, invoice_number="APP-77"),
        sale(3, status=OrderStatus.REFUNDED, refunded=eur(46800)),
        sale(4, status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(100)),
        sale(5, refunded=eur(46800)),
    )
    for number in (3, 5):
        shop.stripe.put(
            a_refund(id=f"re_{number}", charge_id=f"ch_{number}", payment_intent_id=f"pi_{number}")
        )
    shop.stripe.put(
        a_refund(id="re_4", charge_id="ch_4", payment_intent_id="pi_4", amount=eur(100))
    )
    sync_stripe(shop)
    generate(shop)
    assert list(shop.numbers()) == ["A-4"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"customer": a_customer(address=Address(country="DE"))}, "in DE"),
        ({"vat_rate": Decimal(19)}, "no French VAT rate"),
        ({"lines": (OrderLine("Livre", 1, eur(100)),)}, "the lines sum to"),
    ],
)
def test_what_cannot_be_taxed_is_blocked_and_takes_no_number(
    shop: Workshop, fields: dict[str, Any], reason: str
) -> None:
    sell(shop, sale(1, **fields), sale(2))
    report = generate(shop)
    (blocked,) = report.blocked
    assert blocked.order_id == "A-1"
    assert reason in blocked.reason
    assert blocked.hint
    assert shop.numbers() == {"A-2": "FACT-2026-000001"}
    assert report.outcome is Outcome.OK


def test_an_unknown_country_or_rate_is_blocked(shop: Workshop) -> None:
    nowhere = sale(1, customer=a_customer(address=Address()))
    sell(shop, replace(nowhere, session=replace(nowhere.session, customer_country=None)))
    assert [b.reason for b in generate(shop).blocked] == ["the customer's country is unknown"]
    shop.rules(default_vat_rate=None)
    shop.take(sale(2))
    sync_stripe(shop)
    assert "no VAT rate is set" in [b.reason for b in generate(shop).blocked]
    assert shop.numbers() == {}


Doubt = Callable[[Workshop], None]


def unpaid(shop: Workshop) -> None:
    shop.stripe.put(an_intent(status="canceled"))


def too_little(shop: Workshop) -> None:
    shop.stripe.put(replace(sale().session, amount_total=eur(46600)))


def in_dollars(shop: Workshop) -> None:
    session = sale().session
    total = session.amount_total
    assert total is not None
    shop.stripe.put(replace(session, amount_total=replace(total, currency="usd")))


def of_another_order(shop: Workshop) -> None:
    shop.orders.import_orders([sale(2, status=OrderStatus.PENDING, paid_at=None).order])
    shop.stripe.put(replace(sale().session, client_reference_id="A-2"))


def of_test_mode(shop: Workshop) -> None:
    shop.stripe.put(replace(sale().session, livemode=False))


def unknown(shop: Workshop) -> None:
    """It vanished from Stripe after it was mirrored."""
    for kind, name in list(shop.stripe._objects):
        if name == "cs_live_1":
            shop.mirror.mark_absent(kind, name, Absence.MISSING)
            shop.stripe.remove(kind, name)


def refunded(shop: Workshop) -> None:
    shop.stripe.put(a_refund(amount=eur(100)))


def refund_failed(shop: Workshop) -> None:
    order = sale(status=OrderStatus.REFUNDED, refunded=eur(100), updated_at=NOW).order
    shop.orders.import_orders([replace(order, status=OrderStatus.PARTIALLY_REFUNDED)])
    shop.stripe.put(a_refund(amount=eur(100), status="failed"))


def refund_differs(shop: Workshop) -> None:
    order = sale(status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(99), updated_at=NOW).order
    shop.orders.import_orders([order])
    shop.stripe.put(a_refund(amount=eur(100)))


@pytest.mark.parametrize(
    ("doubt", "reason"),
    [
        (unpaid, "RECORDED_NOT_PAID"),
        (too_little, "AMOUNT_MISMATCH"),
        (in_dollars, "CURRENCY_MISMATCH"),
        (of_another_order, "LINK_CONFLICT"),
        (of_test_mode, "MODE_MISMATCH"),
        (unknown, "ORDER_WITHOUT_STRIPE"),
        (refunded, "REFUND_NOT_RECORDED"),
        (refund_failed, "REFUND_FAILED"),
        (refund_differs, "REFUND_TOTAL_MISMATCH"),
    ],
)
def test_what_is_in_doubt_gets_no_invoice(shop: Workshop, doubt: Doubt, reason: str) -> None:
    shop.take(sale())
    doubt(shop)
    sync_stripe(shop)
    report = generate(shop)
    assert report.issued == ()
    assert [item.reason.partition(":")[0] for item in report.blocked] == [reason]


def test_the_ceiling(shop: Workshop) -> None:
    sell(shop, *(sale(number) for number in range(1, 4)))
    shop.rules(nightly_max_invoices=2)
    before = shop.contents(without=["runs"])
    with pytest.raises(Refused, match="NIGHTLY_MAX_INVOICES"):
        generate(shop)
    assert shop.contents(without=["runs"]) == before
    assert shop.last_run().outcome is Outcome.ERROR
    shop.rules(nightly_max_invoices=3)
    assert len(generate(shop).issued) == 3


def test_a_backfill_of_a_named_period_has_no_ceiling(shop: Workshop) -> None:
    sell(shop, *(sale(number) for number in range(1, 4)))
    shop.rules(nightly_max_invoices=2)
    request = GenerateRequest(BEGINNING, NOW, backfill=True)
    assert len(generate_invoices(shop, request).issued) == 3


def test_a_plan_changes_nothing(shop: Workshop) -> None:
    sell(shop, sale(1), sale(2, vat_rate=Decimal(19)))
    before = shop.contents()
    plan = plan_invoices(shop, ALL)
    assert [case.order.order_id for case, _ in plan.ready] == ["A-1"]
    assert [item.order_id for item in plan.blocked] == ["A-2"]
    assert shop.contents() == before


# Mail


@pytest.mark.parametrize(
    ("since", "mailed"),
    [
        (None, False),
        (ORDERED + timedelta(minutes=5), True),
        (ORDERED + timedelta(minutes=5, seconds=1), False),
    ],
)
def test_no_mail_for_payments_before_mail_since(
    shop: Workshop, since: datetime | None, mailed: bool
) -> None:
    shop.rules(mail_since=since)
    sell(shop, sale())
    assert generate(shop).stored == 1
    assert list(shop.mail()) == (["1@example.com"] if mailed else [])


# Services that fail


def test_without_the_store_invoices_are_issued_and_their_pdfs_wait(shop: Workshop) -> None:
    sell(shop, *(sale(number) for number in range(1, 5)))
    shop.store.failure = DOWN
    report = generate(shop)
    assert (len(report.issued), report.stored, report.outcome) == (4, 0, Outcome.PARTIAL)
    assert len(shop.store.puts) == 1, "the store is asked once, not once for each invoice"
    assert [item.reason for item in report.failed] == [DOWN.message]
    assert len(shop.spool.files) == 4
    assert shop.mail() == {}
    assert {i.pdf_status for i in shop.invoices.unfinished()} == {PdfStatus.RENDERED}
    numbers = shop.numbers()
    shop.store.failure = None
    again = generate(shop)
    assert (len(again.issued), len(again.resumed), again.stored) == (0, 4, 4)
    assert shop.numbers() == numbers
    assert len(shop.renderer.rendered) == 4
    assert shop.spool.files == {}
    assert len(shop.mail()) == 4
    shop.check_delivery()


def test_without_store_and_disk_the_numbers_are_told_and_kept(shop: Workshop) -> None:
    sell(shop, sale(1), sale(2))
    shop.store.failure = DOWN
    full = DiskError("the disk is full")

    def fill(*_: object) -> None:
        shop.spool.failure = full if shop.renderer.rendered else None

    shop.renderer.before = fill
    report = generate(shop)
    assert report.outcome is Outcome.PARTIAL
    assert [item.number for item in report.issued] == list(shop.numbers().values())
    assert [item.reason for item in report.failed] == [DOWN.message, full.message]
    shop.renderer.before = lambda snapshot: None
    shop.store.failure = shop.spool.failure = None
    assert generate(shop).stored == 2
    shop.check_delivery()


def test_a_full_disk_stops_nothing_but_its_invoice(shop: Workshop) -> None:
    sell(shop, sale(1), sale(2))
    shop.spool.failure = DiskError("the disk is full")
    report = generate(shop)
    assert len(report.failed) == 2
    assert {i.pdf_status for i in shop.invoices.unfinished()} == {PdfStatus.RESERVED}
    shop.spool.failure = None
    assert generate(shop).stored == 2
    shop.check_delivery()


def test_a_lost_spool_is_rendered_again_from_the_snapshot(shop: Workshop) -> None:
    sell(shop, sale())
    shop.store.failure = DOWN
    generate(shop)
    (waiting,) = shop.invoices.unfinished()
    shop.spool.files.clear()
    shop.renderer.edition = 2
    moved = a_customer(name="Somebody Else", email="else@example.com", customer_id="u_9")
    shop.orders.import_orders([replace(sale().order, customer=moved, updated_at=NOW)])
    shop.store.failure = None
    assert generate(shop).stored == 1
    invoice = shop.invoices.get(waiting.number)
    assert invoice is not None
    assert invoice.snapshot == waiting.snapshot
    assert invoice.sha256 != waiting.sha256
    pdf = shop.store.objects[invoice.object_key]
    assert sha256(pdf).hexdigest() == invoice.sha256
    assert b"Somebody" not in pdf
    assert list(shop.mail()) == ["1@example.com"]


def test_a_damaged_spool_is_not_stored(shop: Workshop) -> None:
    sell(shop, sale())
    shop.store.failure = DOWN
    generate(shop)
    shop.spool.files = {name: pdf[:10] for name, pdf in shop.spool.files.items()}
    shop.store.failure = None
    generate(shop)
    shop.check_delivery()


def test_a_pdf_that_is_stored_already_is_kept_by_another_edition(shop: Workshop) -> None:
    """The crash came after PUT; then the spool was lost and we were upgraded."""
    sell(shop, sale())
    heal = cut_after(shop.store, "put_if_absent")
    with pytest.raises(Cut):
        generate(shop)
    heal()
    stored = dict(shop.store.objects)
    shop.spool.files.clear()
    shop.renderer.edition = 2
    assert generate(shop).stored == 1
    assert shop.store.objects == stored
    shop.check_delivery()


# Crashes

#: A step, and how many of two orders have their number by then: records are written for many.
STEPS = [
    ("invoices", "issue", 1),
    ("renderer", "render", 1),
    ("spool", "save", 1),
    ("invoices", "mark_all_rendered", 2),
    ("store", "put_if_absent", 2),
    ("invoices", "mark_all_stored", 2),
    ("spool", "discard", 2),
]


@pytest.mark.parametrize("cut", [cut_before, cut_after])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_a_crash_anywhere_resumes_with_the_same_number(
    shop: Workshop,
    step: tuple[str, str, int],
    cut: Callable[[object, str], Callable[[], None]],
) -> None:
    sell(shop, sale(1), sale(2))
    heal = cut(getattr(shop, step[0]), step[1])
    with pytest.raises(Cut):
        generate(shop)
    heal()
    taken = shop.numbers()
    assert len(taken) == (0 if (step[1], cut) == ("issue", cut_before) else step[2])
    assert generate(shop).failed == ()
    assert {**shop.numbers(), **taken} == shop.numbers()
    assert list(shop.numbers().values()) == ["FACT-2026-000001", "FACT-2026-000002"]
    assert len(shop.mail()) == 2
    assert shop.invoices.unfinished() == []
    shop.check_delivery()


def test_what_is_unfinished_comes_first(shop: Workshop) -> None:
    sell(shop, sale(1))
    shop.store.failure = DOWN
    generate(shop)
    sell(shop, sale(2, at=ORDERED - DAY))
    shop.store.failure = None
    report = generate(shop)
    assert [item.order_id for item in report.resumed] == ["A-1"]
    assert [item.order_id for item in report.issued] == ["A-2"]
    assert list(shop.mail()) == ["1@example.com", "2@example.com"]


# Two processes


def test_another_process_that_is_faster_wins(shop: Workshop, database_url: str) -> None:
    """While this one renders its first PDF, another one does all the work."""
    sell(shop, *(sale(number) for number in range(1, 5)))
    with workshop_on(database_url) as other:
        other.store, other.spool = shop.store, shop.spool

        def overtake(*_: object) -> None:
            shop.renderer.before = lambda snapshot: None
            report = generate(other)
            assert (len(report.resumed), len(report.issued)) == (1, 3)

        shop.renderer.before = overtake
        report = generate(shop)
    assert (len(report.issued), report.failed) == (1, ())
    assert len(shop.numbers()) == len(shop.mail()) == 4
    shop.check_delivery()


def test_two_processes_side_by_side_are_one(shop: Workshop, database_url: str) -> None:
    count = 12
    sell(shop, *(sale(number) for number in range(1, count + 1)))
    start = Barrier(2)

    def work(_: int) -> InvoicesReport:
        with workshop_on(database_url) as process:
            process.store, process.spool = shop.store, shop.spool
            start.wait(timeout=30)
            return generate(process)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(work, range(2)))
    assert sum(len(report.issued) for report in reports) == count
    assert all(report.failed == () for report in reports)
    generate(shop)
    assert len(shop.numbers()) == len(shop.mail()) == count
    shop.check_delivery()
