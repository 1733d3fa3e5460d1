"""Issue invoices for paid orders.

First the unfinished invoices of interrupted runs are brought to their end, then orders without
one get theirs: the number and the frozen snapshot in one transaction, in this process alone, then
the PDF (`finish_pdfs.py`), which workers render and store meanwhile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain

from stakactl.domain.case import Case
from stakactl.domain.customers import customer_key
from stakactl.domain.findings import Finding
from stakactl.domain.invoicing import (
    Draft,
    Invoice,
    InvoiceSnapshot,
    Payment,
    draft,
    totals,
)
from stakactl.domain.legal import legal_mentions
from stakactl.domain.money import Money
from stakactl.domain.reconciliation import Context, blocks_invoicing, classify
from stakactl.domain.reconciliation.invoices import application_invoices_until, needs_invoice
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.vat import VatBlocked
from stakactl.errors import ConfigurationError, Refused
from stakactl.operations.compare import NEVER_READ, context_of
from stakactl.operations.finish_pdfs import Finished, finish_pdfs
from stakactl.operations.pdfs import sweep_spool
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync_orders import refresh_order, sync_orders


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """Orders paid from `since` (inclusive) to `until` (exclusive), aware UTC.

    `backfill` says that a person named the period: the ceiling of the nightly run is not applied.
    `workers` are the processes that render and store, one per core unless it says otherwise.
    """

    since: datetime
    until: datetime | None = None
    backfill: bool = False
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """`order_id` is empty where an invoice of a `reference` was resumed."""

    order_id: str
    number: str
    buyer: str
    total: Money
    stored: bool
    reference: str = ""


@dataclass(frozen=True, slots=True)
class NotIssued:
    """An order that got no invoice, or an invoice that got no PDF, and why."""

    order_id: str
    reason: str
    hint: str | None = None
    reference: str = ""

    @property
    def subject(self) -> str:
        return self.order_id or self.reference


@dataclass(frozen=True, slots=True)
class InvoicesReport:
    """`issued` and `resumed` have their number for ever; `blocked` wait for a person's decision,
    `failed` for the next run."""

    outcome: Outcome
    issued: tuple[Issued, ...]
    resumed: tuple[Issued, ...]
    blocked: tuple[NotIssued, ...]
    failed: tuple[NotIssued, ...]
    run_id: str | None = None

    @property
    def stored(self) -> int:
        return sum(item.stored for item in (*self.issued, *self.resumed))


@dataclass(frozen=True, slots=True)
class InvoicePlan:
    """What would be issued: the cases with their drafts, and those that cannot be."""

    ready: tuple[tuple[Case, Draft], ...]
    blocked: tuple[NotIssued, ...]


def issuing_since(ports: Ports) -> datetime:
    """INVOICES_SINCE. Nothing is issued without it, nor without what the law wants of a seller."""
    require_seller(ports)
    since = ports.policy.invoices_since
    if since is None:
        raise ConfigurationError(
            "INVOICES_SINCE is not set: invoices are only issued from a date that you choose",
            hint="set INVOICES_SINCE=2026-01-01 (the first day that stakactl invoices) in .env",
        )
    return since


def require_seller(ports: Ports) -> None:
    """Nothing is issued without what the law wants of a seller."""
    gaps = ports.policy.company_gaps
    if gaps:
        raise ConfigurationError(
            f"an invoice must name its seller: {', '.join(gaps)} not set",
            hint="set them in .env; stakactl init asks for them",
        )


def plan_invoices(ports: Ports, request: GenerateRequest) -> InvoicePlan:
    """Which orders would get an invoice. Changes nothing."""
    ready: list[tuple[Case, Draft]] = []
    blocked: list[NotIssued] = []
    for case, content in _judged(ports, request):
        if isinstance(content, NotIssued):
            blocked.append(content)
        else:
            ready.append((case, content))
    return InvoicePlan(tuple(ready), tuple(blocked))


def _judged(ports: Ports, request: GenerateRequest) -> Iterator[tuple[Case, Draft | NotIssued]]:
    context = context_of(ports)
    lost = {each.subject: each.number for each in ports.restores.lost() if not each.credits}
    for case in ports.cases.to_invoice(request.since, request.until):
        content = _content(case, context)
        if content is not None and (number := lost.get(case.order.order_id)):
            yield case, _invoiced_before(case, number)
        elif content is not None:
            yield case, content


def _invoiced_before(case: Case, number: str) -> NotIssued:
    """No second invoice for an order whose first one a restore lost."""
    return NotIssued(
        case.order.order_id,
        f"{number} was issued for it before the store was restored",
        "stakactl backup thaw takes it back once it fits; docs/backup.md",
    )


def _content(case: Case, context: Context) -> Draft | NotIssued | None:
    """What stands on the order's invoice, or why there can be none now; None needs none."""
    if not needs_invoice(case, context) or application_invoices_until(case, context) is not None:
        return None
    if not context.can_judge(case.order):
        return _not_known(case, context)
    doubt = next(filter(blocks_invoicing, classify(case, context)), None)
    if doubt is not None:
        return _in_doubt(case, doubt)
    result = draft(
        case.order,
        country=case.customer_country,
        default_rate=context.default_vat_rate,
        stripe_tax_minor=case.stripe_tax_minor,
    )
    if isinstance(result, VatBlocked):
        return NotIssued(case.order.order_id, result.reason, result.hint)
    return result


