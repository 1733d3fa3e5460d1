"""`storage stats`: what lies in the store, against what the database says is stored.

The list of the store and the records of the database are both sorted by key and read side by
side, a page at a time: a million PDFs need no more memory than a thousand. Keys begin with the
customer's id, so that each customer is added up as it passes.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappush, heappushpop

from stakactl.domain.documents import KEY_PREFIX, StoredPdf, is_our_key
from stakactl.operations.ports import InvoiceFilter, Ports, StoredObject
from stakactl.operations.sweeps.documents import side_by_side

#: Where more than so many are missing, the rest is not asked for one by one.
ASKED_AT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Share:
    """A part of what lies there; `size` in bytes."""

    count: int = 0
    size: int = 0

    def plus(self, size: int) -> "Share":
        return Share(self.count + 1, self.size + size)


NOTHING = Share()


@dataclass(frozen=True, slots=True)
class CustomerShare:
    """`name` is the buyer's on the newest invoice."""

    customer_id: str
    name: str
    share: Share


@dataclass(frozen=True, slots=True)
class Notable:
    """One PDF that stands out."""

    number: str
    size: int
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class StorageStats:
    """`everything` is made of `ours` (PDFs of invoices that the database knows as stored),
    `unrecorded` (keys of ours that it does not know so) and `foreign`. `missing` are recorded as
    stored and are not there; `waiting` are not stored yet."""

    location: str
    everything: Share
    ours: Share
    unrecorded: Share
    foreign: Share
    missing: int
    waiting: int
    by_class: tuple[tuple[str, Share], ...]
    has_classes: bool
    customers: int
    largest_customers: tuple[CustomerShare, ...]
    largest: Notable | None
    oldest: Notable | None


def storage_stats(ports: Ports, customers: int) -> StorageStats:
    """`customers` is how many of them are named, those with most bytes first."""
    tally = _Tally(ports, customers)
    recorded = ports.documents.stored()
    with ports.progress.stage("Reading the store", ports.invoices.count()) as stage:
        for pdf, seen in side_by_side(recorded, ports.store.listing(KEY_PREFIX)):
            tally.add(pdf, seen)
            if pdf is not None:
                stage.advance()
    return tally.report()


@dataclass(slots=True)
class _Tally:
    """`top` is a heap of the customers with most bytes, the one with the fewest on top.

    What was stored after its place in one of the two lists was passed is asked for by name.
    """

    ports: Ports
    named: int
    ours: Share = NOTHING
    unrecorded: Share = NOTHING
    foreign: Share = NOTHING
    missing: int = 0
    classes: dict[str, Share] = field(default_factory=lambda: defaultdict(lambda: NOTHING))
    customers: int = 0
    current: str | None = None
    running: Share = NOTHING
    top: list[tuple[int, int, str]] = field(default_factory=list)
    largest: Notable | None = None
    oldest: Notable | None = None

    def add(self, pdf: StoredPdf | None, seen: StoredObject | None) -> None:
        if seen is None and pdf is not None and self.missing < ASKED_AT_MOST:
            seen = self.ports.store.head(pdf.object_key)
        if seen is None:
            self.missing += 1
            return
        self.classes[seen.storage_class] = self.classes[seen.storage_class].plus(seen.size)
        if pdf is None and not is_our_key(seen.key):
            self.foreign = self.foreign.plus(seen.size)
            return
        if pdf is None and not self.ports.documents.is_known(seen.key):
            self.unrecorded = self.unrecorded.plus(seen.size)
            return
        self.ours = self.ours.plus(seen.size)
        self._of_customer(_customer_in(seen.key), seen.size)
        if pdf is not None:
            self._notice(Notable(pdf.number, seen.size, pdf.issued_at))

    def _of_customer(self, customer_id: str, size: int) -> None:
        if customer_id != self.current:
            self._end_customer()
            self.current, self.running = customer_id, NOTHING
        self.running = self.running.plus(size)

    def _end_customer(self) -> None:
        if self.current is None:
            return
        self.customers += 1
        entry = (self.running.size, self.running.count, self.current)
        if len(self.top) < self.named:
            heappush(self.top, entry)
        elif self.named:
            heappushpop(self.top, entry)

    def _notice(self, one: Notable) -> None:
        if self.largest is None or one.size > self.largest.size:
            self.largest = one
        if self.oldest is None or one.issued_at < self.oldest.issued_at:
            self.oldest = one

    def report(self) -> StorageStats:
        self._end_customer()
        ports = self.ports
        parts = (self.ours, self.unrecorded, self.foreign)
        return StorageStats(
            location=ports.store.location(KEY_PREFIX.rstrip("/")),
            everything=Share(sum(p.count for p in parts), sum(p.size for p in parts)),
            ours=self.ours,
            unrecorded=self.unrecorded,
            foreign=self.foreign,
            missing=self.missing,
            waiting=len(ports.invoices.unfinished()),
            by_class=tuple(sorted(self.classes.items())),
            has_classes=ports.store.has_classes,
            customers=self.customers,
            largest_customers=tuple(_named(ports, self.top)),
            largest=self.largest,
            oldest=self.oldest,
        )


def _customer_in(key: str) -> str:
    return key.removeprefix(KEY_PREFIX).partition("/")[0]


def _named(ports: Ports, top: list[tuple[int, int, str]]) -> Iterator[CustomerShare]:
    for size, count, customer_id in sorted(top, key=lambda entry: (-entry[0], entry[2])):
        newest = ports.invoices.find(InvoiceFilter(customer_id=customer_id, limit=1))
        buyer = newest[0].snapshot.buyer if newest else None
        name = (buyer.company or buyer.name) if buyer else ""
        yield CustomerShare(customer_id, name, Share(count, size))
