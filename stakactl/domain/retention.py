"""How long an invoice must be kept: ten years from the end of the fiscal year it belongs to.

Code de commerce, art. L123-22: accounting records and vouchers are kept for ten years, which count
from the closing of the year.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

YEARS = 10


@dataclass(frozen=True, slots=True)
class YearEnd:
    """The last day of the company's fiscal year; a day that a month lacks is its last one."""

    month: int = 12
    day: int = 31

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"

    def closing(self, day: date) -> date:
        """The last day of the fiscal year that `day` is in."""
        this_year = self._in(day.year)
        return this_year if day <= this_year else self._in(day.year + 1)

    def retain_until(self, issued_on: date) -> date:
        """The last day on which an invoice issued then must still be kept."""
        return self._in(self.closing(issued_on).year + YEARS)

    def _in(self, year: int) -> date:
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


CALENDAR_YEAR = YearEnd()
