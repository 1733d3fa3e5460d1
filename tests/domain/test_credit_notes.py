"""However an invoice is taken back, its credit notes add up to it and each is sound by itself."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.credit_notes import credit_snapshot, remaining
from stakactl.domain.documents import amount_problem
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.orders import OrderLine
from tests.builders import an_order, eur
from tests.contracts.issuing import snapshot_of

DAY = date(2026, 3, 15)
RATES = st.sampled_from([Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")])
LINES = st.lists(st.tuples(st.integers(1, 100_000), RATES), min_size=1, max_size=6)


def invoice_over(lines: list[tuple[int, Decimal]], currency: str = "eur") -> InvoiceSnapshot:
    """Amounts in the smallest steps of the currency."""
    step = smallest_step(currency)
    total = Money(sum(amount for amount, _ in lines) * step, currency)
    positions = tuple(
        OrderLine("Book", 1, Money(amount * step, currency), rate) for amount, rate in lines
    )
    return snapshot_of(an_order(amount=total, lines=positions), "FACT-2026-000001", DAY)


def note(invoice: InvoiceSnapshot, earlier: list[InvoiceSnapshot], amount: Money) -> None:
    number = f"AVOIR-2026-{len(earlier) + 1:06d}"
    earlier.append(
        credit_snapshot(invoice, earlier, amount, number=number, issued_on=DAY, reason="")
    )


@given(
    lines=LINES,
    parts=st.lists(st.integers(1, 60_000), max_size=8),
    currency=st.sampled_from(["eur", "kwd"]),
)
def test_the_notes_of_an_invoice_add_up_to_it(
    lines: list[tuple[int, Decimal]], parts: list[int], currency: str
) -> None:
    invoice, step = invoice_over(lines, currency), smallest_step(currency)
    notes: list[InvoiceSnapshot] = []
    for part in parts:
        amount = Money(part * step, currency)
        if amount <= remaining(invoice, notes):
            note(invoice, notes, amount)
            assert notes[-1].total == amount
    if remaining(invoice, notes):
        note(invoice, notes, remaining(invoice, notes))
    assert not remaining(invoice, notes)
    assert not any(group.vat.minor % step for one in notes for group in one.vat)
    assert [amount_problem(one) for one in notes] == [None] * len(notes)
    for group in invoice.vat:
        parts_of = [other for one in notes for other in one.vat if other.rate == group.rate]
        assert sum(part.net.minor for part in parts_of) == group.net.minor
        assert sum(part.vat.minor for part in parts_of) == group.vat.minor
        assert all(part.net.minor >= 0 and part.vat.minor >= 0 for part in parts_of)


@pytest.mark.parametrize("amount", [0, -1, 1001])
def test_more_than_is_left_cannot_be_credited(amount: int) -> None:
    with pytest.raises(ValueError, match="cannot be credited"):
        note(invoice_over([(1000, Decimal(20))]), [], eur(amount))


@pytest.mark.parametrize(("locale", "title"), [("fr", "Avoir sur la"), ("en-GB", "Credit on")])
def test_a_part_is_titled_in_the_customers_language(locale: str, title: str) -> None:
    invoice = replace(invoice_over([(1000, Decimal(20))]), locale=locale)
    notes: list[InvoiceSnapshot] = []
    note(invoice, notes, eur(1))
    assert notes[0].lines[0].title.startswith(title)
