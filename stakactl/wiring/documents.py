"""Where PDFs are made, kept and read: renderer, spool, store and worker processes."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from stakactl.wiring.foundation import Foundation

if TYPE_CHECKING:
    from stakactl.operations.ports import (
        InvoiceReader,
        InvoiceRenderer,
        InvoiceStore,
        PdfSpool,
        Workers,
    )
    from stakactl.wiring.desk import Desk


class DocumentParts(Foundation):
    """A `PdfDesk`; the desk itself is shared with the workers."""

    @cached_property
    def _desk(self) -> Desk:
        from stakactl.wiring.desk import Desk

        desk = Desk(self.settings.home, self.settings.storage())
        self._opened.callback(desk.close)
        return desk

    @cached_property
    def renderer(self) -> InvoiceRenderer:
        return self._desk.renderer

    @cached_property
    def reader(self) -> InvoiceReader:
        from stakactl.adapters.documents.reading import XmlInvoiceReader

        return XmlInvoiceReader()

    @cached_property
    def spool(self) -> PdfSpool:
        return self._desk.spool

    @cached_property
    def store(self) -> InvoiceStore:
        return self._desk.store

    @cached_property
    def workers(self) -> Workers:
        from stakactl.adapters.workers.local import LocalWorkers
        from stakactl.wiring.desk import Desk

        opener = partial(Desk, self.settings.home, self.settings.storage())
        return LocalWorkers(self, opener)
