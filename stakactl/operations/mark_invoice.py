"""Say by hand whether an invoice is paid: money that did not come through Stripe.

What an invoice says on its own page cannot be marked away, and what is cancelled or a credit note
is neither paid nor unpaid.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from stakactl.domain.invoicing import Invoice
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused
from stakactl.operations.invoice_files import known_invoice
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run


class Mark(StrEnum):
    PAID = "paid"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class MarkReport:
    """The invoice before and after, at a moment; without `run_id` it is a plan."""

    before: Invoice
    after: Invoice
    now: datetime
    run_id: str | None = None


def plan_mark(ports: Ports, number: str, mark: Mark) -> MarkReport:
    """What would be marked. Changes nothing."""
    invoice, now = known_invoice(ports, number), ports.clock.now()
    _refuse(invoice, mark)
    moments = replace(invoice.moments, paid_at=now if mark is Mark.PAID else None)
    return MarkReport(invoice, replace(invoice, moments=moments), now)


def mark_invoice(ports: Ports, number: str, mark: Mark) -> MarkReport:
    plan = plan_mark(ports, number, mark)
    before, after = plan.before, plan.after
    with recorded_run(ports, "invoices mark") as run:
        marked = ports.invoices.mark_paid(
            before.invoice_id, before.moments.paid_at, after.moments.paid_at
        )
        if not marked:
            raise Refused(f"{before.number} was changed meanwhile", hint="look at it again")
        run.ended(Outcome.OK, invoice=before.number, marked=str(mark))
    return replace(plan, run_id=run.run_id)


def _refuse(invoice: Invoice, mark: Mark) -> None:
    if invoice.is_credit_note:
        raise Refused(f"{invoice.number} is a credit note: it is neither paid nor unpaid")
    if invoice.moments.cancelled_at is not None:
        raise Refused(f"{invoice.number} is cancelled")
    if (invoice.moments.paid_at is not None) == (mark is Mark.PAID):
        raise Refused(f"{invoice.number} is {mark} already")
    if invoice.snapshot.payment is not None:
        raise Refused(
            f"{invoice.number} says on its page that it was paid",
            hint=f"for money that went back: stakactl invoices credit {invoice.number}",
        )
