"""What the store adds up, filters and pages over, against the same in plain Python."""

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stakactl.adapters.database.documents import SqlDocumentLedger
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables.invoices import invoices as table
from stakactl.domain.invoice_stats import Figure
from stakactl.domain.invoice_status import DocumentKind, InvoiceStatus, status_of
from stakactl.domain.invoicing import Credited, Invoice, InvoiceSnapshot
from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.numbering import Series
from stakactl.operations.ports import InvoiceFilter
from tests.builders import NOW, a_customer
from tests.contracts.issuing import FACT, TODAY, issue_for, order

EVERYTHING = InvoiceFilter(limit=1000)


def credited(store: Store, invoice: Invoice, *, cancel: bool = False) -> None:
    def freeze(number: str, day: object, one: Invoice, _: object) -> InvoiceSnapshot:
        cited = Credited(one.number, one.snapshot.issued_on)
        return replace(one.snapshot, number=number, issued_on=TODAY, payment=None, credited=cited)

    series = Series("AVOIR")
    invoice_id = invoice.invoice_id
    store.invoices.credit(invoice_id, series, NOW, TODAY, "run_2", freeze, cancel=cancel)


def sent(store: Store, invoice: Invoice) -> None:
    store.invoices.mark_rendered(invoice.invoice_id, "a" * 64)
    mail = NewMail(MailKind.INVOICE, invoice.invoice_id, "ann@example.com")
    store.invoices.mark_stored(invoice.invoice_id, NOW, mail)
    queued = store.outbox.claim(NOW)
    assert queued is not None
    store.outbox.settle(queued.mail_id, MailStatus.SENT, NOW)


def filled(store: Store, seed: int = 7) -> list[Invoice]:
    """Invoices in every state, in three currencies, some of them credited."""
    draw = random.Random(seed)
    moments: list[datetime | None] = [None, NOW - timedelta(days=1), NOW, NOW + timedelta(days=1)]
    for number in range(40):
        currency = draw.choice(["eur", "eur", "jpy", "kwd"])
        amount = Money(draw.randrange(1, 10**9) * smallest_step(currency), currency)
        day = TODAY + timedelta(days=number // 10)
        invoice = issue_for(store.invoices, replace(order(number), amount=amount), today=day)
        if draw.random() < 0.5:
            sent(store, invoice)
        with store.database.write() as connection:
            states = {"paid_at": draw.choice([None, None, NOW]), "due_at": draw.choice(moments)}
            this = table.c.invoice_id == invoice.invoice_id
            connection.execute(table.update().where(this).values(**states))
        if draw.random() < 0.3:
            credited(store, invoice, cancel=draw.random() < 0.5)
    return store.invoices.find(EVERYTHING)


def kind_of(invoice: Invoice) -> DocumentKind:
    return DocumentKind.CREDIT_NOTE if invoice.is_credit_note else DocumentKind.INVOICE


def test_sums_and_filters_are_those_of_plain_python(store: Store) -> None:
    every = filled(store)
    statuses = {one.number: status_of(one.moments, NOW) for one in every}
    assert set(statuses.values()) == set(InvoiceStatus)
    for since in (None, NOW + timedelta(days=2)):
        issued = [one for one in every if since is None or one.issued_at >= since]
        expected: dict[tuple[DocumentKind, InvoiceStatus, str], Figure] = {}
        for one in issued:
            key = (kind_of(one), statuses[one.number], one.total.currency)
            so_far = expected.get(key, Figure(0, Money.zero(one.total.currency)))
            expected[key] = so_far + Figure(1, one.total)
        found = store.invoices.totals(InvoiceFilter(since=since), NOW)
        assert {
            (one.kind, one.status, one.total.currency): Figure(one.count, one.total)
            for one in found
        } == expected
    for status in InvoiceStatus:
        wanted = replace(EVERYTHING, status=(status, NOW))
        matching = [one for one in every if statuses[one.number] is status]
        assert store.invoices.find(wanted) == matching
        assert store.invoices.count(wanted) == len(matching)
    counts = Counter(map(kind_of, every))
    for kind in DocumentKind:
        assert store.invoices.count(InvoiceFilter(kind=kind, limit=1)) == counts[kind] > 0
        assert len(store.invoices.find(replace(EVERYTHING, kind=kind))) == counts[kind]


def test_an_empty_store_adds_up_to_nothing(store: Store) -> None:
    assert store.invoices.totals(InvoiceFilter(), NOW) == []
    assert store.invoices.count(InvoiceFilter(search="x")) == 0


def test_the_buyers_company_is_searched(store: Store) -> None:
    buyer = a_customer(company="Éditions du Lac", siren="732829320")
    invoice = issue_for(store.invoices, replace(order(1), customer=buyer))
    issue_for(store.invoices, order(2))
    assert store.invoices.find(InvoiceFilter("éditions DU")) == [invoice]


@pytest.mark.parametrize("page", [1, 2, 3, 1000])
def test_everything_comes_by_number_over_any_pages(store: Store, page: int) -> None:
    issued = [issue_for(store.invoices, order(number)) for number in range(4)]
    other = issue_for(store.invoices, order(9), series=Series("EXPORT"))
    credited(store, issued[2])
    credited(store, issued[0])
    later = issue_for(store.invoices, order(10), today=TODAY + timedelta(days=400))
    ledger = SqlDocumentLedger(store.database, page=page)
    ledger.add_rendition(issued[1].invoice_id, "b" * 64, NOW, "run_1")
    store.invoices.mark_rendered(issued[1].invoice_id, "a" * 64)
    found = list(ledger.numbered())
    assert [one.number for one, _ in found] == [
        other.number,
        *(one.number for one in issued),
        later.number,
        "AVOIR-2026-000001",
        "AVOIR-2026-000002",
    ]
    assert found[2][1] == {"a" * 64, "b" * 64}
    assert found[2][0] == store.invoices.get(issued[1].number)
    end = later.issued_at - timedelta(days=1)
    assert [one for one, _ in ledger.numbered(since=end)] == [later]
    assert later not in [one for one, _ in ledger.numbered(until=end)]
    assert FACT.prefix in issued[0].number
