"""Which reminder a claim gets: never before it is due, never once it is paid, each step once."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.mail import MailStatus
from stakactl.domain.money import Money
from stakactl.domain.orders import OrderStatus
from stakactl.domain.receivables import (
    Blocked,
    Obstacle,
    PastReminder,
    Receivable,
    Source,
    blocked,
)
from stakactl.domain.reminders import ReminderRules, Tone, Wait, judge
from stakactl.domain.trail import Payments
from stakactl.domain.working_hours import WorkingHours
from tests.builders import (
    a_case,
    a_charge,
    a_dispute,
    a_refund,
    a_session,
    a_stripe_invoice,
    an_intent,
    an_order,
    eur,
)

PARIS = ZoneInfo("Europe/Paris")
RULES = ReminderRules(hours=WorkingHours(PARIS))
DUE = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # midnight in Paris: the 1st of March is over
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def a_claim(**fields: Any) -> Receivable:
    default = Receivable(
        Source.INVOICE,
        "inv_1",
        "FACT-2026-000001",
        "A-1",
        eur(46800),
        eur(46800),
        DUE,
        "lea@example.com",
        "Léa Martin",
        "fr",
        is_business=False,
    )
    return replace(default, **fields)


def past(step: int, days: int, status: MailStatus = MailStatus.SENT) -> PastReminder:
    return PastReminder(step, status, "lea@example.com", on(days))


def on(day: int) -> datetime:
    """Ten in the morning, `day` days after the last day on which it could be paid."""
    return datetime.combine(DUE.date() + day * DAY, time(10), tzinfo=PARIS).astimezone(UTC)


def step_on(day: int, *history: PastReminder, **fields: Any) -> int | None:
    return judge(a_claim(history=history, **fields), RULES, on(day), SINCE).step


def test_the_three_steps() -> None:
    assert [step_on(day) for day in (0, 6, 7, 14, 15, 29, 30, 300)] == [
        None, None, 1, 1, 2, 2, 3, 3,
    ]  # fmt: skip
    tones = [judge(a_claim(), RULES, on(day), SINCE).tone for day in (7, 15, 30)]
    assert tones == [Tone.FRIENDLY, Tone.FIRM, Tone.FORMAL]


def test_an_invoice_is_late_from_the_day_after_its_last_day() -> None:
    """Ours are due when the last day is over; a due date of Stripe's is a moment of that day."""
    assert a_claim().due_on(PARIS) == DUE.date()
    stripe = a_claim(source=Source.STRIPE_INVOICE, due_at=DUE - timedelta(hours=9))
    assert stripe.due_on(PARIS) == DUE.date()
    assert judge(stripe, RULES, on(7), SINCE).days_late == 7


def test_days_are_those_of_paris() -> None:
    evening = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)  # half past midnight in Paris, the 8th
    assert judge(a_claim(), RULES, evening, SINCE).step == 1
    assert judge(a_claim(), RULES, evening - timedelta(hours=1), SINCE).step is None


@pytest.mark.parametrize(
    ("steps", "tones"),
    [
        ((7,), [Tone.FRIENDLY]),
        ((7, 15), [Tone.FRIENDLY, Tone.FIRM]),
        ((3, 7, 15, 30), [Tone.FRIENDLY, Tone.FIRM, Tone.FIRM, Tone.FORMAL]),
    ],
)
def test_tones_of_other_steps(steps: tuple[int, ...], tones: list[Tone]) -> None:
    rules = ReminderRules(steps)
    assert [rules.tone(step) for step in range(1, len(steps) + 1)] == tones


def test_each_step_once_and_only_the_newest() -> None:
    assert step_on(20) == 2
    assert step_on(16, past(2, 15)) is None
    assert step_on(40, past(2, 15)) == 3
    assert step_on(400, past(3, 30)) is None
    done = judge(a_claim(history=(past(3, 30),)), RULES, on(400), SINCE)
    assert (done.reason, done.next_on) == (Wait.DONE, None)


