"""What subscriptions make of a month: exact, additive, and never divided by nothing."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.subscriptions import (
    NONE,
    Conversion,
    Flow,
    Group,
    Tally,
    Terms,
    plans,
    rounded,
    sums,
    tally,
)

TERMS = st.builds(
    Terms,
    st.sampled_from(["eur", "chf"]),
    st.sampled_from(["Club", "Revue"]),
    st.sampled_from(["day", "week", "month", "year"]),
    st.integers(1, 12),
    st.sampled_from([None, Decimal(0), Decimal("5.5"), Decimal(20)]),
)
GROUPS = st.builds(
    lambda terms, items, first, micros: Group(
        terms, min(first, items), items, Fraction(micros, 10**6), 0
    ),
    TERMS,
    st.integers(1, 50),
    st.integers(0, 50),
    st.integers(0, 10**12),
)
COUNTS = st.integers(0, 1000)


def terms(interval: str = "month", count: int = 1, vat: Decimal | None = Decimal(0)) -> Terms:
    return Terms("eur", "Club", interval, count, vat)


@pytest.mark.parametrize(
    ("interval", "count", "monthly"),
    [
        ("month", 1, Fraction(1200)),
        ("month", 3, Fraction(400)),
        ("year", 1, Fraction(100)),
        ("year", 2, Fraction(50)),
        ("week", 1, Fraction(5200)),
        ("day", 1, Fraction(36500)),
        ("day", 365, Fraction(100)),
    ],
)
def test_intervals_are_normalised_exactly(interval: str, count: int, monthly: Fraction) -> None:
    assert tally(terms(interval, count), Fraction(1200)) == Tally(1, monthly)


def test_vat_is_taken_off_where_it_is_known_and_never_guessed() -> None:
    assert tally(terms(vat=Decimal(20)), Fraction(1200)).mrr == 1000
    assert tally(terms(vat=Decimal("5.5")), Fraction(100)).mrr == Fraction(1000 * 100, 1055)
    unknown = tally(terms(vat=None), Fraction(1200))
    assert unknown == Tally(1, Fraction(0), Fraction(1200))


@given(st.lists(GROUPS, max_size=20))
def test_mrr_is_the_sum_of_its_parts_in_any_order_and_by_any_split(groups: list[Group]) -> None:
    whole = sums(groups)
    assert whole == sums(groups[::-1])
    for currency, total in whole.items():
        own = [group for group in groups if group.terms.currency == currency]
        assert total.mrr == sum((group.tally.mrr for group in own), Fraction(0))
        by_plan = [plan.tally for plan in plans(groups, []) if plan.currency == currency]
        assert sum((one.mrr for one in by_plan), Fraction(0)) == total.mrr
        assert sum(one.subscriptions for one in by_plan) == sum(group.items for group in own)


@given(GROUPS, st.integers(2, 9))
def test_a_group_is_what_its_items_are_one_by_one(group: Group, parts: int) -> None:
    """The database adds up amounts before they become fractions."""
    each = tally(group.terms, group.amount / parts, subscriptions=0)
    assert sum([each] * parts, NONE).mrr == group.tally.mrr


@given(COUNTS, COUNTS, COUNTS)
def test_a_flow_ends_where_the_next_begins(start: int, new: int, churned: int) -> None:
    flow = Flow(Tally(start), Tally(new), Tally(churned))
    assert flow.end.subscriptions == start + new - churned == start + flow.net.subscriptions
    assert (flow.churn_rate is None) is (start == 0)
    after = Flow(flow.end, Tally(churned), Tally(new))
    both = flow.then(after)
    assert both.end == after.end == Tally(start)
    assert both.new.subscriptions == new + churned


def test_rates() -> None:
    assert Flow(Tally(3), NONE, Tally(1)).churn_rate == Decimal("33.3")
    assert Flow(Tally(3), NONE, Tally(3)).churn_rate == 100
    assert Conversion(8, 1).rate == Decimal("12.5")
    assert Conversion(0, 0).rate is None


@given(st.fractions())
def test_rounding_is_half_up_away_from_zero(amount: Fraction) -> None:
    assert abs(rounded(amount) - amount) <= Fraction(1, 2)
    assert rounded(-amount) == -rounded(amount)
    assert [rounded(Fraction(n, 2)) for n in (1, 3, -1)] == [1, 2, -1]
