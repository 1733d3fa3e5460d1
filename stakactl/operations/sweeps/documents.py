"""Whether the PDF of every issued invoice is stored, whole, and its own.

One list of the store, a thousand objects per request, is compared with what must be there. Only
what differs costs a request of its own: what seems missing is asked for by name before it is
called missing. Bytes are read where an object is new to us, changed or was found wrong, and of all
others once in 30 days. A store that does not answer clearly is unknown, never empty.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import maxsize

from stakactl.domain.changes import Change
from stakactl.domain.documents import KEY_PREFIX, PdfCheck, StoredPdf, is_our_key, pdf_problem
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.reconciliation import Context
from stakactl.domain.reconciliation.pdfs import (
    corrupt,
    missing,
    orphan,
    put_back,
    restored,
    unknown,
)
from stakactl.errors import StorageError
from stakactl.operations.pdfs import kept_version
from stakactl.operations.ports import InvoiceStore, Ports, StageProgress, StoredObject
from stakactl.operations.scope import Scope

CLASSES = frozenset(
    {
        Discrepancy.PDF_MISSING,
        Discrepancy.PDF_CORRUPT,
        Discrepancy.PDF_ORPHAN,
        Discrepancy.STORAGE_UNKNOWN,
    }
)
#: Bytes that are compared again after this time though the store reports no change.
ROTATION = timedelta(days=30)
#: So many PDFs are read in a look though nothing says that they changed; of more than
#: ROTATION.days times as many, the part that makes the round in that time.
READ_AT_LEAST = 1000
READERS = 8
BATCH = 64
#: After so many objects that the store gave no clear answer about, it is not asked any more.
MAX_UNKNOWN = 3

Planned = tuple[Finding, Change | None]
Pair = tuple[StoredPdf | None, StoredObject | None]
Content = bytes | StorageError | None
#: Looks into the bytes of a PDF that is the recorded one.
Inside = Callable[[StoredPdf, bytes], Finding | None]


def stored_documents(
    ports: Ports, scope: Scope, context: Context, unread: list[str]
) -> Iterator[Planned]:
    """All PDFs of the scope; of a single order its own, by name and to the last byte."""
    if not scope.wants(CLASSES):
        return
    if scope.order_id is not None:
        yield from named_documents(
            ports, ports.documents.stored_of(scope.order_id), context.now, unread
        )
        return
    count = ports.invoices.count()
    budget = max(READ_AT_LEAST, -(-count // ROTATION.days))
    look = _Look(ports, context.now, unread, budget, orphans=_is_whole(scope))
    yield from _listed(look, scope, count)


def every_document(
    ports: Ports, scope: Scope, now: datetime, unread: list[str], inside: Inside
) -> Iterator[Planned]:
    """All PDFs of the period, each to its last byte, and into those that are the recorded ones."""
    orphans = _is_whole(scope)
    look = _Look(ports, now, unread, maxsize, timedelta(0), orphans=orphans, inside=inside)
    yield from _listed(look, scope, ports.invoices.count())


def _is_whole(scope: Scope) -> bool:
    return scope.since is None and scope.until is None


def _listed(look: "_Look", scope: Scope, count: int) -> Iterator[Planned]:
    ports = look.ports
    wanted = ports.documents.stored(scope.since, scope.until)
    with ports.progress.stage("Checking PDFs", count) as stage:
        pairs = side_by_side(wanted, ports.store.listing(KEY_PREFIX))
        yield from look.through(_counted(pairs, stage))


def named_documents(
    ports: Ports,
    pdfs: Iterable[StoredPdf],
    now: datetime,
    unread: list[str],
    inside: Inside | None = None,
) -> Iterator[Planned]:
    """These PDFs, by name and to the last byte."""
    look = _Look(ports, now, unread, budget=maxsize, rotation=timedelta(0), inside=inside)
    yield from look.through((pdf, None) for pdf in pdfs)


def _counted(pairs: Iterator[Pair], stage: StageProgress) -> Iterator[Pair]:
    for pair in pairs:
        if pair[0] is not None:
            stage.advance()
        yield pair


def side_by_side(wanted: Iterator[StoredPdf], listed: Iterator[StoredObject]) -> Iterator[Pair]:
    """Both streams, which are sorted by key, as pairs; None where one has no such key."""
    pdf, seen = next(wanted, None), next(listed, None)
    while pdf is not None or seen is not None:
        if seen is None or (pdf is not None and pdf.object_key < seen.key):
            yield pdf, None
            pdf = next(wanted, None)
        elif pdf is None or seen.key < pdf.object_key:
            yield None, seen
            seen = next(listed, None)
        else:
            yield pdf, seen
            pdf, seen = next(wanted, None), next(listed, None)


@dataclass(slots=True)
class _Look:
    """One look at the store. `budget` is how many PDFs it may still read unasked."""

    ports: Ports
    now: datetime
    unread: list[str]
    budget: int
    rotation: timedelta = ROTATION
    orphans: bool = False
    inside: Inside | None = None
    unclear: int = 0
    to_read: list[tuple[StoredPdf, StoredObject]] = field(default_factory=list)

    def through(self, pairs: Iterable[Pair]) -> Iterator[Planned]:
        """What is wrong with each pair. Ends early when the store is not to be asked any more."""
        try:
            for pdf, seen in pairs:
                yield from self._at(pdf, seen)
                if self.unclear >= MAX_UNKNOWN:
                    return
            yield from self._read()
        except StorageError as error:  # of the list itself
            yield self._unknown(KEY_PREFIX, error)

    def _at(self, pdf: StoredPdf | None, seen: StoredObject | None) -> Iterator[Planned]:
        if pdf is None:
            if seen is not None and self._is_orphan(seen.key):
                yield orphan(seen.key, self.now), None
            return
        if seen is None:
            try:
                seen = self.ports.store.head(pdf.object_key)
            except StorageError as error:
                yield self._unknown(pdf.object_key, error, pdf)
                return
        if seen is None:
            yield self._missing(pdf)
        elif self._is_to_be_read(pdf, seen):
            self.to_read.append((pdf, seen))
            if len(self.to_read) >= BATCH:
                yield from self._read()

    def _is_orphan(self, key: str) -> bool:
        """Asked anew: an invoice may have been issued since its place in the list was passed."""
        return self.orphans and is_our_key(key) and not self.ports.documents.is_known(key)

    def _is_to_be_read(self, pdf: StoredPdf, seen: StoredObject) -> bool:
        if seen.archived:
            return False
        known = pdf.checked_at is not None
        if not seen.size or (known and not (pdf.sound and pdf.fingerprint == seen.fingerprint)):
            return True
        fresh = pdf.checked_at is not None and self.now - pdf.checked_at < self.rotation
        if fresh or self.budget <= 0:
            return False
        self.budget -= 1
        return True

    def _read(self) -> Iterator[Planned]:
        """Compare the bytes of what waits to be read, and remember the outcome."""
        batch, self.to_read = self.to_read, []
        checks: list[PdfCheck] = []
        found: list[Planned] = []
        contents = _read_all(self.ports.store, [pdf.object_key for pdf, _ in batch])
        for (pdf, seen), content in zip(batch, contents, strict=True):
            if isinstance(content, StorageError):
                if self.unclear < MAX_UNKNOWN:
                    found.append(self._unknown(pdf.object_key, content, pdf))
            elif content is None:
                found.append(self._missing(pdf))
            else:
                problem = pdf_problem(content, pdf.accepted)
                sound = problem is None
                checks.append(PdfCheck(pdf.invoice_id, self.now, seen.fingerprint, sound))
                if problem is not None:
                    found.append(self._corrupt(pdf, content, problem))
                elif self.inside and (wrong := self.inside(pdf, content)):
                    found.append((wrong, None))
        self.ports.documents.record_checks(checks)
        yield from found

    def _missing(self, pdf: StoredPdf) -> Planned:
        finding = missing(pdf)
        return finding, put_back(finding, pdf)

    def _corrupt(self, pdf: StoredPdf, content: bytes, problem: str) -> Planned:
        """Which older version is whole is a bonus: not to be told of it changes nothing."""
        try:
            kept = kept_version(self.ports.store, pdf.object_key, pdf.accepted)
        except StorageError:
            kept = None
        finding = corrupt(pdf, problem, restorable=kept is not None)
        return finding, None if kept is None else restored(finding, pdf, content, *kept)

    def _unknown(self, key: str, error: StorageError, pdf: StoredPdf | None = None) -> Planned:
        self.unclear += 1
        self.unread.append(f"PDF store: {error.message}")
        return unknown(key, error.message, error.hint, self.now, pdf), None


def _read_all(store: InvoiceStore, keys: list[str]) -> list[Content]:
    """The contents of many objects, several at a time: the store is far, the bytes are few."""

    def read(key: str) -> Content:
        try:
            return store.get(key)
        except StorageError as error:
            return error

    with ThreadPoolExecutor(READERS) as readers:
        return list(readers.map(read, keys))
