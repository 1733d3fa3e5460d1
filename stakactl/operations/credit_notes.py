"""Take an issued invoice back, in part or in whole: a credit note in a series of its own.

The note is checked against everything credited so far inside the transaction that takes its
number, so that two people at once cannot credit an invoice twice. An interrupted one is finished
with its number by the next `invoices generate` or `upload`, as an invoice is.
"""

from dataclasses import dataclass, replace
from datetime import date

from stakactl.domain.credit_notes import credit_snapshot, remaining
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.reconciliation.invoices import needs_invoice
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused, ServiceError
from stakactl.operations.compare import context_of
from stakactl.operations.invoice_files import known_invoice
from stakactl.operations.pdfs import store_pdf
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run


@dataclass(frozen=True, slots=True)
class CreditRequest:
    """`amount_minor` None: all that is left. `cancel` also ends the invoice."""

    number: str
    amount_minor: int | None = None
    reason: str = ""
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class CreditReport:
    """`note` is None in a plan, and where a cancelled invoice had nothing left to credit.

    `problem` says why the note's PDF waits; its number stands. `invoiced_again`: the order of a
    cancelled invoice is paid as before, so that the next run would issue another one.
    """

    invoice: Invoice
    amount: Money
    left: Money
    cancel: bool
    note: Invoice | None = None
    problem: ServiceError | None = None
    run_id: str | None = None
    invoiced_again: bool = False

    @property
    def outcome(self) -> Outcome:
        return Outcome.PARTIAL if self.problem else Outcome.OK


def plan_credit(ports: Ports, request: CreditRequest) -> CreditReport:
    """What would be credited. Changes nothing."""
    invoice = known_invoice(ports, request.number)
    earlier = ports.invoices.credits_of(invoice.invoice_id)
    amount = _amount(request, invoice, earlier)
    left = _left(invoice, earlier) - amount
    again = request.cancel and _is_invoiced_again(ports, invoice)
    return CreditReport(invoice, amount, left, request.cancel, invoiced_again=again)


def _is_invoiced_again(ports: Ports, invoice: Invoice) -> bool:
    case = ports.cases.case(invoice.order_id) if invoice.order_id else None
    if case is None:
        return False
    return needs_invoice(replace(case, invoice_number=None), context_of(ports))


def issue_credit(ports: Ports, request: CreditRequest) -> CreditReport:
    """Issue the credit note as a run of its own, and store its PDF."""
    plan = plan_credit(ports, request)
    command = "invoices cancel" if request.cancel else "invoices credit"
    with recorded_run(ports, command, issues=True) as run:
        note = _issue(ports, request, plan.invoice, run.run_id)
        problem = None if note is None else _stored(ports, note)
        invoice = known_invoice(ports, plan.invoice.invoice_id)
        amount = plan.amount if note is None else note.total
        left = _left(invoice, ports.invoices.credits_of(invoice.invoice_id))
        report = replace(
            plan,
            invoice=invoice,
            amount=amount,
            left=left,
            note=note,
            problem=problem,
            run_id=run.run_id,
        )
        run.ended(report.outcome, invoice=invoice.number, note=note.number if note else "")
    return report


def _issue(ports: Ports, request: CreditRequest, invoice: Invoice, run_id: str) -> Invoice | None:
    def freeze(
        number: str, issued_on: date, invoice: Invoice, earlier: list[Invoice]
    ) -> InvoiceSnapshot | None:
        amount = _amount(request, invoice, earlier)
        if not amount:
            return None
        return credit_snapshot(
            invoice.snapshot,
            [note.snapshot for note in earlier],
            amount,
            number=number,
            issued_on=issued_on,
            reason=request.reason,
        )

    now = ports.clock.now()
    return ports.invoices.credit(
        invoice.invoice_id,
        ports.policy.credit_series,
        now,
        ports.clock.local_date(now),
        run_id,
        freeze,
        cancel=request.cancel,
    )


def _stored(ports: Ports, note: Invoice) -> ServiceError | None:
    try:
        store_pdf(ports, note)
    except ServiceError as error:
        return error
    return None


def _left(invoice: Invoice, earlier: list[Invoice]) -> Money:
    return remaining(invoice.snapshot, [note.snapshot for note in earlier])


def _amount(request: CreditRequest, invoice: Invoice, earlier: list[Invoice]) -> Money:
    """What to credit. Zero only where an invoice is cancelled that was credited in full."""
    if invoice.is_credit_note:
        raise Refused(
            f"{invoice.number} is a credit note",
            hint="what was credited in error is invoiced anew, never credited",
        )
    if invoice.moments.cancelled_at is not None:
        raise Refused(f"{invoice.number} is cancelled already")
    left = _left(invoice, earlier)
    if request.amount_minor is None:
        if not left and not request.cancel:
            raise Refused(f"{invoice.number} is credited in full already")
        return left
    amount = Money(request.amount_minor, left.currency)
    if amount.minor <= 0:
        raise Refused(f"{amount} is nothing to credit", hint="name an amount above zero")
    if amount.minor % smallest_step(amount.currency):
        raise Refused(
            f"{amount} has three decimals, an electronic invoice two",
            hint="name an amount that ends in 0",
        )
    if left < amount:
        raise Refused(
            f"{amount} is more than the {left} that are left of {invoice.number}",
            hint="without --amount all that is left is credited",
        )
    return amount
