"""Issue one invoice that a person asks for, paid already or to be paid.

Its reference stands for the order that it does not have: while an invoice of a reference stands,
the same command makes no second one, whatever was interrupted; it finishes the first.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from stakactl.domain.customers import buyer_key
from stakactl.domain.invoicing import Draft, Invoice, InvoiceSnapshot, Payment, draft_lines, totals
from stakactl.domain.legal import legal_mentions
from stakactl.domain.new_invoices import (
    LONGEST_TERM,
    NewInvoice,
    completed,
    differences,
    due_on,
    gaps,
    is_nothing_to_pay,
    is_term_too_long,
)
from stakactl.domain.orders import Customer
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.vat import VatBlocked
from stakactl.errors import NotFound, Refused, ServiceError, UsageError
from stakactl.operations.invoice_plan import require_seller
from stakactl.operations.pdfs import store_pdf
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run

#: What stands in a plan for the number that is not taken yet.
NO_NUMBER = ""


@dataclass(frozen=True, slots=True)
class CreateReport:
    """`snapshot` is what stands, or would stand, on the page; in a plan it has no number.

    `invoice` is None in a plan of a new one. `issued_before`: the reference had this invoice.
    `problem` says why its PDF waits; its number stands.
    """

    snapshot: InvoiceSnapshot
    invoice: Invoice | None = None
    issued_before: bool = False
    by_mail: bool = True
    problem: ServiceError | None = None
    run_id: str | None = None

    @property
    def outcome(self) -> Outcome:
        return Outcome.PARTIAL if self.problem else Outcome.OK


def plan_invoice(ports: Ports, wanted: NewInvoice, *, by_mail: bool = True) -> CreateReport:
    """What would be issued, or what was issued before for the same reference. Changes nothing."""
    require_seller(ports)
    today = ports.clock.local_date(ports.clock.now())
    snapshot = _frozen(ports, wanted, _known(ports, wanted, by_mail=by_mail), NO_NUMBER, today)
    issued = ports.invoices.for_reference(wanted.reference)
    if issued is None:
        _refuse_lost(ports, wanted.reference)
        return CreateReport(snapshot, by_mail=by_mail)
    _refuse_another(issued, snapshot)
    return CreateReport(issued.snapshot, issued, issued_before=True, by_mail=issued.by_mail)


def _refuse_lost(ports: Ports, reference: str) -> None:
    lost = ports.restores.lost_of(reference)
    if lost is not None:
        raise Refused(
            f"{lost.number} was issued for {reference} before the store was restored",
            hint=f"its PDF is {lost.object_key or 'in the home'}; another invoice needs another "
            "--reference",
        )


def create_invoice(ports: Ports, wanted: NewInvoice, *, by_mail: bool = True) -> CreateReport:
    """Issue it as a run of its own, store its PDF and queue its mail."""
    plan = plan_invoice(ports, wanted, by_mail=by_mail)
    with recorded_run(ports, "invoices create", issues=True) as run:
        invoice = plan.invoice or _issue(ports, wanted, plan.snapshot, run.run_id, by_mail=by_mail)
        problem = _stored(ports, invoice)
        report = CreateReport(
            invoice.snapshot,
            invoice,
            issued_before=invoice.run_id != run.run_id,
            by_mail=invoice.by_mail,
            problem=problem,
            run_id=run.run_id,
        )
        run.ended(report.outcome, invoice=invoice.number, reference=wanted.reference)
    return report


def _issue(
    ports: Ports, wanted: NewInvoice, planned: InvoiceSnapshot, run_id: str, *, by_mail: bool
) -> Invoice:
    known = _known(ports, wanted, by_mail=by_mail)

    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        return _frozen(ports, wanted, known, number, issued_on)

    now = ports.clock.now()
    issued = ports.invoices.issue_apart(
        wanted.reference,
        buyer_key(planned.buyer, wanted.reference),
        ports.policy.series,
        now,
        ports.clock.local_date(now),
        run_id,
        freeze,
        by_mail=by_mail,
    )
    if issued is not None:
        return issued
    faster = ports.invoices.for_reference(wanted.reference)
    if faster is None:
        raise Refused(f"{wanted.reference} was changed meanwhile", hint="run the command again")
    _refuse_another(faster, planned)
    return faster


def _stored(ports: Ports, invoice: Invoice) -> ServiceError | None:
    """Where an interrupted run got to does not matter: each step is done once."""
    try:
        store_pdf(ports, invoice)
    except ServiceError as error:
        return error
    return None


def _refuse_another(issued: Invoice, wanted: InvoiceSnapshot) -> None:
    other = differences(issued.snapshot, wanted)
    if other:
        raise Refused(
            f"{issued.reference} is {issued.number} of {issued.total} already, with other "
            f"{', '.join(other)}",
            hint=f"name another reference; or correct it: stakactl invoices cancel {issued.number}",
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up and worked out before a number is taken."""

    buyer: Customer
    content: Draft
    payment: Payment | None
    due_days: int


