"""Invoice numbers: chronological, gapless per series and year, unique.

Source: CGI annexe II, art. 242 nonies A I 7°; at most 35 characters of [A-Za-z0-9+-_/] by the
French CTC rules. The counter itself lives in the store, in the invoice's own transaction.
"""

import re
from dataclasses import dataclass
from datetime import date

_ALLOWED = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")
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


def numbering_date(today: date, last_issued: date | None) -> date:
    """The date to issue under: today, but never earlier than the series' last invoice."""
    return today if last_issued is None else max(today, last_issued)
