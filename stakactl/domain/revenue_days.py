"""A day of balance transactions folded into figures: all of it, and by each split.

Each movement is split by the order that it is of, and its VAT is what that order's invoice, else
the order itself, else Stripe's Checkout states; nothing is guessed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from stakactl.domain.money import Money, smallest_step
from stakactl.domain.reporting_categories import Part, part_of
from stakactl.domain.revenue import FIGURES, Figures, Split
from stakactl.domain.vat import split_gross

#: Changes when the same record is to be told in other figures: what was kept of it before goes.
EDITION = 2
#: A name is told up to so many characters.
MAX_NAME = 200
#: What is all of a day, beside the splits of it.
WHOLE = "all"
_TURNOVER = frozenset({Part.GROSS, Part.REFUNDS})


@dataclass(frozen=True, slots=True)
class StatedVat:
    """The VAT in a price that includes it. The whole price holds exactly `vat_minor`; of a part,
    or of the price in another currency, `ratio` (numerator and denominator) is VAT, rounded half
    up."""

    total_minor: int
    currency: str
    vat_minor: int
    ratio: tuple[int, int]

    def of(self, minor: int, currency: str) -> int:
        """The VAT in an amount, which may be negative."""
        size = abs(minor)
        whole = size == self.total_minor and currency == self.currency
        vat = self.vat_minor if whole else _part(size, self.ratio, smallest_step(currency))
        return vat if minor >= 0 else -vat


def _part(size: int, ratio: tuple[int, int], step: int) -> int:
    """In whole steps, the smallest that an invoice can name."""
    numerator, denominator = ratio[0], ratio[1] * step
    return (2 * size * numerator + denominator) // (2 * denominator) * step


def vat_by_rates(groups: Sequence[tuple[Decimal, int]], currency: str) -> StatedVat | None:
    """From rates in percent and what was charged at each, VAT included; None of nothing."""
    total = sum(gross for _, gross in groups)
    if total <= 0:
        return None
    if len(groups) == 1:
        ratio = _ratio(groups[0][0])
        return StatedVat(total, currency, _part(total, ratio, smallest_step(currency)), ratio)
    vat = sum(split_gross(Money(gross, currency), rate).vat.minor for rate, gross in groups)
    exact = sum((gross * Fraction(*_ratio(rate)) for rate, gross in groups), Fraction(0)) / total
    return StatedVat(total, currency, vat, exact.as_integer_ratio())


@lru_cache(maxsize=256)
def _ratio(rate: Decimal) -> tuple[int, int]:
    """The part of a price that is VAT."""
    percent = Fraction(rate)
    return (percent / (100 + percent)).as_integer_ratio()


def vat_by_tax(total_minor: int, tax_minor: int, currency: str) -> StatedVat | None:
    """From a tax that was computed for the whole price; None of nothing."""
    if total_minor <= 0:
        return None
    return StatedVat(total_minor, currency, tax_minor, (tax_minor, total_minor))


@dataclass(frozen=True, slots=True)
class Attribution:
    """What a movement is of. Whatever is empty is not known."""

    product: str = ""
    nature: str = ""
    level: str = ""
    city: str = ""
    country: str = ""
    vat: StatedVat | None = None
    buyer: str = ""
    through: str = ""  # the Stripe customer that names the buyer, where nothing surer does

    def names(self) -> Iterator[tuple[Split, str, str]]:
        """For each split the name and its detail."""
        yield Split.COUNTRY, self.country, ""
        yield Split.CITY, self.city, self.country if self.city else ""
        yield Split.PRODUCT, self.product, self.nature if self.product else ""
        yield Split.LEVEL, self.level, ""


UNATTRIBUTED = Attribution()


@dataclass(frozen=True, slots=True)
class Booked:
    """A balance transaction, as Stripe signs it."""

    day: date
    currency: str
    reporting_category: str
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """`split` is one of `Split` or WHOLE. `key` is the name without regard to case."""

    split: str
    day: date
    currency: str
    key: str
    detail: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class BuyerDay:
    """What one buyer paid on a day: how many payments, and what is left of all movements."""

    day: date
    currency: str
    buyer: str
    through: str
    payments: int
    net: int


class DayBook:
    """Collects movements; `figures` are their sums, `buyers` those of each buyer."""

    def __init__(self) -> None:
        self._bought: dict[tuple[date, str, str, str], list[int]] = {}
        self._sums: dict[tuple[str, date, str, str, str], list[int]] = {}
        self._names: dict[tuple[str, date, str, str, str], str] = {}

    def add(self, booked: Booked, attribution: Attribution) -> None:
        sums = _sums_of(booked, attribution.vat)
        self._add((WHOLE, booked.day, booked.currency, "", ""), "", sums)
        for split, name, detail in attribution.names():
            told, key = _keyed(name)
            self._add((split, booked.day, booked.currency, key, detail), told, sums)
        net = Figures(*sums).net
        if net or sums[_PLACE["payments"]]:
            buyer = (booked.day, booked.currency, attribution.buyer, attribution.through)
            bought = self._bought.setdefault(buyer, [0, 0])
            bought[0] += sums[_PLACE["payments"]]
            bought[1] += net

    def _add(self, key: tuple[str, date, str, str, str], name: str, sums: list[int]) -> None:
        known = self._sums.get(key)
        if known is None:
            self._sums[key], self._names[key] = list(sums), name
            return
        for place, minor in enumerate(sums):
            known[place] += minor
        if name > self._names[key]:  # Paris rather than PARIS, whichever came first
            self._names[key] = name

    def figures(self) -> Iterator[DayFigures]:
        for key, sums in self._sums.items():
            split, day, currency, name, detail = key
            yield DayFigures(split, day, currency, name, detail, self._names[key], Figures(*sums))

    def buyers(self) -> Iterator[BuyerDay]:
        for key, (payments, net) in self._bought.items():
            yield BuyerDay(*key, payments, net)


@lru_cache(maxsize=4096)
def _keyed(name: str) -> tuple[str, str]:
    """A name as it is told, and without regard to case."""
    told = " ".join(name.split())[:MAX_NAME]
    return told, told.casefold()


_PLACE = {name: place for place, name in enumerate(FIGURES)}
#: Where a movement counts, and how its sign turns.
_PLACES = {
    Part.GROSS: (_PLACE["gross"], 1),
    Part.REFUNDS: (_PLACE["refunds"], -1),
    Part.DISPUTES: (_PLACE["disputes"], -1),
    Part.FEES: (_PLACE["fees"], -1),
    Part.OTHER: (_PLACE["other"], 1),
    Part.PAYOUTS: (_PLACE["payouts"], -1),
}


def _sums_of(booked: Booked, vat: StatedVat | None) -> list[int]:
    """One movement in the order of `FIGURES`."""
    sums = [0] * len(FIGURES)
    part = part_of(booked.reporting_category)
    place, sign = _PLACES[part]
    sums[place] = sign * booked.amount_minor
    sums[_PLACE["fees"]] += booked.fee_minor
    sums[_PLACE["payments"]] = int(booked.reporting_category == "charge")
    if part in _TURNOVER:
        if vat is None:
            sums[_PLACE["vat_unknown"]] = booked.amount_minor
        else:
            sums[_PLACE["vat"]] = vat.of(booked.amount_minor, booked.currency)
    return sums
