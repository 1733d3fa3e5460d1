"""Invoices by hand: sums that hold with discounts, who must be named, and until when to pay."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.invoicing import Draft, draft_lines, totals
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.new_invoices import (
    completed,
    due_on,
    gaps,
    is_nothing_to_pay,
    is_term_too_long,
)
from stakactl.domain.orders import Address, Customer, OrderLine
from stakactl.domain.vat import FRENCH_RATES, VatBlocked, split_gross
from tests.builders import a_customer, eur

CURRENCIES = st.sampled_from(["eur", "jpy", "kwd"])
KNOWN = a_customer(customer_id="u_1", stripe_customer_id="cus_1", company="ACME", siren="552100554")


@st.composite
def some_lines(draw: st.DrawFn) -> tuple[OrderLine, ...]:
    """Some at a rate of their own, some at the company's, some of them discounts."""
    currency = draw(CURRENCIES)
    amounts = st.integers(-10_000, 10_000_000).map(lambda minor: minor * smallest_step(currency))
    line = st.builds(
        OrderLine,
        title=st.just("x"),
        quantity=st.integers(1, 50),
        unit_amount=st.builds(Money, amounts, st.just(currency)),
        vat_rate=st.none() | st.sampled_from(sorted(FRENCH_RATES)),
    )
    return tuple(draw(st.lists(line, min_size=1, max_size=30)))


@given(some_lines(), st.sampled_from([Decimal(20), Decimal("5.5"), Decimal(0)]))
def test_what_is_charged_is_kept_and_splits_to_the_unit(
    lines: tuple[OrderLine, ...], default: Decimal
) -> None:
    content = draft_lines(lines, country="FR", is_business=False, default_rate=default)
    assert isinstance(content, Draft)
    net, vat, total = totals(content.vat)
    assert total == Money.total((line.amount for line in lines), total.currency)
    assert net + vat == total
    assert Money.total((line.net for line in content.lines), total.currency) == net
    for group in content.vat:
        assert group.vat == split_gross(group.gross, group.rate).vat
    assert is_nothing_to_pay(content) is (total.minor <= 0)


@pytest.mark.parametrize(
    ("country", "default", "rate"),
    [("FR", None, None), ("DE", Decimal(20), None), ("", Decimal(20), None), ("FR", None, "19")],
)
def test_vat_is_not_guessed(country: str, default: Decimal | None, rate: str | None) -> None:
    line = OrderLine("x", 1, eur(100), None if rate is None else Decimal(rate))
    assert isinstance(
        draft_lines((line,), country=country, is_business=False, default_rate=default), VatBlocked
    )


def test_what_is_said_of_a_known_customer_wins() -> None:
    said = Customer("new@example.com", "", customer_id="cus_1", locale="en")
    assert completed(said, KNOWN) == replace(KNOWN, email="new@example.com", locale="en")
    moved = Address("1 quai", "", "", "Brest", "FR")
    assert completed(replace(said, address=moved), KNOWN).address == moved


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"siren": ""}, ["customer_siren"]),
        ({"siren": "", "company": ""}, []),
        ({"siren": "", "address": Address("1 St", "", "", "London", "GB")}, []),
        ({"name": "", "company": ""}, ["customer_name or customer_company"]),
        ({"address": Address()}, ["address_line1", "city", "country"]),
        ({"email": ""}, ["customer_email"]),
    ],
)
def test_who_must_be_named(changes: dict[str, object], missing: list[str]) -> None:
    buyer = replace(KNOWN, **changes)  # type: ignore[arg-type]
    assert list(gaps(buyer, by_mail=True)) == missing
    assert "customer_email" not in list(gaps(buyer, by_mail=False))


def test_only_businesses_have_a_longest_term() -> None:
    assert [is_term_too_long(KNOWN, days) for days in (60, 61)] == [False, True]
    assert not is_term_too_long(a_customer(), 90)


@given(st.dates(max_value=date(2999, 1, 1)), st.integers(0, 365))
def test_a_term_counts_days_after_the_issue(issued_on: date, days: int) -> None:
    assert due_on(issued_on, days) - issued_on == timedelta(days=days)
