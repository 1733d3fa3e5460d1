"""Store the PDFs that wait, several at a time.

Rendering and records stay in one thread; only the store, which is far, is asked from several.
Once it fails as a whole the rest waits for the next run.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stakactl.domain.invoicing import Invoice
from stakactl.domain.runs import Outcome
from stakactl.errors import ServiceError, StorageConflict, StorageError
from stakactl.operations.pdfs import keep_pdf, record_stored, sweep_spool
from stakactl.operations.ports import Ports, StageProgress
from stakactl.operations.runs import recorded_run

UPLOADERS = 8
BATCH = 64


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


def upload_pdfs(ports: Ports) -> UploadReport:
    """Store what waits, as a run of its own; each PDF that is stored queues its mail."""
    with recorded_run(ports, "invoices upload") as run:
        sweep_spool(ports)
        waiting = ports.invoices.unfinished()
        with ports.progress.stage("Storing PDFs", len(waiting)) as stage:
            items = tuple(_upload(ports, waiting, stage))
        report = UploadReport(items, len(waiting) - len(items), run.run_id)
        stored = len(items) - report.failed
        run.ended(report.outcome, stored=stored, failed=report.failed, left=report.left)
    return report


def _upload(ports: Ports, waiting: list[Invoice], stage: StageProgress) -> Iterator[Uploaded]:
    with ThreadPoolExecutor(UPLOADERS) as uploaders:
        for start in range(0, len(waiting), BATCH):
            down = False
            for item in _store(ports, uploaders, waiting[start : start + BATCH]):
                down |= _is_down(item.problem)
                stage.advance()
                yield item
            if down:
                return


def _is_down(problem: ServiceError | None) -> bool:
    return isinstance(problem, StorageError) and not isinstance(problem, StorageConflict)


def _store(
    ports: Ports, uploaders: ThreadPoolExecutor, invoices: list[Invoice]
) -> Iterator[Uploaded]:
    def put(invoice: Invoice, pdf: bytes) -> ServiceError | None:
        try:
            ports.store.put_if_absent(invoice.object_key, pdf)
        except ServiceError as error:
            return error
        return None

    kept: list[tuple[Invoice, bytes]] = []
    for invoice in invoices:
        try:
            kept.append((invoice, keep_pdf(ports, invoice)))
        except ServiceError as error:
            yield Uploaded(invoice, error)
    problems = uploaders.map(put, *zip(*kept, strict=True)) if kept else ()
    for (invoice, _), problem in zip(kept, problems, strict=True):
        if problem is None:
            record_stored(ports, invoice)
        yield Uploaded(invoice, problem)
