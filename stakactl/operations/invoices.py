"""Issue invoices for paid orders: those that `invoice_plan.py` finds.

First the unfinished invoices of interrupted runs are brought to their end, then orders without
one get theirs: the number and the frozen snapshot in one transaction, in this process alone, then
the PDF (`finish_pdfs.py`), which workers render and store meanwhile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain

from stakactl.domain.customers import customer_key
from stakactl.domain.invoicing import Draft, Invoice, InvoiceSnapshot
from stakactl.domain.money import Money
from stakactl.domain.runs import Outcome
from stakactl.operations.compare import context_of
from stakactl.operations.finish_pdfs import Finished, finish_pdfs
from stakactl.operations.invoice_plan import (
    GenerateRequest,
    NotIssued,
    content_of,
    issuing_since,
    work_list,
)
from stakactl.operations.invoice_snapshot import freeze_snapshot
from stakactl.operations.pdfs import sweep_spool
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync_orders import refresh_order, sync_orders


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
    ready, blocked = work_list(ports, request)
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
    content = content_of(case, context_of(ports)) if case is not None else None
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
