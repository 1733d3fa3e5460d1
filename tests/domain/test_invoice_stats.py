"""The key figures of invoices: every one counts once, and nothing is divided by nothing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.invoice_stats import Figure, StatusTotal, invoice_figures, payment_rate
from stakactl.domain.invoice_status import DocumentKind, InvoiceStatus
from stakactl.domain.money import Money
from tests.builders import eur

totals = st.lists(
    st.builds(
        StatusTotal,
        st.sampled_from(DocumentKind),
        st.sampled_from(InvoiceStatus),
        st.integers(1, 10**6),
        st.builds(Money, st.integers(0, 10**12), st.sampled_from(["eur", "jpy", "kwd"])),
    )
)


@given(totals)
def test_every_invoice_is_in_one_part_and_credit_notes_are_in_none(
    totals: list[StatusTotal],
) -> None:
    found = invoice_figures(totals)
    assert {figures.currency for figures in found} == {total.total.currency for total in totals}
    for figures in found:
        parts = figures.paid + figures.waiting + figures.overdue + figures.cancelled
        assert parts == figures.issued
        of_currency = [one for one in totals if one.total.currency == figures.currency]
        everything = figures.issued + figures.credit_notes
        assert everything.count == sum(one.count for one in of_currency)
        assert everything.total.minor == sum(one.total.minor for one in of_currency)
        assert figures.net + figures.credit_notes.total == figures.issued.total


@pytest.mark.parametrize(
    ("paid", "owed", "rate"),
    [(0, 0, None), (0, 3, "0.0"), (2, 3, "66.7"), (1, 800, "0.1"), (3, 3, "100.0")],
)
def test_the_payment_rate(paid: int, owed: int, rate: str | None) -> None:
    assert payment_rate(paid, owed) == (None if rate is None else Decimal(rate))


def test_cancelled_invoices_are_owed_by_nobody() -> None:
    one = (1, eur(100))
    (figures,) = invoice_figures(
        [
            StatusTotal(DocumentKind.INVOICE, InvoiceStatus.PAID, *one),
            StatusTotal(DocumentKind.INVOICE, InvoiceStatus.CANCELLED, *one),
            StatusTotal(DocumentKind.CREDIT_NOTE, InvoiceStatus.SENT, *one),
        ]
    )
    assert figures.payment_rate == 100
    assert (figures.issued, figures.net) == (Figure(2, eur(200)), eur(100))


def test_the_currency_of_most_invoices_comes_first() -> None:
    def paid(count: int, currency: str) -> StatusTotal:
        total = Money(1, currency)
        return StatusTotal(DocumentKind.INVOICE, InvoiceStatus.PAID, count, total)

    found = invoice_figures([paid(1, "chf"), paid(2, "eur"), paid(1, "usd")])
    assert [figures.currency for figures in found] == ["eur", "chf", "usd"]
