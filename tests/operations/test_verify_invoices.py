"""What `invoices verify` finds, and that it reads everything that it is asked about."""

import pytest
from sqlalchemy import delete, update

from stakactl.adapters.database.snapshots import to_json
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.domain.findings import Discrepancy
from stakactl.domain.invoicing import Invoice
from stakactl.domain.runs import Outcome
from stakactl.errors import NotFound, StorageError
from stakactl.operations.scope import Scope
from stakactl.operations.verify_invoices import verify_named, verify_period
from tests.builders import NOW, eur
from tests.operations.test_invoice_files import issued
from tests.operations.workshop import RECORDS, Workshop, classes

ALL = Scope()


def forge_total(shop: Workshop, invoice: Invoice) -> None:
    snapshot = to_json(invoice.snapshot).replace('"total": {"minor": ', '"total": {"minor": 1')
    this = invoices.c.invoice_id == invoice.invoice_id
    with shop.database.database.write() as connection:
        connection.execute(update(invoices).where(this).values(snapshot=snapshot))


def test_sound_invoices_are_read_to_the_last_byte_and_nothing_is_changed(shop: Workshop) -> None:
    issued(shop, 3)
    before = shop.contents(without=RECORDS)
    shop.store.gets.clear()
    report = verify_period(shop, ALL)
    assert (report.outcome, report.invoices, report.waiting) == (Outcome.OK, 3, 0)
    assert len(shop.store.gets) == 3
    assert shop.contents(without=RECORDS) == before
    assert verify_named(shop, ["FACT-2026-000002"]).invoices == 1
    assert verify_period(shop, Scope(until=NOW)).invoices == 0


def test_what_is_wrong_is_found(shop: Workshop) -> None:
    first, second, third, fourth = issued(shop, 4)
    forge_total(shop, first)
    shop.store.replace(third.object_key, b"%PDF-forged")
    shop.store.delete(fourth.object_key)
    with shop.database.database.write() as connection:
        connection.execute(delete(invoices).where(invoices.c.number == second.number))
    report = verify_period(shop, ALL)
    assert report.outcome is Outcome.FINDINGS
    assert set(classes(report.findings)) == {
        Discrepancy.NUMBER_GAP,
        Discrepancy.INVOICE_AMOUNT,
        Discrepancy.PDF_CONTENT,
        Discrepancy.PDF_CORRUPT,
        Discrepancy.PDF_MISSING,
        Discrepancy.PDF_ORPHAN,
    }
    for number, wrong in (
        (first, ["INVOICE_AMOUNT", "PDF_CONTENT"]),
        (third, ["PDF_CORRUPT"]),
    ):
        assert classes(verify_named(shop, [number.number]).findings) == wrong


def test_an_invoice_over_another_sum_than_was_paid(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    with shop.database.database.write() as connection:
        connection.exec_driver_sql("UPDATE orders SET amount_minor = 1")
        connection.exec_driver_sql("UPDATE stripe_intents SET amount_received_minor = 1")
        connection.exec_driver_sql("UPDATE stripe_charges SET amount_minor = 1")
    assert invoice.total != eur(1)
    assert Discrepancy.INVOICE_AMOUNT in classes(verify_period(shop, ALL).findings)


def test_a_store_that_does_not_answer_is_no_verdict(shop: Workshop) -> None:
    issued(shop)
    shop.store.failure = StorageError("the store answered 503")
    report = verify_period(shop, ALL)
    assert (report.outcome, bool(report.unread)) == (Outcome.INCOMPLETE, True)


def test_a_pdf_that_waits_is_counted_and_an_unknown_number_is_said(shop: Workshop) -> None:
    (invoice,) = issued(shop, down=True)
    assert verify_named(shop, [invoice.number]).waiting == 1
    with pytest.raises(NotFound):
        verify_named(shop, ["FACT-1"])
