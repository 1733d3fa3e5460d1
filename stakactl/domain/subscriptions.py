"""Recurring revenue: what subscriptions bill a month, without VAT, and how they come and go.

A subscription is *running* from its first paid interval (after a trial) until it ended; whether it
is behind with a payment is told apart, and so are trials. Stripe tells a subscription as it is
today: prices, quantities and discounts are those of today at every day of the past, and what was
past due then cannot be known.

MRR is normalised with exact fractions: a year has 12 months, 52 weeks and 365 days. It is added up
unrounded and rounded once, half up to the minor unit, where it is told (`rounded`). VAT is taken
off where its rate is known; what may hold VAT at an unknown rate stands apart, never in `mrr`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from stakactl.domain.revenue import share_percent

NOTHING = Fraction(0)
#: How many of each interval a month holds.
_A_MONTH: Mapping[str, Fraction] = {
    "day": Fraction(365, 12),
    "week": Fraction(52, 12),
    "month": Fraction(1),
    "year": Fraction(1, 12),
}


class State(StrEnum):
    """`past_due` runs, but its last invoice is unpaid (Stripe's `past_due` and `unpaid`)."""

    ACTIVE = "active"
    PAST_DUE = "past_due"
    TRIAL = "trial"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an item is billed by. `product` is its name, else its id; `included_vat` the percentage
    of VAT inside the price, None where that cannot be known."""

    currency: str
    product: str
    interval: str
    interval_count: int
    included_vat: Decimal | None


@dataclass(frozen=True, slots=True)
class Tally:
    """A number of subscriptions and what they bill a month, in minor units of one currency.

    `mrr` holds no VAT; `vat_unknown` is billed too, and may hold VAT. `unpriced` are items whose
    price is not a fixed one: nothing of them is in either.
    """

    subscriptions: int = 0
    mrr: Fraction = NOTHING
    vat_unknown: Fraction = NOTHING
    unpriced: int = 0

    def __add__(self, more: "Tally") -> "Tally":
        return Tally(
            self.subscriptions + more.subscriptions,
            self.mrr + more.mrr,
            self.vat_unknown + more.vat_unknown,
            self.unpriced + more.unpriced,
        )

    def __sub__(self, less: "Tally") -> "Tally":
        return Tally(
            self.subscriptions - less.subscriptions,
            self.mrr - less.mrr,
            self.vat_unknown - less.vat_unknown,
            self.unpriced - less.unpriced,
        )


NONE = Tally()


@dataclass(frozen=True, slots=True)
class Group:
    """Items with the same terms, added up: `amount` in minor units per interval of theirs.
    `subscriptions` counts those whose first item is here."""

    terms: Terms
    subscriptions: int
    items: int
    amount: Fraction
    unpriced: int

    @property
    def tally(self) -> Tally:
        return tally(self.terms, self.amount, self.subscriptions, self.unpriced)

    @property
    def of_plan(self) -> Tally:
        """With every item counted: a subscription of two products is one of each."""
        return tally(self.terms, self.amount, self.items, self.unpriced)


def tally(terms: Terms, amount: Fraction, subscriptions: int = 1, unpriced: int = 0) -> Tally:
    """What an amount per interval makes of a month."""
    monthly = amount * _A_MONTH.get(terms.interval, NOTHING) / terms.interval_count
    if terms.included_vat is None:
        return Tally(subscriptions, NOTHING, monthly, unpriced)
    net = monthly * 100 / (100 + Fraction(terms.included_vat))
    return Tally(subscriptions, net, NOTHING, unpriced)


def rounded(minor: Fraction) -> int:
    """Half up, away from zero."""
    size = (2 * abs(minor) + 1) // 2
    return size if minor >= 0 else -size


@dataclass(frozen=True, slots=True)
class Flow:
    """What ran when a period began, and what came and went in it."""

    start: Tally = NONE
    new: Tally = NONE
    churned: Tally = NONE

    @property
    def end(self) -> Tally:
        return self.start + self.new - self.churned

    @property
    def net(self) -> Tally:
        return self.new - self.churned

    @property
    def churn_rate(self) -> Decimal | None:
        """Churned / running at the start, in percent; None where none ran."""
        return share_percent(self.churned.subscriptions, self.start.subscriptions)

    def then(self, more: "Flow") -> "Flow":
        """This period and the one that follows, as one."""
        return Flow(self.start, self.new + more.new, self.churned + more.churned)


@dataclass(frozen=True, slots=True)
class SubscriptionPeriod:
    """A day, week or month in one currency; both days count."""

    start: date
    end: date
    currency: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class Plan:
    """A product in one currency and interval. `tally` counts the active, `past_due` those apart."""

    currency: str
    product: str
    interval: str
    interval_count: int
    tally: Tally
    past_due: Tally


@dataclass(frozen=True, slots=True)
class Conversion:
    """Stripe's customers at a moment, and those of them with a running subscription."""

    customers: int
    paying: int

    @property
    def rate(self) -> Decimal | None:
        """In percent; None where there is no customer."""
        return share_percent(self.paying, self.customers)


def sums(groups: Iterable[Group]) -> dict[str, Tally]:
    """By currency."""
    found: dict[str, Tally] = {}
    for group in groups:
        currency = group.terms.currency
        found[currency] = found.get(currency, NONE) + group.tally
    return found


def plans(active: Sequence[Group], past_due: Sequence[Group]) -> tuple[Plan, ...]:
    """By currency, those with the largest MRR first."""
    running: dict[tuple[str, str, str, int], list[Tally]] = {}
    for place, groups in enumerate((active, past_due)):
        for group in groups:
            terms = group.terms
            key = (terms.currency, terms.product, terms.interval, terms.interval_count)
            both = running.setdefault(key, [NONE, NONE])
            both[place] += group.of_plan
    made = [Plan(*key, *both) for key, both in running.items()]
    return tuple(sorted(made, key=_largest_first))


def _largest_first(plan: Plan) -> tuple[str, Fraction, int, str, str, int]:
    billed = plan.tally.mrr + plan.tally.vat_unknown
    return (
        plan.currency,
        -billed,
        -plan.tally.subscriptions,
        plan.product,
        plan.interval,
        plan.interval_count,
    )
