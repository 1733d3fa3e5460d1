"""Issued invoices whose sums do not hold, or that are not for what was paid."""

from collections.abc import Iterator

from stakactl.domain.case import Case
from stakactl.domain.documents import amount_problem
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.invoicing import Invoice
from stakactl.domain.money import Money
from stakactl.domain.reconciliation import Context
from stakactl.domain.reconciliation.payments import amount_paid
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope

CLASSES = frozenset({Discrepancy.INVOICE_AMOUNT})


def invoice_amounts(
    ports: Ports, scope: Scope, context: Context, unread: list[str]
) -> Iterator[tuple[Finding, None]]:
    if not scope.wants(CLASSES):
        return
    for invoice, due in ports.documents.to_audit(context.now):
        if scope.holds(invoice.issued_at):
            finding = amounts_finding(ports, invoice, due)
            if finding is not None:
                yield finding, None


def amounts_finding(ports: Ports, invoice: Invoice, due: Money | None) -> Finding | None:
    """`due` is the order's amount. What was paid is looked up only where that differs: where it
    does not, a payment of something else is an AMOUNT_MISMATCH of the order."""
    problem = amount_problem(invoice.snapshot)
    if problem is not None:
        return _finding(invoice, "lines, net and VAT that make the total", problem)
    if due is None or due == invoice.total or invoice.is_credit_note:
        return None
    case = ports.cases.case(invoice.order_id)
    paid = [due] if case is None else _paid(case) or [due]
    if invoice.total in paid:
        return None
    return _finding(invoice, f"{paid[0]} as paid", f"{invoice.total} invoiced")


def _paid(case: Case) -> list[Money]:
    """What each payment of the order brought, in the order's currency; refunds are apart."""
    return [amount_paid(case, payment) for payment in case.payments]


def _finding(invoice: Invoice, expected: str, seen: str) -> Finding:
    return Finding(
        Discrepancy.INVOICE_AMOUNT,
        since=invoice.issued_at,
        expected=expected,
        seen=seen,
        hint="an issued invoice is never edited: correct it by a credit note and a new invoice",
        order_id=invoice.order_id or None,
        invoice_number=invoice.number,
    )
