"""Invoice numbers: chronological, gapless per series and year, unique.

Source: CGI annexe II, art. 242 nonies A I 7°; at most 35 characters of [A-Za-z0-9+-_/] by the
French CTC rules. The counter itself lives in the store, in the invoice's own transaction.
"""

import re
from dataclasses import dataclass
from datetime import date

_ALLOWED = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")
_NUMBER = re.compile(r"(.+)-(\d{4})-(\d{6,12})")
TEST_PREFIX = "TEST-"


@dataclass(frozen=True, slots=True)
class Series:
    """A sequence of numbers of its own, such as FACT or TEST-FACT."""

    prefix: str

    def __post_init__(self) -> None:
        if not _ALLOWED.fullmatch(self.number(9999, 999_999)):
            raise ValueError(
                f"series {self.prefix!r} makes numbers that are too long or hold a character "
                "other than A-Z a-z 0-9 + - _ /"
            )

    def number(self, year: int, sequence: int) -> str:
        return f"{self.prefix}-{year}-{sequence:06d}"

    def for_test_mode(self) -> "Series":
        return Series(TEST_PREFIX + self.prefix)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a number stands: its series, the year of issue, and its place in that year."""

    series: str
    year: int
    sequence: int

    @property
    def number(self) -> str:
        return Series(self.series).number(self.year, self.sequence)


def parse_number(number: str) -> Position | None:
    """The position of a number that `Series.number` made; None for any other text."""
    found = _NUMBER.fullmatch(number)
    if found is None or not _ALLOWED.fullmatch(number):
        return None
    return Position(found[1], int(found[2]), int(found[3]))


def numbering_date(today: date, last_issued: date | None) -> date:
    """The date to issue under: today, but never earlier than the series' last invoice."""
    return today if last_issued is None else max(today, last_issued)
