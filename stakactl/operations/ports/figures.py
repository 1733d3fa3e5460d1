"""The figures of the business, added up by day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from stakactl.domain.revenue import RevenueDay, Share, Split


@dataclass(frozen=True, slots=True)
class RevenueQuestion:
    """Days from `since` to `until`, both included, with those from `before` on to compare with;
    of each split the `most` largest shares."""

    since: date
    until: date
    before: date | None
    most: int


@dataclass(frozen=True, slots=True)
class RevenueAnswer:
    """All of one moment. `moved` is how the balance moved in the period by its transactions
    alone, in minor units by currency; `earlier` are the days before `since`."""

    days: Sequence[RevenueDay]
    earlier: Sequence[RevenueDay]
    shares: Mapping[Split, Sequence[Share]]
    moved: Mapping[str, int]


class FigureBook(Protocol):
    """Added up from the mirror, the orders and the invoices when somebody asks; whatever changes
    any of these takes the days that it touches out again."""

    def extent(self) -> tuple[date, date] | None:
        """The first and the last local day of the record of money; None while it is empty."""

    def add_up(self, since: date, until: date) -> Iterator[int]:
        """Add up the days that do not stand: first how many they are, then how many more are
        done. Days outside the record are left alone."""

    def revenue(self, question: RevenueQuestion) -> RevenueAnswer:
        """The figures of a period. Whatever day does not stand is added up first."""
