"""Whether a paid order has its invoice, and whether one can be made."""

from collections.abc import Iterator
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.invoicing import Draft, draft
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation.context import APPLICATION_INVOICE_GRACE, Context
from stakactl.domain.vat import VatBlocked

#: A fully refunded order without invoice waits for its credit note.
_INVOICED = frozenset({OrderStatus.PAID, OrderStatus.PARTIALLY_REFUNDED})


def needs_invoice(case: Case, context: Context) -> bool:
    """Whether it needs one of ours; a numbered invoice of Stripe counts where it is adopted."""
    order = case.order
    fully_refunded = order.refunded is not None and order.refunded.minor >= order.amount.minor
    return (
        order.status in _INVOICED
        and order.deleted_at is None
        and bool(order.amount)
        and not fully_refunded
        and order.invoice_number is None
        and case.invoice_number is None
        and not (context.adopt_stripe_invoices and case.is_invoiced_by_stripe)
    )


def application_invoices_until(case: Case, context: Context) -> datetime | None:
    """Until when the application may still issue the invoice; None when it is not waited for."""
    if not context.application_invoices:
        return None
    until = _paid_at(case) + APPLICATION_INVOICE_GRACE
    return until if context.now < until else None


def _paid_at(case: Case) -> datetime:
    """As the order says, else as Stripe does: many applications do not record the time."""
    payment = case.payments[0].created_at if case.payments else case.order.created_at
    return case.order.paid_at or payment


def invoice_findings(case: Case, context: Context) -> Iterator[Finding]:
    if not needs_invoice(case, context):
        return
    order = case.order
    result = draft(
        order,
        country=case.customer_country,
        default_rate=context.default_vat_rate,
        stripe_tax_minor=case.stripe_tax_minor,
    )
    blocked = isinstance(result, VatBlocked)
    break_on = application_invoices_until(case, context)
    yield Finding(
        Discrepancy.INVOICE_BLOCKED if blocked else Discrepancy.INVOICE_MISSING,
        since=_paid_at(case),
        expected="an invoice",
        seen=result.reason if isinstance(result, VatBlocked) else "no invoice",
        hint=_hint(result, break_on),
        order_id=order.order_id,
        session_id=order.stripe_session_id,
        payment_intent_id=case.payments[0].id if case.payments else None,
        break_on=break_on,
    )


def _hint(result: Draft | VatBlocked, break_on: datetime | None) -> str:
    if break_on is not None:
        return "the application may still issue it, after that: stakactl invoices generate"
    return result.hint if isinstance(result, VatBlocked) else "stakactl invoices generate"