def test_a_minimum_of_days_lies_between_two() -> None:
    late_first = past(1, 13)
    found = judge(a_claim(history=(late_first,)), RULES, on(15), SINCE)
    assert (found.reason, found.next_on) == (Wait.TOO_SOON, on(18).date())
    assert step_on(18, past(1, 13)) == 2


def test_the_next_step_comes_on_a_working_day() -> None:
    """Seven days after the 1st of March 2026 is a Sunday."""
    found = judge(a_claim(), RULES, on(3), SINCE)
    assert found.reason is Wait.NOT_YET
    assert found.next_on == date(2026, 3, 9)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (MailStatus.QUEUED, Wait.QUEUED),
        (MailStatus.SENDING, Wait.QUEUED),
        (MailStatus.FAILED, Wait.UNDELIVERABLE),
        (MailStatus.UNKNOWN, None),
        (MailStatus.SENT, None),
    ],
)
def test_what_became_of_the_last_one(status: MailStatus, reason: Wait | None) -> None:
    found = judge(a_claim(history=(past(1, 7, status),)), RULES, on(15), SINCE)
    assert (found.reason, found.step) == (reason, None if reason else 2)


def test_an_address_that_was_corrected_gets_the_next_step() -> None:
    refused = past(1, 7, MailStatus.FAILED)
    assert step_on(15, refused, recipient="lea.martin@example.com") == 2


def test_a_withdrawn_reminder_took_no_step() -> None:
    assert step_on(8, past(1, 7, MailStatus.WITHDRAWN)) == 1


def test_history_and_missing_addresses() -> None:
    found = judge(a_claim(), RULES, on(30), DUE + DAY)
    assert found.reason is Wait.HISTORICAL
    assert judge(a_claim(recipient=""), RULES, on(30), SINCE).reason is Wait.NO_ADDRESS


NO_STRIPE = {"sessions": (), "intents": (), "charges": (), "invoice_number": None}
PENDING = an_order(status=OrderStatus.PENDING, paid_at=None)


@pytest.mark.parametrize(
    ("case", "obstacle"),
    [
        ({}, None),
        ({"order": an_order()}, Obstacle.PAID),
        ({"intents": (an_intent(),)}, Obstacle.PAID),
        ({"sessions": (a_session(payment_intent_id=None),)}, Obstacle.PAID),
        ({"intents": (an_intent(status="processing"),)}, Obstacle.UNDER_WAY),
        ({"intents": (an_intent(status="requires_capture"),)}, Obstacle.UNDER_WAY),
        ({"intents": (an_intent(status="requires_payment_method"),)}, None),
        ({"intents": (an_intent(status="requires_action"),)}, None),
        ({"charges": (a_charge(status="pending"),)}, Obstacle.UNDER_WAY),
        ({"sessions": (a_session(payment_status="unpaid"),)}, Obstacle.UNDER_WAY),
        (
            {
                "sessions": (a_session(payment_status="unpaid"),),
                "intents": (an_intent(status="requires_payment_method"),),
            },
            None,  # the debit failed
        ),
        ({"sessions": (a_session(status="open", payment_status="unpaid"),)}, None),
        ({"intents": (an_intent(),), "disputes": (a_dispute(),)}, Obstacle.DISPUTED),
        ({"disputes": (a_dispute(status="lost"),)}, Obstacle.DISPUTED),
        ({"refunds": (a_refund(),)}, Obstacle.REFUNDED),
        ({"refunds": (a_refund(status="pending"),)}, Obstacle.REFUNDED),
        ({"refunds": (a_refund(status="failed"),)}, None),
        ({"charges": (a_charge(amount_refunded_minor=1),)}, Obstacle.REFUNDED),
        ({"order": replace(PENDING, status=OrderStatus.CANCELLED)}, Obstacle.GIVEN_UP),
        ({"order": replace(PENDING, deleted_at=DUE)}, Obstacle.GIVEN_UP),
        ({"order": replace(PENDING, dispute_status="needs_response")}, Obstacle.DISPUTED),
        ({"order": replace(PENDING, refunded=eur(100))}, Obstacle.REFUNDED),
        ({"stripe_invoices": (a_stripe_invoice(),)}, Obstacle.PAID),
        ({"stripe_invoices": (a_stripe_invoice(status="open"),)}, Obstacle.ELSEWHERE),
        ({"stripe_invoices": (a_stripe_invoice(status="void"),)}, None),
        ({"credited_minor": 100}, Obstacle.CREDITED),
    ],
)
def test_what_stands_in_the_way(case: dict[str, Any], obstacle: Obstacle | None) -> None:
    around = a_case(**{"order": PENDING, **NO_STRIPE, **case})
    found = blocked(a_claim(case=around))
    assert (found.obstacle if found else None) is obstacle
    step = judge(a_claim(case=around), RULES, on(30), SINCE).step
    assert step == (None if obstacle else 3)


