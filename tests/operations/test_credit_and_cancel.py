"""Credit notes: never more than the invoice, gapless under crashes and crowds, told on the page."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from stakactl.domain.documents import amount_problem
from stakactl.domain.findings import Discrepancy
from stakactl.domain.invoice_status import InvoiceStatus, status_of
from stakactl.domain.invoicing import Credited
from stakactl.domain.money import Money
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused, StorageError
from stakactl.operations.credit_notes import CreditReport, CreditRequest, issue_credit, plan_credit
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.sync import sync_stripe
from stakactl.operations.upload import upload_pdfs
from stakactl.output.reports.credit_notes import credit_view
from tests.builders import NOW, a_refund, eur
from tests.operations.test_invoice_files import issued
from tests.operations.workshop import (
    BEGINNING,
    Cut,
    Workshop,
    classes,
    cut_before,
    sale,
    workshop_on,
)


def credit(shop: Workshop, number: str, amount: int | None = None) -> CreditReport:
    return issue_credit(shop, CreditRequest(number, amount, "one copy damaged"))


def numbers(shop: Workshop) -> list[str]:
    return sorted(one.number for one in shop.invoices.find() if one.is_credit_note)


def test_a_credit_note_cites_its_invoice_and_has_a_series_of_its_own(shop: Workshop) -> None:
    first, second = issued(shop, 2)
    report = credit(shop, first.number)
    note = report.note
    assert note is not None
    assert (note.number, note.credits_id) == ("AVOIR-2026-000001", first.invoice_id)
    expected = Credited(first.number, first.snapshot.issued_on, "one copy damaged")
    assert note.snapshot.credited == expected
    assert note.snapshot.lines == first.snapshot.lines
    assert (note.total, report.left, report.outcome) == (first.total, eur(0), Outcome.OK)
    assert shop.invoices.credits_of(first.invoice_id) == [shop.invoices.get(note.number)]
    assert note.object_key in shop.store.objects
    assert len(shop.mail()) == 2  # those of the invoices
    assert shop.invoices.for_order("A-1") == first
    assert shop.invoices.for_order("A-2") == second


def test_partial_notes_add_up_to_the_invoice_and_no_further(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    for amount in (333, 1, 777):
        credit(shop, invoice.number, amount)
    with pytest.raises(Refused, match="more than the"):
        credit(shop, invoice.number, invoice.total.minor)
    last = credit(shop, invoice.number)
    assert last.left == eur(0)
    notes = [note.snapshot for note in shop.invoices.credits_of(invoice.invoice_id)]
    assert sum(note.total_vat.minor for note in notes) == invoice.snapshot.total_vat.minor
    assert sum(note.total_net.minor for note in notes) == invoice.snapshot.total_net.minor
    assert list(map(amount_problem, notes)) == [None] * 4
    assert numbers(shop) == [f"AVOIR-2026-{n:06d}" for n in range(1, 5)]
    with pytest.raises(Refused, match="in full already"):
        credit(shop, invoice.number)


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_not_credited(shop: Workshop, amount: int) -> None:
    (invoice,) = issued(shop)
    with pytest.raises(Refused):
        credit(shop, invoice.number, amount)
    assert numbers(shop) == []


def test_thousandths_of_a_dinar_are_not_credited(shop: Workshop) -> None:
    shop.take(sale(1, amount=Money(12340, "kwd")))
    sync_stripe(shop)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    (invoice,) = shop.invoices.find()
    with pytest.raises(Refused, match="three decimals"):
        credit(shop, invoice.number, 1005)
    assert credit(shop, invoice.number, 1010).left == Money(11330, "kwd")


def test_a_credit_note_cannot_be_credited(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    credit(shop, invoice.number, 1)
    with pytest.raises(Refused, match="is a credit note"):
        credit(shop, "AVOIR-2026-000001")


def test_a_plan_changes_nothing(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    before = shop.contents()
    plan = plan_credit(shop, CreditRequest(invoice.number, 100))
    assert (plan.amount, plan.left) == (eur(100), invoice.total - eur(100))
    assert shop.contents() == before


def test_cancelling_credits_the_rest_and_the_order_may_be_invoiced_anew(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    credit(shop, invoice.number, 100)
    cancel = CreditRequest(invoice.number, cancel=True)
    report = issue_credit(shop, cancel)
    assert report.amount == invoice.total - eur(100)
    assert status_of(report.invoice.moments, NOW) is InvoiceStatus.CANCELLED
    assert report.invoice.snapshot == invoice.snapshot
    with pytest.raises(Refused, match="cancelled already"):
        issue_credit(shop, cancel)
    (again,) = generate_invoices(shop, GenerateRequest(BEGINNING)).issued
    assert again.number == "FACT-2026-000002"


def test_cancelling_what_was_credited_in_full_takes_no_number(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    credit(shop, invoice.number)
    report = issue_credit(shop, CreditRequest(invoice.number, cancel=True))
    assert (report.note, report.amount) == (None, eur(0))
    assert numbers(shop) == ["AVOIR-2026-000001"]


def test_a_crash_between_number_and_page_resumes_with_the_same_number(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    heal = cut_before(shop.renderer, "render")
    with pytest.raises(Cut):
        credit(shop, invoice.number, 100)
    heal()
    assert numbers(shop) == ["AVOIR-2026-000001"]
    assert upload_pdfs(shop).outcome is Outcome.OK
    credit(shop, invoice.number, 100)
    assert numbers(shop) == ["AVOIR-2026-000001", "AVOIR-2026-000002"]
    assert shop.invoices.unfinished() == []


def test_a_store_that_is_down_keeps_the_note_waiting(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    shop.store.failure = StorageError("the store answered 503")
    report = credit(shop, invoice.number)
    assert (report.outcome, report.problem) == (Outcome.PARTIAL, shop.store.failure)
    shop.store.failure = None
    assert upload_pdfs(shop).failed == 0


def test_many_at_once_never_exceed_the_invoice(shop: Workshop, database_url: str) -> None:
    (invoice,) = issued(shop)
    barrier, amount = Barrier(8), invoice.total.minor // 3

    def one(_: int) -> bool:
        with workshop_on(database_url) as own:
            barrier.wait(30)
            try:
                credit(own, invoice.number, amount)
            except Refused:
                return False
            return True

    with ThreadPoolExecutor(8) as crowd:
        done = list(crowd.map(one, range(8)))
    assert done.count(True) == 3
    assert numbers(shop) == [f"AVOIR-2026-{n:06d}" for n in range(1, 4)]
    credited = sum(one.total.minor for one in shop.invoices.credits_of(invoice.invoice_id))
    assert credited <= invoice.total.minor


def test_a_refund_with_its_credit_note_is_no_finding(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    order = shop.orders.get("A-1")
    assert order is not None
    shop.stripe.put(
        a_refund(id="re_1", charge_id="ch_1", payment_intent_id="pi_1", amount=invoice.total)
    )
    reconcile(shop, ReconcileRequest(fix=True))
    found = reconcile(shop, ReconcileRequest())
    assert classes(found.findings) == [Discrepancy.REFUND_NO_CREDIT_NOTE]
    assert "invoices credit NUMBER" in found.findings[0].hint
    credit(shop, invoice.number, 1)
    found = reconcile(shop, ReconcileRequest())
    assert "but for 0.01 EUR" in found.findings[0].seen
    credit(shop, invoice.number)
    assert shop.status() is OrderStatus.REFUNDED
    assert list(reconcile(shop, ReconcileRequest()).findings) == []


def test_cancelling_says_that_a_paid_order_is_invoiced_again(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    cancel = CreditRequest(invoice.number, cancel=True)
    assert not plan_credit(shop, CreditRequest(invoice.number)).invoiced_again
    assert plan_credit(shop, cancel).invoiced_again
    report = issue_credit(shop, cancel)
    assert report.invoiced_again
    assert any("correct the order first" in note for note in credit_view(report).notes)
    assert len(generate_invoices(shop, GenerateRequest(BEGINNING)).issued) == 1


def test_cancelling_the_invoice_of_a_refunded_order_says_nothing(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    order = shop.orders.get(invoice.order_id)
    assert order is not None
    refunded = replace(order, status=OrderStatus.REFUNDED, refunded=order.amount)
    shop.orders.import_orders([refunded])
    assert not plan_credit(shop, CreditRequest(invoice.number, cancel=True)).invoiced_again