def _not_known(case: Case, context: Context) -> NotIssued:
    known = context.known_until
    reason = f"Stripe is read up to {known:%Y-%m-%d %H:%M} UTC only" if known else NEVER_READ
    return NotIssued(case.order.order_id, reason, "stakactl sync")


def _in_doubt(case: Case, finding: Finding) -> NotIssued:
    reason = f"{finding.discrepancy}: {finding.seen}"
    return NotIssued(case.order.order_id, reason, finding.hint)


def generate_invoices(ports: Ports, request: GenerateRequest) -> InvoicesReport:
    """Issue, render, store and queue as a run of its own."""
    issuing_since(ports)
    with recorded_run(ports, "invoices generate", issues=True) as run:
        if ports.application is not None:
            sync_orders(ports)  # it may have cancelled orders, and issued invoices of its own
        report = issue_and_store(ports, request, run.run_id)
        run.ended(
            report.outcome,
            issued=len(report.issued),
            resumed=len(report.resumed),
            blocked=len(report.blocked),
            failed=len(report.failed),
        )
    return report


def issue_and_store(ports: Ports, request: GenerateRequest, run_id: str) -> InvoicesReport:
    """The work itself, within a run that the caller recorded."""
    ready, blocked = _work_list(ports, request)
    unfinished = ports.invoices.unfinished()
    sweep_spool(ports, unfinished)
    log = _Log()
    count = len(unfinished) + len(ready)
    with (
        ports.progress.stage("Invoicing", count) as stage,
        ports.workers.start(count, request.workers) as executor,
    ):
        fresh = (_issue(ports, order_id, run_id) for order_id in ready)
        invoices = chain(log.begun(unfinished, log.resumed), log.begun(fresh, log.issued))
        for done in finish_pdfs(ports, executor, invoices, keep_on=True):
            log.finish(done)
            stage.advance()
    return log.report(blocked, run_id)


def _work_list(
    ports: Ports, request: GenerateRequest
) -> tuple[tuple[str, ...], tuple[NotIssued, ...]]:
    """The orders to invoice, by their id only: a backfill may be of very many; and those that
    wait for a person. Refused when there are too many for a run that nobody watches."""
    ready: list[str] = []
    blocked: list[NotIssued] = []
    for case, content in _judged(ports, request):
        if isinstance(content, NotIssued):
            blocked.append(content)
        else:
            ready.append(case.order.order_id)
    ceiling = ports.policy.nightly_max_invoices
    if not request.backfill and len(ready) > ceiling:
        raise Refused(
            f"{len(ready)} invoices would be issued, more than NIGHTLY_MAX_INVOICES "
            f"({ceiling}): nothing was issued",
            hint="stakactl invoices generate --since DATE --until DATE backfills a period; "
            "or raise NIGHTLY_MAX_INVOICES",
        )
    return tuple(ready), tuple(blocked)


