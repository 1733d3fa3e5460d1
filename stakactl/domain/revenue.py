"""Revenue from Stripe's balance transactions: what a period is told in, and by what it is split.

All amounts are in the settlement currency. Refunds, disputes, fees and payouts are positive where
money left. VAT is that of the sales less that of their refunds; a dispute takes none back: it is
owed until a credit note says otherwise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def start(self, day: date) -> date:
        """The first day of the period that holds `day`."""
        if self is Grain.DAY:
            return day
        if self is Grain.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1)

    def after(self, start: date) -> date:
        """The first day of the period after the one that begins with `start`."""
        if self is Grain.MONTH:
            return (start.replace(day=1) + timedelta(days=31)).replace(day=1)
        return start + timedelta(days=1 if self is Grain.DAY else 7)


class Split(StrEnum):
    """By what revenue is split; every split sums to all of it."""

    COUNTRY = "country"
    CITY = "city"
    PRODUCT = "product"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Figures:
    """Minor units of one currency. `vat_unknown` is the part of sales less refunds of which
    nothing states a VAT rate; `other` (kept with its sign) and `payouts` are no revenue."""

    payments: int = 0
    gross: int = 0
    refunds: int = 0
    disputes: int = 0
    fees: int = 0
    vat: int = 0
    vat_unknown: int = 0
    other: int = 0
    payouts: int = 0

    def __add__(self, more: "Figures") -> "Figures":
        return Figures(*(getattr(self, name) + getattr(more, name) for name in FIGURES))

    def __sub__(self, less: "Figures") -> "Figures":
        return Figures(*(getattr(self, name) - getattr(less, name) for name in FIGURES))

    @property
    def net(self) -> int:
        return self.gross - self.refunds - self.disputes - self.fees

    @property
    def without_vat(self) -> int:
        """What of `net` is certain to hold no VAT: `net` = this + `vat` + `vat_unknown`."""
        return self.net - self.vat - self.vat_unknown

    @property
    def explained(self) -> int:
        """How the balance moved, as these figures tell it."""
        return self.net + self.other - self.payouts


FIGURES = tuple(field.name for field in fields(Figures))
NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class RevenueDay:
    """One local day in one currency."""

    day: date
    currency: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class RevenuePeriod:
    """A day, week or month in one currency, cut where the whole report begins or ends; both days
    count."""

    start: date
    end: date
    currency: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Share:
    """The part of one city, country, product or level. `name` is empty where it is not known.
    `detail` is the country of a city and the nature of a product."""

    currency: str
    name: str
    detail: str
    figures: Figures
    among: int = 0  # how many named ones there are in its currency


@dataclass(frozen=True, slots=True)
class Breakdown:
    """All revenue of one currency by one split: the largest, the rest, and what is not known."""

    split: Split
    currency: str
    top: tuple[Share, ...]
    others: int
    rest: Figures
    unknown: Figures


def periods(
    days: Iterable[RevenueDay], grain: Grain, since: date, until: date
) -> list[RevenuePeriod]:
    """Sum days into periods with any movement, oldest first, one currency after the other."""
    sums: dict[tuple[str, date], Figures] = {}
    for one in days:
        key = (one.currency, grain.start(one.day))
        sums[key] = sums.get(key, NOTHING) + one.figures
    return [
        RevenuePeriod(*_cut(start, grain, since, until), currency, figures)
        for (currency, start), figures in sorted(sums.items())
    ]


def without_gaps(
    found: Sequence[RevenuePeriod], currency: str, grain: Grain, since: date, until: date
) -> list[RevenuePeriod]:
    """The periods of one currency, and those between them in which nothing moved."""
    known = {one.start: one for one in found if one.currency == currency}
    whole, start = [], grain.start(since)
    while start <= until:
        first, last = _cut(start, grain, since, until)
        whole.append(known.get(first) or RevenuePeriod(first, last, currency, NOTHING))
        start = grain.after(start)
    return whole


def _cut(start: date, grain: Grain, since: date, until: date) -> tuple[date, date]:
    return max(start, since), min(grain.after(start) - timedelta(days=1), until)


def total_by_currency(days: Iterable[RevenueDay]) -> dict[str, Figures]:
    """By currency, in its alphabetical order."""
    sums: dict[str, Figures] = {}
    for one in days:
        sums[one.currency] = sums.get(one.currency, NOTHING) + one.figures
    return dict(sorted(sums.items()))


def breakdown(split: Split, currency: str, total: Figures, shares: Iterable[Share]) -> Breakdown:
    """`shares` are the largest of one split, and what is not known, of any currency. What is in
    none of them is the rest, so that every breakdown sums to the total."""
    own = [share for share in shares if share.currency == currency]
    top = tuple(share for share in own if share.name)
    unknown = sum((share.figures for share in own if not share.name), NOTHING)
    rest = total - unknown - sum((share.figures for share in top), NOTHING)
    others = max((share.among for share in top), default=0) - len(top)
    return Breakdown(split, currency, top, others, rest, unknown)


def period_before(since: date, until: date) -> tuple[date, date]:
    """As many days, up to the day before `since`."""
    return since - (until - since) - timedelta(days=1), since - timedelta(days=1)


def change_percent(now: int, before: int) -> Decimal | None:
    """By how much it grew, to one decimal; None where there is nothing positive to grow from."""
    if before <= 0:
        return None
    return (Decimal(100 * (now - before)) / before).quantize(Decimal("0.1"), ROUND_HALF_UP)


def share_percent(part: int, whole: int) -> Decimal | None:
    """To one decimal; None of nothing, and where more was given back than sold."""
    if whole <= 0:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
