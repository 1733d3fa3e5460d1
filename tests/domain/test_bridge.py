"""The bridge closes on a whole record, and on nothing else."""

import re
from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.bridge import (
    Bridge,
    KnownBalance,
    Movement,
    Presentment,
    Stretch,
    draw,
    residual_finding,
)
from stakactl.domain.findings import Discrepancy
from stakactl.domain.money import Money
from stakactl.domain.reporting_categories import CATEGORIES, Part, part_of
from stakactl.domain.stripe_objects import BalanceTransaction
from tests.builders import NOW, a_transaction, eur

DAY = timedelta(days=1)
BEGIN, END = NOW - 20 * DAY, NOW - 10 * DAY


def movements(
    rows: list[BalanceTransaction], since: datetime | None, until: datetime
) -> list[Movement]:
    """The sums, row by row."""
    sums: dict[tuple[Stretch, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        stretch = Stretch.WITHIN if row.created_at < until else Stretch.AFTER
        if since is not None and row.created_at < since:
            stretch = Stretch.BEFORE
        entry = sums[stretch, row.amount.currency, row.reporting_category]
        entry[0] += row.amount.minor
        entry[1] += row.fee.minor
    return [Movement(*key, *amounts) for key, amounts in sums.items()]


def balances(rows: list[BalanceTransaction]) -> list[KnownBalance]:
    """What Stripe would say of these rows."""
    currencies = sorted({row.net.currency for row in rows})
    return [
        KnownBalance(
            Money.total((row.net for row in rows if row.net.currency == currency), currency),
            NOW,
            NOW,
        )
        for currency in currencies
    ]


def bridges(
    held: list[BalanceTransaction],
    real: list[BalanceTransaction],
    since: datetime | None = BEGIN,
    until: datetime = END,
) -> tuple[Bridge, ...]:
    """The bridge of the rows that are held, to the balance of those that are real."""
    return draw(movements(held, since, until), balances(real), (), since, until)


ROWS = st.builds(
    lambda number, category, currency, amount, fee, days: a_transaction(
        id=f"txn_{number}",
        reporting_category=category,
        amount=Money(amount, currency),
        fee=Money(fee, currency),
        created_at=NOW - days * DAY,
    ),
    st.integers(0, 10**9),
    st.sampled_from([*CATEGORIES, "something_new"]),
    st.sampled_from(["eur", "jpy", "kwd"]),
    st.integers(-(10**12), 10**12),
    st.integers(-500, 10**6),
    st.integers(1, 30),
)


@given(st.lists(ROWS, max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_a_whole_record_closes_in_every_period(
    rows: list[BalanceTransaction], first: int, last: int
) -> None:
    since, until = NOW - max(first, last) * DAY, NOW - min(first, last) * DAY
    parts = bridges(rows, rows, since, until)
    assert all(not bridge.residual for bridge in parts)
    later = {bridge.currency: bridge for bridge in bridges(rows, rows, until, NOW)}
    assert all(later[bridge.currency].opening == bridge.closing for bridge in parts)
    whole = bridges(rows, rows, None, NOW)
    assert all(not bridge.opening and not bridge.residual for bridge in whole)


@given(st.lists(ROWS, min_size=1, max_size=30), st.data())
def test_a_missing_row_is_the_residual(rows: list[BalanceTransaction], data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(rows))
    held = [row for row in rows if row is not lost]
    residuals = {bridge.currency: bridge.residual for bridge in bridges(held, rows)}
    assert residuals.pop(lost.net.currency, Money.zero(lost.net.currency)) == lost.net
    assert not any(residuals.values())


@given(st.lists(ROWS, min_size=1, max_size=30), st.data())
def test_a_changed_fee_or_amount_is_the_residual(
    rows: list[BalanceTransaction], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    more = data.draw(st.integers(1, 1000))
    row = rows[place]
    for changed, sign in (
        (replace(row, fee=replace(row.fee, minor=row.fee.minor + more)), 1),
        (replace(row, amount=replace(row.amount, minor=row.amount.minor + more)), -1),
    ):
        held = [*rows[:place], changed, *rows[place + 1 :]]
        residuals = {bridge.currency: bridge.residual.minor for bridge in bridges(held, rows)}
        assert residuals.pop(row.net.currency) == sign * more
        assert not any(residuals.values())


def test_a_doubled_refund_is_the_residual() -> None:
    sale = a_transaction(amount=eur(10000), fee=eur(175))
    refund = a_transaction(id="txn_2", reporting_category="refund", amount=eur(-4000))
    (bridge,) = bridges([sale, refund, replace(refund, id="txn_3")], [sale, refund], None, NOW)
    assert bridge.residual == eur(4000)
    finding = residual_finding(bridge, KnownBalance(eur(5825), NOW, NOW, NOW - DAY))
    assert finding is not None
    assert finding.discrepancy is Discrepancy.BRIDGE_RESIDUAL
    assert (finding.expected, finding.seen) == (
        "58.25 EUR by Stripe's balance",
        "18.25 EUR by its transactions, 40.00 EUR apart",
    )
    assert finding.since == NOW - DAY
    assert finding.refs == {"currency": "eur"}


PARTS = [
    ("charge", 10000, Part.GROSS, 10000),
    ("charge_failure", -10000, Part.GROSS, -10000),
    ("refund", -4000, Part.REFUNDS, 4000),
    ("refund_failure", 4000, Part.REFUNDS, -4000),
    ("partial_capture_reversal", -100, Part.REFUNDS, 100),
    ("dispute", -2500, Part.DISPUTES, 2500),
    ("dispute_reversal", 2500, Part.DISPUTES, -2500),
    ("fee", -70, Part.FEES, 70),
    ("network_cost", -3, Part.FEES, 3),
    ("tax", -14, Part.FEES, 14),
    ("payout", -9000, Part.PAYOUTS, 9000),
    ("payout_reversal", 9000, Part.PAYOUTS, -9000),
    ("topup", 500, Part.OTHER, 500),
    ("risk_reserved_funds", -500, Part.OTHER, -500),
    ("something_new", -5, Part.OTHER, -5),
]


@pytest.mark.parametrize(("category", "amount", "part", "shown"), PARTS)
def test_each_category_counts_in_one_part(
    category: str, amount: int, part: Part, shown: int
) -> None:
    row = a_transaction(reporting_category=category, amount=eur(amount), fee=eur(25))
    (bridge,) = bridges([row], [row], None, NOW)
    amounts = {name: getattr(bridge, name).minor for name in Part}
    fees = 25 + (shown if part is Part.FEES else 0)
    assert amounts == {**dict.fromkeys(Part, 0), part: shown, Part.FEES: fees}
    assert bridge.closing == row.net
    assert part_of(category) is part


def test_the_list_of_categories_is_that_of_stripes_own_library() -> None:
    """A new version of the SDK that knows more of them says so here."""
    from stripe.params.reporting import ReportRunCreateParamsParameters

    typed = str(ReportRunCreateParamsParameters.__annotations__["reporting_category"])
    assert set(re.findall(r"'([a-z_]+)'", typed)) == set(CATEGORIES)


def test_what_is_sold_in_another_currency_stands_beside() -> None:
    row = a_transaction(amount=eur(6103))
    yen = Presentment(Money(10000, "jpy"), Money(0, "jpy"), eur(6103), eur(0))
    franc = Presentment(Money(500, "chf"), Money(0, "chf"), eur(536), eur(0))
    dollars = Presentment(Money(500, "gbp"), Money(0, "gbp"), Money(600, "usd"), Money(0, "usd"))
    presentments = (yen, franc, dollars)
    (bridge,) = draw(movements([row], None, NOW), balances([row]), presentments, None, NOW)
    assert bridge.presentment == (franc, yen)


def test_a_currency_that_moved_but_is_not_held_has_a_bridge() -> None:
    """And one that is held without a movement: there the record is missing altogether."""
    row = a_transaction(amount=Money(1000, "usd"))
    back = replace(row, id="txn_2", amount=Money(-1000, "usd"), net=Money(-1000, "usd"))
    held = KnownBalance(eur(5), NOW, NOW)
    nothing = KnownBalance(Money(0, "gbp"), NOW, NOW)
    drawn = draw(movements([row, back], None, NOW), [held, nothing], (), None, NOW)
    assert [(one.currency, one.residual.minor) for one in drawn] == [("eur", 5), ("usd", 0)]
    assert [residual_finding(one, None) is None for one in drawn] == [False, True]