@dataclass(slots=True)
class _Log:
    """What a run has done so far, by invoice id, in the order of the numbers."""

    issued: dict[str, Issued] = field(default_factory=dict)
    resumed: dict[str, Issued] = field(default_factory=dict)
    failed: list[NotIssued] = field(default_factory=list)

    def begun(
        self, invoices: Iterable[Invoice | None], kind: dict[str, Issued]
    ) -> Iterator[Invoice]:
        for invoice in invoices:
            if invoice is not None:
                buyer = invoice.snapshot.buyer.company or invoice.snapshot.buyer.name
                kind[invoice.invoice_id] = Issued(
                    invoice.order_id,
                    invoice.number,
                    buyer,
                    invoice.total,
                    stored=False,
                    reference=invoice.reference,
                )
                yield invoice

    def finish(self, done: Finished) -> None:
        invoice = done.invoice
        if done.stored:
            kind = self.issued if invoice.invoice_id in self.issued else self.resumed
            kind[invoice.invoice_id] = replace(kind[invoice.invoice_id], stored=True)
        if done.problem is not None:
            reason, hint = done.problem.message, done.problem.hint
            waits = NotIssued(invoice.order_id, reason, hint, invoice.reference)
            self.failed.append(waits)

    def report(self, blocked: tuple[NotIssued, ...], run_id: str) -> InvoicesReport:
        return InvoicesReport(
            Outcome.PARTIAL if self.failed else Outcome.OK,
            tuple(self.issued.values()),
            tuple(self.resumed.values()),
            blocked,
            tuple(self.failed),
            run_id,
        )


def _issue(ports: Ports, order_id: str, run_id: str) -> Invoice | None:
    """Take the number; nothing when another process was first, or when the order changed since
    the plan was made so that it may have none any more."""
    refresh_order(ports, order_id)
    case = ports.cases.case(order_id)
    content = _content(case, context_of(ports)) if case is not None else None
    if case is None or not isinstance(content, Draft):
        return None
    now = ports.clock.now()

    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        return freeze_snapshot(ports, case, content, number, issued_on)

    return ports.invoices.issue(
        case.order.order_id,
        customer_key(case.order),
        ports.policy.series,
        now,
        ports.clock.local_date(now),
        run_id,
        freeze,
    )


def freeze_snapshot(
    ports: Ports, case: Case, content: Draft, number: str, issued_on: date
) -> InvoiceSnapshot:
    """Everything that will stand on the page, taken from what is known now."""
    order, policy = case.order, ports.policy
    paid_at = order.paid_at or (case.payments[0].created_at if case.payments else order.created_at)
    net, vat, total = totals(content.vat)
    locale = order.customer.locale
    return InvoiceSnapshot(
        number=number,
        issued_on=issued_on,
        supplied_on=ports.clock.local_date(paid_at),
        order_id=order.order_id,
        seller=policy.company,
        buyer=order.customer,
        nature=order.nature,
        lines=content.lines,
        vat=content.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=_payment(case, paid_at),
        legal_mentions=legal_mentions(
            policy.legal_texts,
            company=policy.company,
            buyer=order.customer,
            vat_rates=tuple(group.rate for group in content.vat),
            locale=locale,
            issued_on=issued_on,
            nature=order.nature,
        ),
        locale=locale,
        specimen=policy.mode is not Mode.LIVE,
    )


def _payment(case: Case, paid_at: datetime) -> Payment | None:
    if not case.payments:
        return None
    intent = case.payments[0]
    charge = next((c for c in case.charges if c.id == intent.latest_charge_id), None)
    method = (charge.payment_method_type if charge else None) or intent.payment_method_type
    return Payment(paid_at, method or "card", intent.id)
