"""Whatever a case looks like, its fix never makes a paid order unpaid, and stays what it is."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from stakactl.domain.case import Case
from stakactl.domain.changes import Change, FieldValue
from stakactl.domain.findings import FindingState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.orders import ABANDONED, SETTLED, OrderStatus
from stakactl.domain.reconciliation import Context, classify
from stakactl.domain.stripe_objects import Absence
from tests.builders import (
    NOW,
    ORDERED,
    a_charge,
    a_dispute,
    a_refund,
    a_session,
    an_intent,
    an_order,
    eur,
)

CONTEXT = Context(NOW, livemode=True, default_vat_rate=Decimal(20), known_until=NOW)
AMOUNTS = st.sampled_from([0, 100, 46700, 46800, 46900])
AGES = st.integers(0, 60).map(lambda days: NOW - timedelta(days=days))
REFERENCES = st.sampled_from([None, "A-1", "A-2", "stranger"])

SESSIONS = st.builds(
    a_session,
    id=st.sampled_from(["cs_live_1", "cs_live_2"]),
    created_at=AGES,
    livemode=st.sampled_from([True, True, True, False]),
    status=st.sampled_from(["open", "complete", "expired"]),
    payment_status=st.sampled_from(["paid", "unpaid", "no_payment_required"]),
    amount_total=AMOUNTS.map(eur),
    payment_intent_id=st.sampled_from(["pi_1", "pi_2", None]),
    client_reference_id=REFERENCES,
    metadata_order_id=REFERENCES,
)
INTENTS = st.builds(
    an_intent,
    id=st.sampled_from(["pi_1", "pi_2"]),
    created_at=AGES,
    status=st.sampled_from(
        "requires_payment_method processing requires_capture succeeded canceled".split()
    ),
    amount_received_minor=AMOUNTS,
    latest_charge_id=st.sampled_from(["ch_1", None]),
    payment_method_type=st.sampled_from(["card", "sepa_debit", None]),
    metadata_order_id=REFERENCES,
)
REFUNDS = st.builds(
    a_refund,
    id=st.uuids().map(lambda key: f"re_{key.hex[:8]}"),
    status=st.sampled_from("pending requires_action succeeded failed canceled".split()),
    amount=AMOUNTS.map(eur),
)
DISPUTES = st.builds(
    a_dispute, status=st.sampled_from("needs_response under_review won lost".split())
)
ORDERS = st.builds(
    an_order,
    created_at=AGES,
    status=st.sampled_from(OrderStatus),
    amount=AMOUNTS.map(eur),
    stripe_session_id=st.sampled_from(["cs_live_1", "cs_live_gone", None]),
    stripe_payment_intent_id=st.sampled_from(["pi_1", "pi_gone", None]),
    paid_at=st.sampled_from([None, ORDERED]),
    refunded=st.none() | AMOUNTS.map(eur),
    dispute_status=st.sampled_from([None, "needs_response", "lost"]),
    invoice_number=st.sampled_from([None, "X-1"]),
)
CASES = st.builds(
    Case,
    order=ORDERS,
    sessions=st.lists(SESSIONS, max_size=2, unique_by=lambda s: s.id).map(tuple),
    intents=st.lists(INTENTS, max_size=2, unique_by=lambda i: i.id).map(tuple),
    charges=st.sampled_from([(), (a_charge(),)]),
    refunds=st.lists(REFUNDS, max_size=3).map(tuple),
    disputes=st.lists(DISPUTES, max_size=1).map(tuple),
    absent=st.sampled_from([{}, {"cs_live_gone": Absence.MISSING, "pi_gone": Absence.MISSING}]),
    claimants=st.sampled_from([{}, {}, {"cs_live_1": ("A-1", "A-2")}]),
    other_orders=st.sampled_from([frozenset(), frozenset({"A-2"})]),
    invoice_number=st.sampled_from([None, "FACT-2026-000001"]),
)
MANY = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def plans(case: Case) -> list[Change]:
    found = (plan_fix(finding, case) for finding in classify(case, CONTEXT))
    return [change for change in found if change is not None]


def safe(case: Case, change: Change) -> bool:
    """Paid stays paid, given up stays given up, and no field of money is emptied."""
    before, after = case.order.status, OrderStatus(str(change.after["status"]))
    if before in SETTLED and after not in SETTLED:
        return False
    if before in ABANDONED and after is not before:
        return False
    return all(
        change.after[name] is not None or change.before[name] is None
        for name in ("paid_at", "refunded_minor", "dispute_status")
        if name in change.after
    )


@MANY
@given(CASES)
def test_a_fix_never_unpays_or_reopens(case: Case) -> None:
    for change in plans(case):
        event(change.reason)
        assert safe(case, change)
        assert change.before["status"] == str(case.order.status)


def test_control_an_unsafe_fix_is_caught() -> None:
    paid: dict[str, FieldValue] = {"status": "paid", "paid_at": "2026-03-05"}
    case = Case(an_order())
    assert not safe(case, Change("A-1", "f", "X", paid, {**paid, "status": "expired"}))
    assert not safe(case, Change("A-1", "f", "X", paid, {**paid, "paid_at": None}))
    cancelled = Case(an_order(status=OrderStatus.CANCELLED))
    assert not safe(cancelled, Change("A-1", "f", "X", paid, paid))


@MANY
@given(CASES)
def test_history_and_waiting_have_no_fix(case: Case) -> None:
    for finding in classify(case, CONTEXT):
        historical = replace(finding, state=FindingState.HISTORICAL)
        assert plan_fix(historical, case) is None
        if finding.is_pending:
            assert plan_fix(finding, case) is None
