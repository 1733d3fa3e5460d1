"""Bring many issued invoices to their stored PDFs: rendered and stored by workers, recorded here.

It is a line of two stations that feeds itself: invoices are taken (and numbered) a few ahead,
rendered, recorded as rendered, stored, recorded as stored. Records are written for many at once,
and only a window of invoices is in memory. Once the store fails as a whole, what is left is
rendered and waits.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from stakactl.domain.invoicing import Invoice
from stakactl.errors import ServiceError
from stakactl.operations.pdfs import (
    Kept,
    NotDone,
    Put,
    ToPut,
    keep,
    put,
    record_stored,
    store_is_down,
    to_keep,
    to_put,
)
from stakactl.operations.ports import Executor, Ports

#: Records of one transaction; a crash costs at most as many PUTs that find the PDF there already.
RECORDS = 32

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Finished:
    """`problem` says why the PDF is not stored; neither: the store failed before it was tried."""

    invoice: Invoice
    stored: bool = False
    problem: ServiceError | None = None


def finish_pdfs(
    ports: Ports, executor: Executor, invoices: Iterable[Invoice], *, keep_on: bool
) -> Iterator[Finished]:
    """Every invoice once, as it is done. After the store failed, `keep_on` says whether what is
    left is still taken and rendered, or not taken any more."""
    line = _Line(ports, executor)
    ready = line.rendered(invoices)
    results = executor.map(put, ready, waits=True, stop=store_is_down)
    for batch in _batches(results):
        yield from line.recorded(batch)
    if keep_on:
        deque(ready, maxlen=0)
    yield from line.left()


class _Line:
    """What is under way between the stations."""

    def __init__(self, ports: Ports, executor: Executor) -> None:
        self._ports = ports
        self._executor = executor
        self._under_way: dict[str, Invoice] = {}
        self._not_kept: list[Finished] = []

    def rendered(self, invoices: Iterable[Invoice]) -> Iterator[ToPut]:
        """What waits in the spool, recorded with its checksum."""
        tasks = (to_keep(self._begun(invoice)) for invoice in invoices)
        for batch in _batches(self._executor.map(keep, tasks)):
            kept = [result for result in batch if isinstance(result, Kept)]
            fresh = {result.invoice_id: result.sha256 for result in kept if result.rendered}
            if fresh:
                self._ports.invoices.mark_all_rendered(fresh)
            self._not_kept += [self._failed(each) for each in batch if isinstance(each, NotDone)]
            for result in kept:
                invoice = self._under_way[result.invoice_id]
                yield to_put(self._ports, invoice, result.sha256)

    def recorded(self, batch: list[Put | NotDone]) -> Iterator[Finished]:
        """What the store has, recorded and with its mail queued; and what failed."""
        stored = [self._ended(each.invoice_id) for each in batch if isinstance(each, Put)]
        if stored:
            record_stored(self._ports, stored)
        yield from (Finished(invoice, stored=True) for invoice in stored)
        yield from (self._failed(each) for each in batch if isinstance(each, NotDone))
        yield from self._told()

    def left(self) -> Iterator[Finished]:
        """What was never tried, and the last that could not be rendered."""
        yield from self._told()
        yield from map(Finished, self._under_way.values())

    def _told(self) -> list[Finished]:
        told, self._not_kept = self._not_kept, []
        return told

    def _begun(self, invoice: Invoice) -> Invoice:
        self._under_way[invoice.invoice_id] = invoice
        return invoice

    def _ended(self, invoice_id: str) -> Invoice:
        return self._under_way.pop(invoice_id)

    def _failed(self, result: NotDone) -> Finished:
        return Finished(self._ended(result.invoice_id), problem=result.problem)


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    while batch := list(islice(items, RECORDS)):
        yield batch
