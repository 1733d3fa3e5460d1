"""Until when an invoice must be kept."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.retention import YearEnd


@pytest.mark.parametrize(
    ("year_end", "issued_on", "until"),
    [
        (YearEnd(), date(2026, 1, 1), date(2036, 12, 31)),
        (YearEnd(), date(2026, 12, 31), date(2036, 12, 31)),
        (YearEnd(6, 30), date(2026, 6, 30), date(2036, 6, 30)),
        (YearEnd(6, 30), date(2026, 7, 1), date(2037, 6, 30)),
        (YearEnd(2, 29), date(2026, 3, 1), date(2037, 2, 28)),
        (YearEnd(2, 29), date(2026, 2, 28), date(2036, 2, 29)),
    ],
)
def test_ten_years_from_the_closing(year_end: YearEnd, issued_on: date, until: date) -> None:
    assert year_end.retain_until(issued_on) == until


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(1, 12),
    st.integers(1, 31),
)
def test_never_less_than_ten_years(issued_on: date, month: int, day: int) -> None:
    kept = YearEnd(month, day).retain_until(issued_on)
    ten = date(issued_on.year + 10, issued_on.month, min(issued_on.day, 28))
    assert ten <= kept <= ten + timedelta(days=370)
