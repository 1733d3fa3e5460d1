"""Store the PDFs that wait, several at a time, on several processes when there are many.

Once the store fails as a whole the rest waits for the next run.
"""

from dataclasses import dataclass

from stakactl.domain.invoicing import Invoice
from stakactl.domain.runs import Outcome
from stakactl.errors import ServiceError
from stakactl.operations.finish_pdfs import finish_pdfs
from stakactl.operations.pdfs import sweep_spool
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An invoice and why its PDF is not stored; None where it is, or would be."""

    invoice: Invoice
    problem: ServiceError | None = None


@dataclass(frozen=True, slots=True)
class UploadReport:
    """`left` were not tried, because the store failed before."""

    items: tuple[Uploaded, ...]
    left: int = 0
    run_id: str | None = None

    @property
    def failed(self) -> int:
        return sum(item.problem is not None for item in self.items)

    @property
    def outcome(self) -> Outcome:
        return Outcome.PARTIAL if self.failed else Outcome.OK


def plan_upload(ports: Ports) -> UploadReport:
    """What would be stored. Changes nothing."""
    return UploadReport(tuple(Uploaded(invoice) for invoice in ports.invoices.unfinished()))


def upload_pdfs(ports: Ports, workers: int | None = None) -> UploadReport:
    """Store what waits, as a run of its own; each PDF that is stored queues its mail. `workers`
    are processes, one per core unless it says otherwise."""
    with recorded_run(ports, "invoices upload", issues=True) as run:
        waiting = ports.invoices.unfinished()
        sweep_spool(ports, waiting)
        items = _upload(ports, waiting, workers)
        report = UploadReport(items, len(waiting) - len(items), run.run_id)
        stored = len(items) - report.failed
        run.ended(report.outcome, stored=stored, failed=report.failed, left=report.left)
    return report


def _upload(ports: Ports, waiting: list[Invoice], workers: int | None) -> tuple[Uploaded, ...]:
    """Those that were tried, in the order of their numbers."""
    tried: dict[str, Uploaded] = {}
    with (
        ports.progress.stage("Storing PDFs", len(waiting)) as stage,
        ports.workers.start(len(waiting), workers) as executor,
    ):
        for done in finish_pdfs(ports, executor, waiting, keep_on=False):
            if done.stored or done.problem is not None:
                tried[done.invoice.invoice_id] = Uploaded(done.invoice, done.problem)
                stage.advance()
    return tuple(tried[each.invoice_id] for each in waiting if each.invoice_id in tried)