def _known(ports: Ports, wanted: NewInvoice, *, by_mail: bool) -> _Known:
    """Raises what keeps it from being an invoice."""
    buyer = _buyer(ports, wanted, by_mail=by_mail)
    days = ports.policy.due_days if wanted.due_days is None else wanted.due_days
    if wanted.paid is None and is_term_too_long(buyer, days):
        raise UsageError(
            f"{days} days are more than the {LONGEST_TERM} that businesses may agree on "
            "(Code de commerce, art. L441-10)",
            hint=f"--due-days {LONGEST_TERM}, or lower DUE_DAYS",
        )
    return _Known(buyer, _content(ports, wanted, buyer), _payment(ports, wanted), days)


def _frozen(
    ports: Ports, wanted: NewInvoice, known: _Known, number: str, issued_on: date
) -> InvoiceSnapshot:
    """Everything that will stand on the page."""
    policy, buyer, content = ports.policy, known.buyer, known.content
    net, vat, total = totals(content.vat)
    unpaid = known.payment is None
    return InvoiceSnapshot(
        number=number,
        issued_on=issued_on,
        supplied_on=wanted.period.last if wanted.period else issued_on,
        order_id="",
        seller=policy.company,
        buyer=buyer,
        nature=wanted.nature,
        lines=content.lines,
        vat=content.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=known.payment,
        legal_mentions=legal_mentions(
            policy.legal_texts,
            company=policy.company,
            buyer=buyer,
            vat_rates=tuple(group.rate for group in content.vat),
            locale=buyer.locale,
            issued_on=issued_on,
            nature=wanted.nature,
        ),
        locale=buyer.locale,
        specimen=policy.mode is not Mode.LIVE,
        reference=wanted.reference,
        period=wanted.period,
        due_on=due_on(issued_on, known.due_days) if unpaid else None,
    )


def _buyer(ports: Ports, wanted: NewInvoice, *, by_mail: bool) -> Customer:
    known = _known_customer(ports, wanted)
    buyer = wanted.customer if known is None else completed(wanted.customer, known)
    missing = list(gaps(buyer, by_mail=by_mail))
    if not missing:
        return replace(buyer, locale=buyer.locale or "fr")
    customer_id = buyer.customer_id or buyer.stripe_customer_id
    if known is None and customer_id:
        raise NotFound(
            f"no order is of a customer {customer_id!r}",
            hint="--customer is the application's customer_id, or Stripe's cus_…; "
            "one without orders needs name and address",
        )
    mail = "; or --no-mail" if missing == ["customer_email"] else ""
    raise UsageError(
        f"the invoice must say more of its customer: {', '.join(missing)}",
        hint=f"as options, in the file, or by --customer{mail}",
    )


def _known_customer(ports: Ports, wanted: NewInvoice) -> Customer | None:
    if wanted.customer_of:
        order = ports.orders.get(wanted.customer_of)
        if order is None:
            raise NotFound(
                f"no order {wanted.customer_of!r}", hint="stakactl orders list --search TEXT"
            )
        return order.customer
    customer_id = wanted.customer.customer_id or wanted.customer.stripe_customer_id
    return ports.orders.customer(customer_id) if customer_id else None


def _content(ports: Ports, wanted: NewInvoice, buyer: Customer) -> Draft:
    content = draft_lines(
        wanted.lines,
        country=buyer.address.country,
        is_business=buyer.is_business,
        default_rate=ports.policy.default_vat_rate,
    )
    if isinstance(content, VatBlocked):
        raise UsageError(
            content.reason.replace("the order", "the invoice"),
            hint=content.hint.replace("the order", "the invoice"),
        )
    if is_nothing_to_pay(content):
        raise UsageError(
            f"the lines sum to {wanted.total}: that is no invoice",
            hint="money that goes back is credited: stakactl invoices credit NUMBER",
        )
    return content


def _payment(ports: Ports, wanted: NewInvoice) -> Payment | None:
    """Paid at noon UTC of its day, which is the same day in Paris; today, not later than now."""
    paid = wanted.paid
    if paid is None:
        return None
    if paid.on > ports.clock.local_date(ports.clock.now()):
        raise UsageError(
            f"{paid.on} is still to come", hint="leave --paid out: then it is to be paid"
        )
    at = datetime.combine(paid.on, time(12), UTC)
    return Payment(min(at, ports.clock.now()), paid.method, "")
