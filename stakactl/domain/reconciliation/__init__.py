"""Which discrepancies an order has: a pure function from a case to its findings.

Every check is a small function `(case, context) -> findings`. A wrong link makes everything
behind it meaningless, so the checks of the links come first and end the matter when they find
something; the others look at different links of the chain and are independent.
"""

from collections.abc import Iterator

from stakactl.domain.case import Case, OrphanPayment
from stakactl.domain.findings import BLOCKS_INVOICING, Discrepancy, Finding
from stakactl.domain.reconciliation.context import Context
from stakactl.domain.reconciliation.deleted import deleted_findings
from stakactl.domain.reconciliation.documents import credit_note_findings, duplicate_findings
from stakactl.domain.reconciliation.invoices import invoice_findings
from stakactl.domain.reconciliation.links import link_findings
from stakactl.domain.reconciliation.payments import payment_findings
from stakactl.domain.reconciliation.refunds import dispute_findings, refund_findings

__all__ = ["Context", "blocks_invoicing", "classify", "classify_orphan"]


def classify(case: Case, context: Context) -> tuple[Finding, ...]:
    """Every discrepancy of one order, most urgent first; empty when the chain holds, and while
    too little of Stripe is known to judge it."""
    if case.order.deleted_at is not None:
        return tuple(deleted_findings(case))
    if not context.can_judge(case.order):
        return ()
    found = list(link_findings(case, context)) or list(_behind_the_links(case, context))
    return tuple(sorted(found, key=lambda finding: finding.discrepancy.priority))


def _behind_the_links(case: Case, context: Context) -> Iterator[Finding]:
    found = [
        *payment_findings(case, context),
        *refund_findings(case, context),
        *dispute_findings(case, context),
        *duplicate_findings(case),
    ]
    yield from found
    if not any(blocks_invoicing(finding) for finding in found):
        yield from invoice_findings(case, context)
        yield from credit_note_findings(case)


def blocks_invoicing(finding: Finding) -> bool:
    """Whether it is uncertain, while this stands, what was sold to whom."""
    return finding.discrepancy in BLOCKS_INVOICING


def classify_orphan(orphan: OrphanPayment) -> Finding:
    """The finding for a payment that no order accounts for."""
    session = orphan.session
    reference = next(iter(session.order_references if session else ()), None) or next(
        iter(orphan.intent.order_references), None
    )
    return Finding(
        Discrepancy.ORPHAN_PAYMENT,
        since=orphan.intent.created_at,
        expected=f"order {reference}" if reference else "an order",
        seen=f"{orphan.intent.amount} received",
        hint="import the missing order, or refund the payment in Stripe's dashboard",
        session_id=session.id if session else None,
        payment_intent_id=orphan.intent.id,
    )
