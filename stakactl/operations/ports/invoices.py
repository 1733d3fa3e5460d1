"""Issued invoices, their PDFs, and where those are kept."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from stakactl.domain.invoicing import Invoice, InvoiceSnapshot
from stakactl.domain.mail import NewMail
from stakactl.domain.numbering import Series


class InvoiceBook(Protocol):
    def issue(
        self,
        order_id: str,
        customer_id: str,
        series: Series,
        now: datetime,
        today: date,
        run_id: str,
        freeze: Callable[[str, date], InvoiceSnapshot],
    ) -> Invoice | None:
        """Take the next number and freeze the snapshot in one transaction.

        `freeze(number, issued_on)` makes the snapshot; `issued_on` is never earlier than the
        series' last one. None when the order has a live invoice already (another process won).
        """

    def unfinished(self) -> list[Invoice]:
        """Invoices whose PDF is not stored yet, in the order of their numbers."""

    def mark_rendered(self, invoice_id: str, sha256: str) -> None: ...

    def mark_stored(self, invoice_id: str, at: datetime, mail: NewMail | None) -> None:
        """Record that the PDF is stored and queue its mail, in one transaction."""

    def get(self, number_or_id: str) -> Invoice | None: ...

    def for_order(self, order_id: str) -> Invoice | None: ...

    def find(self, search: str = "", limit: int = 50, offset: int = 0) -> list[Invoice]:
        """Newest first; `search` in number, order id, buyer's name and e-mail."""

    def count(self) -> int: ...


class InvoiceRenderer(Protocol):
    def render(self, snapshot: InvoiceSnapshot) -> bytes:
        """The PDF; the same bytes for the same snapshot."""


class PdfSpool(Protocol):
    """Rendered PDFs that wait in the home until they are stored. Raises DiskError."""

    def save(self, invoice_id: str, pdf: bytes) -> None:
        """Durable (fsync) before it returns."""

    def load(self, invoice_id: str) -> bytes | None: ...

    def discard(self, invoice_id: str) -> None: ...

    def waiting(self) -> list[str]:
        """The invoice ids of all PDFs in the spool."""


class InvoiceStore(Protocol):
    """Where PDFs are kept: an S3-compatible bucket or a local folder. Raises StorageError."""

    def put_if_absent(self, key: str, pdf: bytes) -> None:
        """Store once. The same bytes under the key already is success; other bytes are a
        StorageConflict and nothing is overwritten."""

    def get(self, key: str) -> bytes | None:
        """The bytes, None when the key does not exist."""

    def location(self, key: str) -> str:
        """Where a person finds it: a path, or s3://bucket/key."""
