"""Marking by hand: only what makes sense, and never over what somebody else marked."""

from dataclasses import replace
from datetime import date

import pytest

from stakactl.domain.invoice_status import InvoiceStatus, status_of
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot
from stakactl.errors import Refused
from stakactl.operations.credit_notes import CreditRequest, issue_credit
from stakactl.operations.mark_invoice import Mark, mark_invoice, plan_mark
from tests.builders import NOW
from tests.contracts.issuing import FACT, TODAY, order, snapshot_of
from tests.operations.test_invoice_files import issued
from tests.operations.workshop import Workshop


def unpaid(shop: Workshop) -> Invoice:
    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        return replace(snapshot_of(order(1), number, issued_on), payment=None)

    invoice = shop.invoices.issue("A-1", "u_1", FACT, NOW, TODAY, "run_1", freeze)
    assert invoice is not None
    return invoice


def test_paid_and_back(shop: Workshop) -> None:
    invoice = unpaid(shop)
    with pytest.raises(Refused, match="unpaid already"):
        mark_invoice(shop, invoice.number, Mark.UNPAID)
    mark_invoice(shop, invoice.number, Mark.PAID)
    (found,) = shop.invoices.find()
    assert status_of(found.moments, NOW) is InvoiceStatus.PAID
    assert found.snapshot == invoice.snapshot
    with pytest.raises(Refused, match="paid already"):
        mark_invoice(shop, invoice.number, Mark.PAID)
    mark_invoice(shop, invoice.number, Mark.UNPAID)
    assert shop.invoices.find() == [invoice]


def test_what_its_page_says_is_not_marked_away(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    with pytest.raises(Refused, match="says on its page"):
        mark_invoice(shop, invoice.number, Mark.UNPAID)


def test_cancelled_invoices_and_credit_notes_are_neither(shop: Workshop) -> None:
    invoice = unpaid(shop)
    note = issue_credit(shop, CreditRequest(invoice.number, cancel=True)).note
    assert note is not None
    for number in (invoice.number, note.number):
        with pytest.raises(Refused):
            plan_mark(shop, number, Mark.PAID)


def test_somebody_else_was_faster(shop: Workshop) -> None:
    invoice = unpaid(shop)
    assert shop.invoices.mark_paid(invoice.invoice_id, None, NOW)
    assert not shop.invoices.mark_paid(invoice.invoice_id, None, NOW)
