"""When a company writes to customers who owe it money: working days and hours in its time zone.

The public holidays are those of art. L3133-1 of the Code du travail, the same in all of France
(the two further days of Alsace-Moselle and those of overseas are not among them). They are
computed: the law names eleven days, of which three follow Easter, and a library that knows every
country's holidays is a hundred times the code.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

MONDAY_TO_FRIDAY = frozenset(range(5))
_DAY = timedelta(days=1)
#: (month, day): New Year, Labour Day, 8 May, Bastille Day, Assumption, All Saints, Armistice,
#: Christmas.
_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
#: Days after Easter Sunday: Easter Monday, Ascension, Whit Monday.
_AFTER_EASTER = (1, 39, 50)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    el = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    month, day = divmod(h + el - 7 * ((a + 11 * h + 22 * el) // 451) + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of a year; fewer where two fall on one day."""
    moving = (easter(year) + days * _DAY for days in _AFTER_EASTER)
    return frozenset({*(date(year, month, day) for month, day in _FIXED), *moving})


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """From `first` up to before `last` o'clock (0 to 24) on the given `days` (Monday is 0)."""

    zone: tzinfo
    first: int = 9
    last: int = 18
    days: frozenset[int] = MONDAY_TO_FRIDAY

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in public_holidays(day.year)

    def is_open(self, moment: datetime) -> bool:
        here = moment.astimezone(self.zone)
        return self.is_working_day(here.date()) and self.first <= here.hour < self.last

    def opens_at(self, moment: datetime) -> datetime:
        """The moment itself while it is open; else when it opens next, in the own time zone."""
        here = moment.astimezone(self.zone)
        if self.is_open(moment):
            return here
        days = self._days_from(here.date() if here.hour < self.first else here.date() + _DAY)
        return datetime.combine(next(days), time(self.first), tzinfo=self.zone)

    def working_day(self, day: date) -> date:
        """The day itself, or the next one that is a working day."""
        return next(self._days_from(day))

    def _days_from(self, day: date) -> Iterator[date]:
        while True:
            if self.is_working_day(day):
                yield day
            day += _DAY
