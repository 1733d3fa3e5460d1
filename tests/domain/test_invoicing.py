"""An order becomes lines and VAT groups that sum to what was paid, to the minor unit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.customers import customer_key
from stakactl.domain.invoicing import Draft, draft, totals
from stakactl.domain.money import Money
from stakactl.domain.numbering import Series, numbering_date
from stakactl.domain.orders import OrderLine
from stakactl.domain.vat import FRENCH_RATES, VatBlocked
from tests.builders import a_customer, an_order, eur

LINES = st.lists(
    st.builds(
        OrderLine,
        title=st.text(min_size=1, max_size=20),
        quantity=st.integers(1, 20),
        unit_amount=st.builds(Money, st.integers(-5000, 500_000), st.just("eur")),
        vat_rate=st.sampled_from(sorted(FRENCH_RATES)),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES)
def test_lines_groups_and_totals_agree(lines: list[OrderLine]) -> None:
    amount = Money.total((line.amount for line in lines), "eur")
    order = an_order(amount=amount, lines=tuple(lines))
    result = draft(order, country="FR", default_rate=None, stripe_tax_minor=None)
    assert isinstance(result, Draft)
    net, vat, total = totals(result.vat)
    assert total == amount
    assert net + vat == total
    for group in result.vat:
        own = [line for line in result.lines if line.vat_rate == group.rate]
        assert Money.total((line.net for line in own), "eur") == group.net
        assert Money.total((line.amount for line in own), "eur") == group.gross


def test_an_order_without_lines_is_one_line() -> None:
    result = draft(an_order(), country="FR", default_rate=Decimal(20), stripe_tax_minor=None)
    assert isinstance(result, Draft)
    assert [(line.title, line.amount) for line in result.lines] == [
        ("Correction complète", eur(46800))
    ]
    assert totals(result.vat) == (eur(39000), eur(7800), eur(46800))


def test_lines_that_do_not_sum_to_the_order_wait() -> None:
    order = an_order(lines=(OrderLine("x", 1, eur(1)),))
    result = draft(order, country="FR", default_rate=Decimal(20), stripe_tax_minor=None)
    assert isinstance(result, VatBlocked)


@pytest.mark.parametrize(("tax", "waits"), [(550, True), (1757, False), (0, False), (None, False)])
def test_an_invoice_states_the_vat_that_stripe_took(tax: int | None, waits: bool) -> None:
    order = an_order(amount=eur(10550))
    result = draft(order, country="FR", default_rate=Decimal(20), stripe_tax_minor=tax)
    assert isinstance(result, VatBlocked) is waits


@pytest.mark.parametrize(
    ("minor", "currency", "waits"),
    [(12340, "kwd", False), (12345, "kwd", True), (12345, "eur", False), (123, "jpy", False)],
)
def test_thousandths_wait_for_no_invoice_can_say_them(
    minor: int, currency: str, waits: bool
) -> None:
    order = an_order(amount=Money(minor, currency))
    result = draft(order, country="FR", default_rate=Decimal(20), stripe_tax_minor=None)
    assert isinstance(result, VatBlocked) is waits
    if isinstance(result, Draft):
        _, vat, total = totals(result.vat)
        assert total.minor == minor
        assert currency != "kwd" or vat.minor % 10 == 0


@pytest.mark.parametrize(
    ("currency", "company", "country", "rate", "waits"),
    [
        ("usd", "Librairie", "FR", 20, True),
        ("eur", "Librairie", "FR", 20, False),
        ("usd", "", "FR", 20, False),
        ("usd", "Librairie", "FR", 0, False),
        ("usd", "Books Ltd", "IE", 20, False),
    ],
)
def test_vat_that_a_french_business_deducts_is_in_euros(
    currency: str, company: str, country: str, rate: int, waits: bool
) -> None:
    buyer = a_customer(company=company)
    order = an_order(amount=Money(12340, currency), customer=buyer, vat_rate=Decimal(rate))
    result = draft(order, country=country, default_rate=None, stripe_tax_minor=None)
    assert isinstance(result, VatBlocked) is waits


@pytest.mark.parametrize("prefix", ["FACT", "TEST-FACT", "a/b+c_d-e"])
def test_numbers_of_a_series(prefix: str) -> None:
    assert Series(prefix).number(2026, 123) == f"{prefix}-2026-000123"


@pytest.mark.parametrize("prefix", ["FACT É", "F ACT", "x" * 24, "F:1"])
def test_a_series_that_the_rules_forbid_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="series"):
        Series(prefix)


@given(st.dates(), st.none() | st.dates())
def test_the_issue_date_never_goes_back(today: date, last: date | None) -> None:
    issued = numbering_date(today, last)
    assert issued >= today
    assert last is None or issued >= last


@pytest.mark.parametrize("customer_id", ["../../etc/passwd", "a b", "é", "x" * 65, ""])
def test_hostile_customer_ids_never_reach_a_path(customer_id: str) -> None:
    key = customer_key(an_order(customer=a_customer(customer_id=customer_id)))
    assert key.startswith("c")
    assert key.isalnum()
    assert len(key) == 17


def test_a_harmless_customer_id_is_kept() -> None:
    assert customer_key(an_order(customer=a_customer(customer_id="user-7"))) == "user-7"
