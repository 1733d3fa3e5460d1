"""What issued invoices are checked against: their series, their sums, their stored PDFs."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from stakactl.domain.documents import PdfCheck, StoredPdf
from stakactl.domain.invoicing import Invoice
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.numbers import Misplaced, NumberGap, SharedNumber


class NumberScan(Protocol):
    """Our own series, and those of an application whose numbers count up."""

    def gaps(self) -> Iterator[NumberGap]:
        """Missing numbers; a series full of holes is told in one."""

    def misplaced(self) -> Iterator[Misplaced]:
        """Numbers of ours whose date of issue goes back or lies in another year, that are not
        the number of their place, and counters that disagree with the last number."""

    def shared(self) -> Iterator[SharedNumber]:
        """Numbers that stand on the invoices of several orders."""


class DocumentLedger(Protocol):
    """What is recorded of the issued invoices, for whoever checks them. Streams are paged: what
    the caller writes meanwhile neither waits for them nor disturbs them."""

    def stored(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[StoredPdf]:
        """The PDFs that the store must hold, of invoices issued in the period, by object key in
        bytewise order. Those of unfinished invoices are not among them."""

    def stored_of(self, order_id: str) -> list[StoredPdf]:
        """The same, of one order."""

    def stored_pdf(self, number_or_id: str) -> StoredPdf | None:
        """The same, of one invoice; None where it has none that is stored."""

    def is_known(self, object_key: str) -> bool:
        """Whether an invoice, finished or not, or a lost number has its PDF under this key."""

    def record_checks(self, checks: Iterable[PdfCheck]) -> None:
        """Remember when the bytes of PDFs were compared, and with what outcome."""

    def add_rendition(self, invoice_id: str, sha256: str, at: datetime, run_id: str) -> None:
        """Record a further rendition of the frozen content beside the one that was issued."""

    def issued(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[tuple[Invoice, Money | None]]:
        """All invoices of the period, each with the amount of its order (None: no such order)."""

    def issued_as(self, number_or_id: str) -> tuple[Invoice, Money | None] | None:
        """The same, of one invoice; None where there is none."""

    def numbered(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> Iterator[tuple[Invoice, frozenset[str]]]:
        """Everything issued in the period in the order of the numbers, invoices before credit
        notes, each with the SHA-256 of all renditions of its PDF."""

    def to_audit(self, now: datetime) -> Iterator[tuple[Invoice, Money | None]]:
        """The invoices whose sums are due, with the amount of their order (None: no such order).

        All of them up to some thousands; of more those of the last week, those in which
        something was found, and a part of the others that changes daily."""