def test_an_order_that_has_an_invoice_of_ours_is_asked_for_by_that() -> None:
    around = a_case(order=PENDING, **{**NO_STRIPE, "invoice_number": "FACT-2026-000001"})
    found = blocked(a_claim(source=Source.ORDER, case=around))
    assert found is not None
    assert found.obstacle is Obstacle.ELSEWHERE
    assert blocked(a_claim(case=around)) is None


def test_a_credit_note_and_what_tried_to_pay_a_stripe_invoice() -> None:
    credited = blocked(a_claim(credited_minor=100, outstanding=eur(46700)))
    assert credited is not None
    assert credited.obstacle is Obstacle.CREDITED
    trying = Payments(intents=(an_intent(status="processing", payment_method_type="sepa_debit"),))
    found = blocked(a_claim(source=Source.STRIPE_INVOICE, payments=trying))
    assert found is not None
    assert (found.obstacle, "sepa_debit" in found.detail) == (Obstacle.UNDER_WAY, True)


# For any history, setting and day

STEPS = st.lists(st.integers(1, 90), min_size=1, max_size=5, unique=True).map(
    lambda days: tuple(sorted(days))
)
HISTORY = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 120), st.sampled_from(MailStatus)), max_size=5
)
CLOSED = st.sampled_from([None, *(Blocked(obstacle, "seen") for obstacle in Obstacle)])


@given(STEPS, st.integers(1, 30), HISTORY, st.integers(-30, 150), CLOSED, st.integers(0, 50_000))
def test_for_any_history(
    steps: tuple[int, ...],
    min_days: int,
    history: list[tuple[int, int, MailStatus]],
    day: int,
    closed: Blocked | None,
    owed: int,
) -> None:
    rules = ReminderRules(steps, min_days, WorkingHours(PARIS))
    pasts = tuple(past(step, at, status) for step, at, status in history)
    claim = a_claim(history=pasts, closed=closed, outstanding=Money(owed, "eur"))
    found = judge(claim, rules, on(day), SINCE)
    assert (found.step is None) == (found.reason is not None)
    if found.step is None:
        return
    assert closed is None
    assert owed > 0
    assert steps[found.step - 1] <= day  # never before it is due
    assert not [days for days in steps[found.step :] if days <= day]  # the newest only
    taken = [one for one in pasts if one.status is not MailStatus.WITHDRAWN]
    assert all(one.step < found.step for one in taken)  # each once, and never back
    last = max(taken, key=lambda one: (one.step, one.at), default=None)
    if last is not None:
        assert (on(day).date() - last.at.astimezone(PARIS).date()).days >= min_days


@given(STEPS, st.integers(1, 10), st.lists(st.integers(0, 150), min_size=1, max_size=60))
def test_over_time_every_step_goes_out_at_most_once(
    steps: tuple[int, ...], min_days: int, days: list[int]
) -> None:
    rules = ReminderRules(steps, min_days, WorkingHours(PARIS))
    sent: list[PastReminder] = []
    for day in sorted(days):
        found = judge(a_claim(history=tuple(sent)), rules, on(day), SINCE)
        if found.step is not None:
            sent.append(replace(past(found.step, 0), at=on(day)))
    numbers = [one.step for one in sent]
    assert numbers == sorted(set(numbers))
