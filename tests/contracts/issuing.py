"""Issuing invoices in tests; apart from the contracts, so that small processes need no pytest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from stakactl.domain.credit_notes import credit_snapshot, remaining
from stakactl.domain.invoicing import (
    Company,
    Draft,
    Invoice,
    InvoiceSnapshot,
    Payment,
    draft,
    totals,
)
from stakactl.domain.numbering import Series
from stakactl.domain.orders import Address, Order
from stakactl.errors import Refused
from stakactl.operations.ports import InvoiceBook
from tests.builders import an_order

FACT = Series("FACT")
AVOIR = Series("AVOIR")
TODAY = date(2026, 3, 15)
SELLER = Company("Staka Livres", Address("1 rue du Bac", "", "75007", "Paris", "FR"), "1" * 14)


def snapshot_of(order: Order, number: str, issued_on: date) -> InvoiceSnapshot:
    content = draft(order, country="FR", default_rate=Decimal(20), stripe_tax_minor=None)
    assert isinstance(content, Draft)
    net, vat, total = totals(content.vat)
    return InvoiceSnapshot(
        number=number,
        issued_on=issued_on,
        supplied_on=issued_on,
        order_id=order.order_id,
        seller=SELLER,
        buyer=order.customer,
        nature=order.nature,
        lines=content.lines,
        vat=content.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=Payment(order.paid_at or order.created_at, "card", "pi_1"),
        legal_mentions=("TVA acquittée sur les encaissements",),
        locale="fr",
        specimen=False,
    )


def issue(
    book: InvoiceBook, order: Order, *, today: date = TODAY, series: Series = FACT
) -> Invoice | None:
    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        return snapshot_of(order, number, issued_on)

    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    return book.issue(order.order_id, "u_1", series, now, today, "run_1", freeze)


def issue_for(
    book: InvoiceBook, order: Order, *, today: date = TODAY, series: Series = FACT
) -> Invoice:
    invoice = issue(book, order, today=today, series=series)
    assert invoice is not None
    return invoice


def issue_apart(
    book: InvoiceBook, reference: str, *, series: Series = FACT, by_mail: bool = True
) -> Invoice | None:
    """An invoice of no order, to be paid within 30 days."""

    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        return replace(
            snapshot_of(an_order(), number, issued_on),
            order_id="",
            reference=reference,
            payment=None,
            due_on=issued_on + timedelta(days=30),
        )

    now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    return book.issue_apart(reference, "u_1", series, now, TODAY, "run_1", freeze, by_mail=by_mail)


def order(number: int) -> Order:
    return an_order(order_id=f"A-{number}", stripe_session_id=None)


def credit(book: InvoiceBook, invoice_id: str, minor: int) -> Invoice | None:
    """Take back so much of an invoice; Refused where less is left."""

    def freeze(
        number: str, issued_on: date, invoice: Invoice, earlier: list[Invoice]
    ) -> InvoiceSnapshot:
        snapshot, notes = invoice.snapshot, [note.snapshot for note in earlier]
        if minor > remaining(snapshot, notes).minor:
            raise Refused("nothing is left")
        amount = replace(snapshot.total, minor=minor)
        return credit_snapshot(
            snapshot, notes, amount, number=number, issued_on=issued_on, reason=""
        )

    now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
    return book.credit(invoice_id, AVOIR, now, TODAY, "run_1", freeze)
