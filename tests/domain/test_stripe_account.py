"""Clocks are compared without blaming them for the way; prices say how they are paid."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from stakactl.domain.stripe_account import ClockReading, Price

DATE = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent", "received", "offset"),
    [
        (0.0, 0.2, 0.0),
        (0.9, 1.4, 0.0),  # the date is cut off to its second
        (-8.0, 0.1, 0.0),  # a slow answer, dated when it was sent
        (0.0, 9.0, 0.0),
        (11.0, 11.2, 10.0),
        (-10.2, -10.0, -10.0),
        (-400.0, -20.0, -20.0),
    ],
)
def test_what_the_way_explains_is_no_offset(sent: float, received: float, offset: float) -> None:
    reading = ClockReading(DATE + timedelta(seconds=sent), DATE + timedelta(seconds=received), DATE)
    assert reading.offset.total_seconds() == offset


@pytest.mark.parametrize(
    ("amount", "interval", "count", "words"),
    [
        (Decimal(400), "month", 1, "4.00 EUR every month"),
        (Decimal(3000), "month", 12, "30.00 EUR every 12 months"),
        (Decimal("0.5"), None, 1, "0.5 minor units of eur once"),
        (None, "year", 1, "an amount by tiers every year"),
    ],
)
def test_how_a_price_is_paid(
    amount: Decimal | None, interval: str | None, count: int, words: str
) -> None:
    price = Price("price_1", True, "eur", amount, interval, count)
    assert f"{price.amount} {price.period}" == words


def test_periods_in_months() -> None:
    periods = [(None, 1), ("day", 30), ("week", 4), ("month", 3), ("year", 1)]
    found = [Price("p", True, "eur", None, *period).months for period in periods]
    assert found == [None, None, None, 3, 12]
