"""Figures are written as babel writes them, which is asked once and not for every figure."""

from datetime import date
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from stakactl.adapters.documents.figures import Figures
from stakactl.domain.money import Money

LANGUAGES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
LANGUAGE = st.sampled_from(["fr", "en"])
CURRENCIES = "eur usd gbp chf jpy kwd xof isk huf pln cad aud mxn brl krw inr thb".split()


@given(LANGUAGE, st.integers(-(10**12), 10**12), st.sampled_from(CURRENCIES))
@settings(max_examples=300, deadline=None)
def test_amounts(language: str, minor: int, currency: str) -> None:
    locale, money = LANGUAGES[language], Money(minor, currency)
    value = money.to_decimal()
    if currency == "isk" and minor % 100 == 0:  # Stripe counts its hundredths
        value = value.quantize(Decimal(1))
    decimals = -int(value.as_tuple().exponent)
    pattern = locale.currency_formats["standard"].pattern
    pattern = pattern.replace(".00", f".{'0' * decimals}" if decimals else "")
    expected = format_currency(
        value, currency.upper(), pattern, locale=locale, currency_digits=False
    )
    assert Figures(language).amount(money) == expected


@given(LANGUAGE, st.integers(-(10**9), 10**9))
def test_quantities(language: str, count: int) -> None:
    assert Figures(language).quantity(count) == format_decimal(count, locale=LANGUAGES[language])


@given(LANGUAGE, st.dates())
def test_days(language: str, day: date) -> None:
    expected = format_date(day, "d MMMM y", locale=LANGUAGES[language])
    if language == "fr" and day.day == 1:
        expected = f"1er{expected[1:]}"
    assert Figures(language).day(day) == expected


@pytest.mark.parametrize(
    ("total", "count", "expected"),
    [(1000, 3, "3,3333 €"), (1000, 4, "2,50 €"), (-1000, 3, "-3,3333 €")],
)
def test_a_share_has_two_more_decimals_where_it_does_not_come_out_even(
    total: int, count: int, expected: str
) -> None:
    said = Figures("fr").share(Money(total, "eur"), count)
    assert said.replace("\xa0", " ") == expected
