"""Invoices of no order: one for each reference whatever happens, and the rest of the chain knows
them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from stakactl.domain.documents import amount_problem
from stakactl.domain.invoice_status import InvoiceStatus, status_of
from stakactl.domain.invoicing import PdfStatus, ServicePeriod
from stakactl.domain.mail import MailStatus
from stakactl.domain.new_invoices import NewInvoice, PaidByHand
from stakactl.domain.orders import Customer, Nature, OrderLine
from stakactl.domain.runs import Outcome
from stakactl.domain.trail import SubjectKind
from stakactl.errors import ConfigurationError, NotFound, Refused, StorageError, UsageError
from stakactl.operations.create_invoice import CreateReport, create_invoice, plan_invoice
from stakactl.operations.credit_notes import CreditRequest, issue_credit
from stakactl.operations.explain import explain
from stakactl.operations.invoice_files import fetch_pdf
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mark_invoice import Mark, mark_invoice
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.scope import Scope
from stakactl.operations.sync import sync_stripe
from stakactl.operations.verify_invoices import verify_named, verify_period
from tests.builders import a_customer, an_order, eur
from tests.operations.workshop import (
    BEGINNING,
    Cut,
    Workshop,
    cut_after,
    cut_before,
    sale,
    workshop_on,
)

SHOP = a_customer(company="Librairie des Abbesses", siren="552100554")
LINES = (
    OrderLine("Audit", 2, eur(60000), Decimal(20)),
    OrderLine("Livres", 3, eur(1055), Decimal("5.5")),
    OrderLine("Remise", 1, eur(-2000), Decimal(20)),
)
WANTED = NewInvoice("QUOTE-17", LINES, SHOP)


def wanted(**changes: Any) -> NewInvoice:
    return replace(WANTED, **changes)


def create(shop: Workshop, **changes: Any) -> CreateReport:
    return create_invoice(shop, wanted(**changes))


def numbers(shop: Workshop) -> list[str]:
    return sorted(invoice.number for invoice in shop.invoices.find())


def test_an_invoice_to_be_paid(shop: Workshop) -> None:
    report = create(shop)
    invoice, snapshot = report.invoice, report.snapshot
    assert invoice is not None
    assert (report.outcome, report.issued_before) == (Outcome.OK, False)
    assert (invoice.number, invoice.reference, invoice.order_id) == (
        "FACT-2026-000001",
        "QUOTE-17",
        "",
    )
    assert (snapshot.issued_on, snapshot.due_on) == (date(2026, 3, 15), date(2026, 4, 14))
    assert snapshot.payment is None
    assert (snapshot.total_net, snapshot.total) == (eur(101333), eur(121165))
    assert amount_problem(snapshot) is None
    assert any("10 points" in mention for mention in snapshot.legal_mentions)
    shop.check_delivery()
    assert shop.mail() == {SHOP.email: MailStatus.QUEUED}
    moments = invoice.moments
    assert moments.due_at == datetime(2026, 4, 14, 22, tzinfo=UTC)
    assert status_of(moments, shop.clock.now()) is InvoiceStatus.GENERATED
    assert status_of(moments, moments.due_at) is InvoiceStatus.OVERDUE
    assert mark_invoice(shop, invoice.number, Mark.PAID).after.moments.paid_at == shop.clock.now()


def test_an_invoice_that_is_paid_already(shop: Workshop) -> None:
    period = ServicePeriod(date(2026, 2, 1), date(2026, 2, 28))
    paid = PaidByHand(date(2026, 3, 2), "cheque")
    report = create(shop, paid=paid, period=period, nature=Nature.GOODS)
    snapshot = report.snapshot
    assert snapshot.payment is not None
    assert (snapshot.payment.method, snapshot.due_on) == ("cheque", None)
    assert shop.clock.local_date(snapshot.payment.paid_at) == date(2026, 3, 2)
    assert (snapshot.period, snapshot.supplied_on) == (period, date(2026, 2, 28))
    assert report.invoice is not None
    assert status_of(report.invoice.moments, shop.clock.now()) is InvoiceStatus.PAID
    today = create(shop, reference="2", paid=PaidByHand(date(2026, 3, 15), "cash"))
    assert today.snapshot.payment is not None
    assert today.snapshot.payment.paid_at <= shop.clock.now()
    with pytest.raises(UsageError, match="still to come"):
        create(shop, reference="3", paid=PaidByHand(date(2026, 3, 16), "cash"))


def test_a_plan_changes_nothing(shop: Workshop) -> None:
    before = shop.contents()
    plan = plan_invoice(shop, WANTED)
    assert shop.contents() == before
    assert (plan.invoice, plan.snapshot.number) == (None, "")
    report = create_invoice(shop, WANTED)
    assert replace(report.snapshot, number="") == plan.snapshot


def test_the_same_command_makes_no_second_invoice(shop: Workshop) -> None:
    first = create(shop)
    again = create(shop)
    assert (again.issued_before, again.snapshot) == (True, first.snapshot)
    assert plan_invoice(shop, WANTED).issued_before
    assert numbers(shop) == ["FACT-2026-000001"]
    assert len(shop.outbox.find()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": LINES[:1]},
        {"customer": replace(SHOP, company="Another")},
        {"paid": PaidByHand(date(2026, 3, 1), "cash")},
        {"due_days": 10},
        {"nature": Nature.MIXED},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_another_invoice_of_the_same_reference_is_refused(
    shop: Workshop, changes: dict[str, Any]
) -> None:
    create(shop)
    with pytest.raises(Refused, match="FACT-2026-000001"):
        create(shop, **changes)
    assert numbers(shop) == ["FACT-2026-000001"]


@pytest.mark.parametrize(
    ("owner", "name", "cut"),
    [
        ("invoices", "issue_apart", cut_before),
        ("invoices", "issue_apart", cut_after),
        ("renderer", "render", cut_before),
        ("spool", "save", cut_after),
        ("store", "put_if_absent", cut_before),
        ("store", "put_if_absent", cut_after),
        ("invoices", "mark_stored", cut_before),
        ("invoices", "mark_stored", cut_after),
    ],
)
def test_the_same_command_ends_what_was_interrupted(
    shop: Workshop, owner: str, name: str, cut: Any
) -> None:
    heal = cut(getattr(shop, owner), name)
    with pytest.raises(Cut):
        create(shop)
    heal()
    assert create(shop).outcome is Outcome.OK
    assert numbers(shop) == ["FACT-2026-000001"]
    shop.check_delivery()
    assert shop.invoices.unfinished() == []
    assert len(shop.outbox.find()) == 1


def test_many_at_once_make_one(shop: Workshop, database_url: str) -> None:
    together = Barrier(4)

    def one(_: int) -> str:
        with workshop_on(database_url) as mine:
            mine.store, mine.spool = shop.store, shop.spool
            together.wait()
            return create(mine).snapshot.number

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(one, range(4))) == {"FACT-2026-000001"}
    assert numbers(shop) == ["FACT-2026-000001"]
    assert len(shop.outbox.find()) == 1


def test_without_mail_even_when_another_run_finishes_it(shop: Workshop) -> None:
    shop.store.failure = StorageError("the store answered 503")
    report = create_invoice(shop, WANTED, by_mail=False)
    assert (report.outcome, report.problem) == (Outcome.PARTIAL, shop.store.failure)
    shop.store.failure = None
    resumed = generate_invoices(shop, GenerateRequest(BEGINNING)).resumed
    assert [(one.order_id, one.reference) for one in resumed] == [("", "QUOTE-17")]
    (invoice,) = shop.invoices.find()
    assert invoice.pdf_status is PdfStatus.STORED
    assert shop.outbox.find() == []


def test_it_needs_no_date_to_begin_with_but_a_seller(shop: Workshop) -> None:
    shop.rules(invoices_since=None, mail_since=None)
    create(shop)
    assert shop.outbox.waiting(shop.clock.now()) == 1
    shop.rules(company_gaps=("PDF_COMPANY_SIRET",))
    with pytest.raises(ConfigurationError, match="PDF_COMPANY_SIRET"):
        create(shop, reference="2")


def test_a_customer_whom_orders_know(shop: Workshop) -> None:
    known = a_customer(customer_id="u_1", stripe_customer_id="cus_1")
    shop.orders.import_orders([an_order(customer=known)])
    asked: dict[str, dict[str, Any]] = {
        "by id": {"customer": Customer("", "", customer_id="u_1", locale="")},
        "by Stripe's": {"customer": Customer("", "", stripe_customer_id="cus_1", locale="")},
        "of order": {"customer": Customer("", "", locale=""), "customer_of": "A-1"},
    }
    for reference, changes in asked.items():
        report = create(shop, reference=reference, **changes)
        assert report.snapshot.buyer == known
        assert report.invoice is not None
        assert report.invoice.customer_id == "u_1"
    said = Customer("new@example.com", "", customer_id="u_1", locale="en")
    assert create(shop, reference="en", customer=said).snapshot.locale == "en"
    with pytest.raises(NotFound, match="nobody"):
        create(shop, reference="x", customer=Customer("", "", customer_id="nobody", locale=""))
    with pytest.raises(NotFound, match="A-9"):
        create(shop, reference="x", customer_of="A-9")
    assert create(shop, reference="new", customer=replace(SHOP, customer_id="new")).invoice


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"customer": replace(SHOP, siren="")}, "customer_siren"),
        ({"customer": replace(SHOP, email="")}, "customer_email"),
        ({"due_days": 61}, "L441-10"),
        ({"lines": (OrderLine("x", 1, eur(0), Decimal(20)),)}, "no invoice"),
        ({"lines": (OrderLine("x", 1, eur(-1), Decimal(20)),)}, "no invoice"),
        ({"lines": (OrderLine("x", 1, eur(100), Decimal(19)),)}, "no French VAT rate"),
    ],
)
def test_what_is_no_invoice_takes_no_number(
    shop: Workshop, changes: dict[str, Any], match: str
) -> None:
    before = shop.contents()
    with pytest.raises(UsageError, match=match):
        create(shop, **changes)
    assert shop.contents() == before


def test_orders_and_references_stand_side_by_side(shop: Workshop) -> None:
    """A reference that is called like an order does not keep the order from its invoice."""
    create(shop, reference="A-1")
    shop.take(sale(1))
    sync_stripe(shop)
    (issued,) = generate_invoices(shop, GenerateRequest(BEGINNING)).issued
    assert issued.number == "FACT-2026-000002"
    report = reconcile(shop, ReconcileRequest())
    assert [finding for finding in report.findings if finding.invoice_number] == []
    assert verify_period(shop, Scope()).outcome is Outcome.OK
    assert verify_named(shop, numbers(shop)).outcome is Outcome.OK


def test_an_application_that_records_the_number_has_that_invoice(shop: Workshop) -> None:
    create(shop)
    shop.take(replace(sale(1), order=replace(sale(1).order, invoice_number="FACT-2026-000001")))
    sync_stripe(shop)
    assert generate_invoices(shop, GenerateRequest(BEGINNING)).issued == ()
    assert list(shop.number_scan.shared()) == []


def test_a_lost_pdf_is_put_back(shop: Workshop) -> None:
    invoice = create(shop).invoice
    assert invoice is not None
    pdf = shop.store.objects[invoice.object_key]
    shop.store.delete(invoice.object_key)
    with pytest.raises(StorageError) as caught:
        fetch_pdf(shop, invoice)
    assert caught.value.hint == "stakactl reconcile --fix puts it back"
    reconcile(shop, ReconcileRequest(fix=True))
    assert shop.store.objects[invoice.object_key] == pdf


def test_it_is_credited_cancelled_and_made_anew(shop: Workshop) -> None:
    create(shop)
    cancelled = issue_credit(shop, CreditRequest("FACT-2026-000001", cancel=True))
    assert cancelled.note is not None
    assert not cancelled.invoiced_again
    assert (cancelled.note.reference, cancelled.note.snapshot.due_on) == ("QUOTE-17", None)
    corrected = create(shop, lines=LINES[:1])
    assert corrected.snapshot.number == "FACT-2026-000002"
    assert verify_period(shop, Scope()).outcome is Outcome.OK


@pytest.mark.parametrize("name", ["FACT-2026-000001", "AVOIR-2026-000001", "QUOTE-17"])
def test_its_time_line(shop: Workshop, name: str) -> None:
    create(shop)
    issue_credit(shop, CreditRequest("FACT-2026-000001", eur(100).minor))
    report = explain(shop, name)
    assert report.subject.kind is SubjectKind.INVOICE
    whats = [(entry.what, entry.object_id, entry.order_id) for entry in report.entries]
    assert ("invoice issued", "FACT-2026-000001", None) in whats
    assert ("credit note issued", "AVOIR-2026-000001", None) in whats
    assert any(what == "invoice mail queued; now queued" for what, _, _ in whats)
    assert [step.command for step in report.next] == ["stakactl invoices show FACT-2026-000001"]
