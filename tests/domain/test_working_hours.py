"""Working days and hours: weekends, the eleven holidays, the two nights that clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.working_hours import WorkingHours, easter, public_holidays

PARIS = ZoneInfo("Europe/Paris")
HOURS = WorkingHours(PARIS)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    "sunday",
    # The Church's own dates; the earliest and the latest that there can be among them.
    "1818-03-22 1943-04-25 2000-04-23 2008-03-23 2019-04-21 2024-03-31 2025-04-20 2026-04-05 "
    "2027-03-28 2038-04-25 2049-04-18 2076-04-19 2285-03-22".split(),
)
def test_easter(sunday: str) -> None:
    expected = date.fromisoformat(sunday)
    assert easter(expected.year) == expected


@given(st.integers(1900, 2200))
def test_easter_is_a_sunday_in_its_season(year: int) -> None:
    found = easter(year)
    assert found.weekday() == 6
    assert date(year, 3, 22) <= found <= date(year, 4, 25)


def test_the_holidays_of_2026() -> None:
    days = "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25".split()
    assert public_holidays(2026) == {date.fromisoformat(f"2026-{day}") for day in days}


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-03-16T08:59:59", "2026-03-16T09:00"),  # Monday, before
        ("2026-03-16T18:00", "2026-03-17T09:00"),  # the last hour is not included
        ("2026-03-13T20:00", "2026-03-16T09:00"),  # Friday evening
        ("2026-03-14T12:00", "2026-03-16T09:00"),  # Saturday
        ("2026-04-03T19:00", "2026-04-07T09:00"),  # before Easter Monday
        ("2026-05-08T10:00", "2026-05-11T09:00"),  # a Friday that is a holiday
        ("2026-05-14T10:00", "2026-05-15T09:00"),  # Ascension, a Thursday
        ("2025-12-24T23:00", "2025-12-26T09:00"),
        ("2026-12-31T18:30", "2027-01-04T09:00"),
    ],
)
def test_when_it_opens(moment: str, opens: str) -> None:
    assert not HOURS.is_open(paris(moment))
    assert HOURS.opens_at(paris(moment)) == paris(opens)


@pytest.mark.parametrize("moment", ["2026-03-16T09:00", "2026-03-16T17:59:59.999999"])
def test_while_it_is_open(moment: str) -> None:
    assert HOURS.is_open(paris(moment))
    assert HOURS.opens_at(paris(moment)) == paris(moment)


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    """9:00 in Paris is 8:00 UTC in winter and 7:00 in summer; clocks change on these Sundays."""
    assert HOURS.is_open(datetime(2026, 3, 27, 8, 0, tzinfo=UTC))
    assert not HOURS.is_open(datetime(2026, 3, 27, 7, 30, tzinfo=UTC))
    assert HOURS.is_open(datetime(2026, 3, 30, 7, 0, tzinfo=UTC))
    assert not HOURS.is_open(datetime(2026, 10, 26, 7, 30, tzinfo=UTC))
    spring = WorkingHours(PARIS, 2, 4, frozenset({6}))
    opens = spring.opens_at(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # 1:30, then comes 3:00
    assert opens.astimezone(UTC) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(
    st.integers(0, 20 * 365 * 86_400),
    st.integers(0, 22),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_it_opens_on_a_working_day_and_never_before(
    seconds: int, first: int, days: set[int]
) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    hours = WorkingHours(PARIS, first, first + 2, frozenset(days))
    opens = hours.opens_at(moment)
    assert opens.astimezone(UTC) >= moment
    assert hours.is_working_day(opens.date())
    closed = opens - timedelta(microseconds=1)
    assert hours.is_open(moment) or not hours.is_open(max(moment, closed.astimezone(UTC)))
