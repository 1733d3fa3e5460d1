"""`storage archive`: move PDFs of old invoices to a colder class, in which they are still read at
once.

Which objects those are is read from the store itself, so that what an interrupted run moved is
not moved again. Bytes never change: the store copies the object onto itself, on the condition that
it is the one that was seen.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from stakactl.domain.documents import KEY_PREFIX, StoredPdf
from stakactl.domain.runs import Outcome
from stakactl.domain.storage_classes import LEAST_BILLED_BYTES, StorageClass, is_warmer
from stakactl.errors import Refused, StorageConflict, StorageError
from stakactl.operations.ports import Ports, StageProgress, StoredObject
from stakactl.operations.runs import recorded_run
from stakactl.operations.storage.stats import NOTHING, Share
from stakactl.operations.sweeps.documents import side_by_side

MOVERS = 8
BATCH = 64
#: After so many objects that the store would not move, it is not asked any more.
MAX_FAILED = 3


@dataclass(frozen=True, slots=True)
class ArchiveRequest:
    """The PDFs of invoices issued before `before` (aware UTC)."""

    before: datetime
    storage_class: StorageClass


@dataclass(frozen=True, slots=True)
class ArchivePlan:
    """`small` are so small that the class bills them as larger than they are; `staying` are old
    enough and in that class, a colder one or one that is not known here."""

    request: ArchiveRequest
    moving: Share
    small: int
    staying: Share


@dataclass(frozen=True, slots=True)
class NotMoved:
    number: str
    problem: StorageError


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    """`left` were not tried, because the store failed before."""

    request: ArchiveRequest
    moved: Share
    failed: tuple[NotMoved, ...]
    left: int
    run_id: str

    @property
    def outcome(self) -> Outcome:
        return Outcome.PARTIAL if self.failed else Outcome.OK


def plan_archive(ports: Ports, request: ArchiveRequest) -> ArchivePlan:
    """What would be moved. Changes nothing; Refused where the store has no classes."""
    if not ports.store.has_classes:
        raise Refused(
            "PDFs are kept in a folder, and a folder has no storage classes",
            hint="classes are S3's (STORAGE_PROVIDER=s3); a folder can lie on a cheaper disk",
        )
    moving, staying, small = NOTHING, NOTHING, 0
    with ports.progress.stage("Reading the store", ports.invoices.count()) as stage:
        for _, seen in _old(ports, request):
            if is_warmer(seen.storage_class, request.storage_class):
                moving = moving.plus(seen.size)
                small += seen.size < LEAST_BILLED_BYTES
            else:
                staying = staying.plus(seen.size)
            stage.advance()
    return ArchivePlan(request, moving, small, staying)


def archive_pdfs(ports: Ports, plan: ArchivePlan) -> ArchiveReport:
    """Move them, as a run of its own."""
    request = plan.request
    with recorded_run(ports, "storage archive") as run:
        mover = _Mover(ports, request.storage_class)
        with ports.progress.stage("Moving PDFs", plan.moving.count) as stage:
            mover.move(_warm(ports, request), stage)
        tried = mover.moved.count + len(mover.failed)
        left = max(0, plan.moving.count - tried)
        report = ArchiveReport(request, mover.moved, tuple(mover.failed), left, run.run_id)
        run.ended(
            report.outcome,
            storage_class=str(request.storage_class),
            moved=report.moved.count,
            failed=len(report.failed),
            left=report.left,
        )
    return report


def _old(ports: Ports, request: ArchiveRequest) -> Iterator[tuple[StoredPdf, StoredObject]]:
    """PDFs of ours that are old enough and there."""
    recorded = ports.documents.stored(until=request.before)
    for pdf, seen in side_by_side(recorded, ports.store.listing(KEY_PREFIX)):
        if pdf is not None and seen is not None:
            yield pdf, seen


def _warm(ports: Ports, request: ArchiveRequest) -> Iterator[tuple[StoredPdf, StoredObject]]:
    for pdf, seen in _old(ports, request):
        if is_warmer(seen.storage_class, request.storage_class):
            yield pdf, seen


@dataclass(slots=True)
class _Mover:
    ports: Ports
    storage_class: StorageClass
    moved: Share = NOTHING
    failed: list[NotMoved] = field(default_factory=list)

    def move(self, pdfs: Iterator[tuple[StoredPdf, StoredObject]], stage: StageProgress) -> None:
        with ThreadPoolExecutor(MOVERS) as movers:
            while batch := list(islice(pdfs, BATCH)):
                problems = movers.map(self._moved, [seen for _, seen in batch])
                for (pdf, seen), problem in zip(batch, problems, strict=True):
                    if problem is None:
                        self.moved = self.moved.plus(seen.size)
                    else:
                        self.failed.append(NotMoved(pdf.number, problem))
                    stage.advance()
                if self._is_down():
                    return

    def _moved(self, seen: StoredObject) -> StorageError | None:
        try:
            self.ports.store.change_class(seen, self.storage_class)
        except StorageError as error:
            return error
        return None

    def _is_down(self) -> bool:
        """One object that somebody changed says nothing about the store."""
        problems = (one.problem for one in self.failed)
        return sum(not isinstance(each, StorageConflict) for each in problems) >= MAX_FAILED
