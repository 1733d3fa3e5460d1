"""Money adds up exactly, and never across currencies."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.money import CurrencyMismatch, Money, exponent, round_half_up, smallest_step
from stakactl.domain.vat import FRENCH_RATES, VatBlocked, decide_rate, split_gross

CURRENCIES = st.sampled_from(["eur", "jpy", "kwd", "isk", "usd"])
MINOR = st.integers(-(10**12), 10**12)


@given(MINOR, MINOR, CURRENCIES)
def test_addition_and_subtraction_undo_each_other(a: int, b: int, currency: str) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert left + right - right == left
    assert -(-left) == left


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "eur") + Money(1, "usd")
    with pytest.raises(CurrencyMismatch):
        _ = Money(1, "eur") < Money(1, "usd")


@pytest.mark.parametrize("minor", [1.0, Decimal(1), "1", True])
def test_only_whole_minor_units(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "eur")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["EUR", "eu", "", "€€€", "euro"])
def test_only_lower_case_iso_currencies(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


@pytest.mark.parametrize(
    ("currency", "places", "major"),
    [("eur", 2, "468.00"), ("jpy", 0, "46800"), ("kwd", 3, "46.800"), ("isk", 2, "468.00")],
)
def test_minor_units_follow_stripe(currency: str, places: int, major: str) -> None:
    assert exponent(currency) == places
    assert str(Money(46800, currency).to_decimal()) == major


@given(MINOR, CURRENCIES, st.sampled_from(sorted(FRENCH_RATES)))
def test_net_and_vat_sum_to_what_was_charged(minor: int, currency: str, rate: Decimal) -> None:
    split = split_gross(Money(minor, currency), rate)
    assert split.net + split.vat == split.gross == Money(minor, currency)
    exact = Decimal(minor) * rate / (100 + rate)
    step = smallest_step(currency)
    assert abs(Decimal(split.vat.minor) - exact) <= Decimal(step) / 2


@pytest.mark.parametrize(("value", "whole"), [("2.5", 3), ("-2.5", -3), ("2.4999", 2)])
def test_halves_round_away_from_zero(value: str, whole: int) -> None:
    assert round_half_up(Decimal(value)) == whole


@pytest.mark.parametrize(
    ("stated", "country", "default", "stripe_tax", "rate"),
    [
        ("5.5", "FR", "20", None, "5.5"),
        (None, "FR", "20", None, "20"),
        ("19", "DE", "20", None, "19"),
        (None, "US", "20", 0, "0"),
        ("19", "FR", "20", None, None),
        (None, "DE", "20", None, None),
        (None, "", "20", None, None),
        (None, "FR", None, None, None),
    ],
)
def test_a_rate_is_stated_or_the_invoice_waits(
    stated: str | None, country: str, default: str | None, stripe_tax: int | None, rate: str | None
) -> None:
    decided = decide_rate(
        stated=Decimal(stated) if stated else None,
        country=country,
        default=Decimal(default) if default else None,
        stripe_tax_minor=stripe_tax,
    )
    if rate is None:
        assert isinstance(decided, VatBlocked)
        assert decided.hint
    else:
        assert decided == Decimal(rate)
