"""Charges without money, amounts that differ, payouts that did not hold: each is told once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stakactl.domain.findings import Discrepancy
from stakactl.domain.money import Money
from stakactl.domain.reconciliation import Context
from stakactl.domain.reconciliation.balance import (
    BOOKED_WITHIN,
    Booking,
    UnknownCategory,
    misbooked,
    missing_money,
    unknown_category,
)
from stakactl.domain.reconciliation.payouts import (
    FAILURES,
    PayoutContents,
    PayoutSum,
    ReturnedPayout,
    manual,
    mismatch,
    returned,
)
from tests.builders import NOW, ORDERED, a_charge, a_payout, a_transaction, eur

CONTEXT = Context(now=NOW, livemode=True, default_vat_rate=None, known_until=NOW)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("age", "pending"),
    [(BOOKED_WITHIN - SECOND, True), (BOOKED_WITHIN, False), (BOOKED_WITHIN + SECOND, False)],
)
def test_a_charge_has_a_day_to_be_booked(age: timedelta, *, pending: bool) -> None:
    charge = a_charge(created_at=NOW - age, balance_transaction_id=None)
    finding = missing_money(charge, CONTEXT)
    assert finding.discrepancy is Discrepancy.BALANCE_MISSING
    assert finding.discrepancy.priority == 3
    assert finding.is_pending is pending
    assert finding.break_on == (charge.created_at + BOOKED_WITHIN if pending else None)
    assert (finding.since, finding.seen) == (charge.created_at, "no balance transaction")
    assert (finding.payment_intent_id, finding.refs) == ("pi_1", {"charge": "ch_1"})


def test_a_transaction_that_the_record_lacks_is_named() -> None:
    finding = missing_money(a_charge(), CONTEXT)
    assert finding.seen == "txn_1 is not in the record of money"
    assert finding.expected == "a balance transaction of 468.00 EUR"


def test_the_id_of_a_missing_booking_stays() -> None:
    young = missing_money(a_charge(created_at=NOW, balance_transaction_id=None), CONTEXT)
    old = missing_money(a_charge(created_at=ORDERED), CONTEXT)
    assert young.finding_id == old.finding_id


def test_an_unknown_category() -> None:
    found = UnknownCategory("something_new", eur(-1200), 3, ORDERED, "txn_7")
    finding = unknown_category(found)
    assert finding.discrepancy is Discrepancy.BALANCE_UNCLASSIFIED
    assert finding.discrepancy.priority == 2
    assert finding.seen == "3 transactions of -12.00 EUR in all, the first is txn_7"
    assert finding.subject == "something_new"
    later = replace(found, count=5, total=eur(-2000), first_id="txn_1", since=NOW)
    assert unknown_category(later).finding_id == finding.finding_id
    dollars = replace(found, total=Money(-1200, "usd"))
    assert unknown_category(dollars).finding_id != finding.finding_id


@pytest.mark.parametrize(
    ("kind", "allowed", "booked", "count", "seen"),
    [
        ("charge", (10000,), 10000, 1, None),
        ("charge", (10000, 6000), 6000, 1, None),
        ("charge", (10000, 6000), 7000, 1, "70.00 EUR booked"),
        ("charge", (10000,), 20000, 2, "200.00 EUR booked in 2 transactions"),
        ("refund", (4000,), 4000, 1, None),
        ("refund", (4000,), 8000, 2, "80.00 EUR booked in 2 transactions"),
    ],
)
def test_what_is_booked_otherwise(
    kind: str, allowed: tuple[int, ...], booked: int, count: int, seen: str | None
) -> None:
    amounts = tuple(eur(minor) for minor in allowed)
    finding = misbooked(Booking(kind, "obj_1", ORDERED, amounts, eur(booked), count, "pi_1"))
    if seen is None:
        assert finding is None
        return
    assert finding is not None
    assert finding.discrepancy is Discrepancy.BRIDGE_RESIDUAL
    assert finding.seen == seen
    assert finding.expected == f"{amounts[0]}, as the {kind} says"
    assert finding.refs == {kind: "obj_1"}


def test_a_payout_is_the_sum_of_what_it_contains() -> None:
    assert mismatch(PayoutSum(a_payout(), eur(46800), 3)) is None
    finding = mismatch(PayoutSum(a_payout(), eur(46799), 3))
    assert finding is not None
    assert finding.discrepancy is Discrepancy.PAYOUT_MISMATCH
    assert finding.discrepancy.priority == 1
    assert finding.expected == "468.00 EUR paid out"
    assert finding.seen == "467.99 EUR in its 3 transactions"
    assert finding.refs == {"payout": "po_1"}
    debit = a_payout(amount=eur(-500))
    assert mismatch(PayoutSum(debit, eur(-500), 1)) is None
    assert mismatch(PayoutSum(debit, eur(500), 1)) is not None


@pytest.mark.parametrize(
    ("fields", "was_paid", "seen"),
    [
        ({"status": "failed"}, True, "failed, Stripe does not say why"),
        ({"status": "failed"}, False, "failed, Stripe does not say why"),
        (
            {"status": "failed", "failure_code": "account_closed"},
            False,
            "failed: the bank account has been closed",
        ),
        ({"status": "failed", "failure_code": "a_new_code"}, True, "failed: a_new_code"),
        ({"status": "canceled"}, True, "canceled after it was paid"),
        ({"status": "canceled"}, False, None),
        ({"status": "paid"}, True, None),
    ],
)
def test_a_payout_that_came_back(
    fields: dict[str, Any], seen: str | None, *, was_paid: bool
) -> None:
    finding = returned(ReturnedPayout(a_payout(**fields), was_paid, NOW))
    if seen is None:
        assert finding is None
        return
    assert finding is not None
    assert finding.discrepancy is Discrepancy.PAYOUT_FAILED
    assert finding.discrepancy.priority == 1
    assert (finding.since, finding.seen) == (NOW, seen)
    assert finding.expected == "468.00 EUR at the bank"


def test_every_reason_of_a_failure_is_in_words() -> None:
    assert all(" " in text and "_" not in text for text in FAILURES.values())


def test_a_manual_payout_is_information() -> None:
    finding = manual(a_payout(automatic=False))
    assert finding.discrepancy is Discrepancy.PAYOUT_MANUAL
    assert finding.discrepancy.priority == 4
    assert finding.is_pending
    assert "cannot be itemised" in finding.seen


def test_the_contents_of_a_payout_sum_up_in_its_currency() -> None:
    yen = a_payout(amount=Money(300, "jpy"))
    assert PayoutContents(yen, False, ()).total == Money(0, "jpy")
    rows = tuple(a_transaction(amount=Money(minor, "jpy")) for minor in (500, -200))
    assert PayoutContents(yen, True, rows).total == yen.amount
