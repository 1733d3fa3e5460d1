"""Orders of an application that issues invoices itself, or that deleted one of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from stakactl.domain.findings import Discrepancy
from stakactl.domain.fixes import plan_fix
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation import Context, classify
from stakactl.domain.reconciliation.invoices import needs_invoice
from tests.builders import NOW, ORDERED, a_case, a_refund, a_session, an_intent, an_order

ISSUES = Context(
    NOW,
    livemode=True,
    default_vat_rate=Decimal(20),
    known_until=NOW,
    application_invoices=True,
)
WITHOUT_INVOICE = a_case(invoice_number=None)


@pytest.mark.parametrize(
    ("paid_at", "pending"),
    [
        (NOW - timedelta(hours=71, minutes=59), True),
        (NOW - timedelta(hours=72), False),
    ],
)
def test_the_applications_invoice_is_waited_for(paid_at: datetime, pending: bool) -> None:
    case = replace(WITHOUT_INVOICE, order=an_order(paid_at=paid_at))
    (finding,) = classify(case, ISSUES)
    assert finding.discrepancy is Discrepancy.INVOICE_MISSING
    assert finding.is_pending is pending
    assert finding.break_on == (paid_at + timedelta(hours=72) if pending else None)
    (alone,) = classify(case, replace(ISSUES, application_invoices=False))
    assert alone.break_on is None


def test_where_the_order_does_not_say_when_it_was_paid_stripe_does() -> None:
    paid = NOW - timedelta(hours=1)
    order = an_order(paid_at=None, created_at=NOW - timedelta(days=9))
    case = replace(WITHOUT_INVOICE, order=order, intents=(an_intent(created_at=paid),))
    (finding,) = classify(case, ISSUES)
    assert (finding.since, finding.break_on) == (paid, paid + timedelta(hours=72))


@pytest.mark.parametrize("status", OrderStatus)
def test_the_payment_of_a_deleted_order_has_no_order(status: OrderStatus) -> None:
    order = an_order(status=status, deleted_at=NOW)
    case = replace(WITHOUT_INVOICE, order=order)
    (finding,) = classify(case, ISSUES)
    assert finding.discrepancy is Discrepancy.ORPHAN_PAYMENT
    assert (finding.order_id, finding.session_id, finding.since) == ("A-1", "cs_live_1", ORDERED)
    assert plan_fix(finding, case) is None
    assert not needs_invoice(case, ISSUES)


def test_a_deleted_order_without_money_is_gone() -> None:
    order = an_order(deleted_at=NOW)
    given_back = replace(WITHOUT_INVOICE, order=order, refunds=(a_refund(),))
    assert classify(given_back, ISSUES) == ()
    expired = a_session(status="expired", payment_status="unpaid", payment_intent_id=None)
    unpaid = replace(WITHOUT_INVOICE, order=order, sessions=(expired,), intents=(), charges=())
    assert classify(unpaid, ISSUES) == ()
