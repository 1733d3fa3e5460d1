"""The safe repair of a finding, where there is one: a change of the order's own fields.

Nothing here moves money, cancels, deletes, or turns a paid order into an unpaid one.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from stakactl.domain.case import Case
from stakactl.domain.changes import Change, FieldValue
from stakactl.domain.findings import Discrepancy, Finding, FindingState
from stakactl.domain.orders import Order, OrderStatus
from stakactl.domain.reconciliation.links import backlinked_sessions
from stakactl.domain.reconciliation.payments import session_of
from stakactl.domain.reconciliation.refunds import refunded_so_far

Fields = dict[str, FieldValue]


def plan_fix(finding: Finding, case: Case) -> Change | None:
    """The change that repairs `finding`, or None when a person has to decide."""
    if finding.state is FindingState.HISTORICAL or finding.is_pending:
        return None
    make = _FIXES.get(finding.discrepancy)
    after = make(finding, case) if make else None
    if not after:
        return None
    current = recorded_fields(case.order)
    before = {name: current[name] for name in after}
    changed = {name: value for name, value in after.items() if value != before[name]}
    # The status is always compared, also where it stays: a cancelled order must stop the swap.
    compared: Fields = {"status": current["status"], **changed}
    return Change(
        case.order.order_id,
        finding.finding_id,
        str(finding.discrepancy),
        before={name: current[name] for name in compared},
        after=compared,
    )


def recorded_fields(order: Order) -> Fields:
    """The order's fields that fixes may change, as they are recorded in changes."""
    return {
        "status": str(order.status),
        "paid_at": _iso(order.paid_at),
        "refunded_minor": order.refunded.minor if order.refunded is not None else None,
        "dispute_status": order.dispute_status,
        "stripe_session_id": order.stripe_session_id,
        "stripe_payment_intent_id": order.stripe_payment_intent_id,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _mark_paid(finding: Finding, case: Case) -> Fields | None:
    """Only where exactly one payment and exactly one order claim each other. Where the money is
    gone again, "paid" would make an application deliver."""
    if len(case.payments) != 1 or case.claimants or case.is_money_gone:
        return None
    payment = case.payments[0]
    session = session_of(case, payment)
    order = case.order
    recorded = payment.id == order.stripe_payment_intent_id or (
        session is not None and session.id == order.stripe_session_id
    )
    if case.other_orders and not recorded:
        return None
    charge = next((c for c in case.charges if c.id == payment.latest_charge_id), None)
    fields: Fields = {
        "status": str(OrderStatus.PAID),
        "paid_at": _iso(charge.created_at if charge else payment.created_at),
        "stripe_payment_intent_id": payment.id,
    }
    if session is not None:
        fields["stripe_session_id"] = session.id
    return fields


def _mark_failed(finding: Finding, case: Case) -> Fields:
    return {"status": str(OrderStatus.FAILED)}


def _mark_expired(finding: Finding, case: Case) -> Fields:
    return {"status": str(OrderStatus.EXPIRED)}


def _relink(finding: Finding, case: Case) -> Fields | None:
    sessions = backlinked_sessions(case)
    if len(sessions) != 1 or sessions[0].amount_total != case.order.amount:
        return None
    fields: Fields = {"stripe_session_id": sessions[0].id}
    if sessions[0].payment_intent_id is not None:
        fields["stripe_payment_intent_id"] = sessions[0].payment_intent_id
    return fields


def _record_refunds(finding: Finding, case: Case) -> Fields | None:
    running = refunded_so_far(case)
    if running is None or len(case.payments) != 1 or running[-1] > case.order.amount.minor:
        return None
    total = running[-1]
    full = total == case.order.amount.minor
    status = OrderStatus.REFUNDED if full else OrderStatus.PARTIALLY_REFUNDED
    return {"status": str(status), "refunded_minor": total}


def _record_dispute(finding: Finding, case: Case) -> Fields:
    return {"dispute_status": case.disputes[-1].status}


_FIXES: dict[Discrepancy, Callable[[Finding, Case], Fields | None]] = {
    Discrepancy.PAID_NOT_RECORDED: _mark_paid,
    Discrepancy.ASYNC_FAILED: _mark_failed,
    Discrepancy.SESSION_EXPIRED: _mark_expired,
    Discrepancy.ORDER_WITHOUT_STRIPE: _relink,
    Discrepancy.REFUND_NOT_RECORDED: _record_refunds,
    Discrepancy.DISPUTE_UNKNOWN: _record_dispute,
    Discrepancy.DISPUTE_OUTCOME: _record_dispute,
}
