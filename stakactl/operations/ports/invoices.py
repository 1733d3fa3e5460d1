"""Issued invoices, their PDFs, and where those are kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from stakactl.domain.invoice_stats import StatusTotal
from stakactl.domain.invoice_status import DocumentKind, InvoiceSort, InvoiceStatus
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot
from stakactl.domain.mail import NewMail
from stakactl.domain.numbering import Series
from stakactl.domain.restores import PdfFacts


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """`search` in number, order id or reference, titles, buyer's name and e-mail; issued from
    `since` up to before `until`; `status` as it is at a moment."""

    search: str = ""
    status: tuple[InvoiceStatus, datetime] | None = None
    customer_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    kind: DocumentKind | None = None
    sort: InvoiceSort = InvoiceSort.NEWEST
    limit: int = 50
    offset: int = 0


EVERY_INVOICE = InvoiceFilter()


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

    def issue_apart(
        self,
        reference: str,
        customer_id: str,
        series: Series,
        now: datetime,
        today: date,
        run_id: str,
        freeze: Callable[[str, date], InvoiceSnapshot],
        *,
        by_mail: bool = True,
    ) -> Invoice | None:
        """The same for an invoice that belongs to no order: None when there is a live invoice of
        this reference. `by_mail` is remembered for whoever finishes it."""

    def credit(
        self,
        invoice_id: str,
        series: Series,
        now: datetime,
        today: date,
        run_id: str,
        freeze: Callable[[str, date, Invoice, list[Invoice]], InvoiceSnapshot | None],
        *,
        cancel: bool = False,
    ) -> Invoice | None:
        """Issue a credit note on an invoice, as `issue` does, in one transaction that nobody else
        credits the invoice in.

        `freeze(number, issued_on, invoice, earlier credit notes)` makes the snapshot; what it
        raises leaves everything as it was. None: no note is wanted. `cancel` ends the invoice.
        """

    def credits_of(self, invoice_id: str) -> list[Invoice]:
        """The credit notes on an invoice, oldest first."""

    def mark_paid(self, invoice_id: str, was: datetime | None, paid_at: datetime | None) -> bool:
        """Compare and swap when the invoice was paid; None: it is not. False, and nothing changed,
        where something else stands there or the invoice is cancelled."""

    def unfinished(self) -> list[Invoice]:
        """Invoices whose PDF is not stored yet, in the order of their numbers."""

    def mark_rendered(self, invoice_id: str, sha256: str) -> None: ...

    def mark_stored(self, invoice_id: str, at: datetime, *mails: NewMail) -> None:
        """Record that the PDF is stored and queue the mails about it, in one transaction."""

    def mark_all_rendered(self, checksums: Mapping[str, str]) -> None:
        """`mark_rendered` of many by their id, in one transaction: a commit takes longer than the
        rest of it."""

    def mark_all_stored(self, mails: Mapping[str, Sequence[NewMail]], at: datetime) -> None:
        """`mark_stored` of many by their id, in one transaction."""

    def get(self, number_or_id: str) -> Invoice | None: ...

    def for_order(self, order_id: str) -> Invoice | None: ...

    def for_reference(self, reference: str) -> Invoice | None:
        """The live invoice of a reference."""

    def find(self, wanted: InvoiceFilter = EVERY_INVOICE) -> list[Invoice]: ...

    def count(self, wanted: InvoiceFilter = EVERY_INVOICE) -> int:
        """How many match, on all pages."""

    def totals(self, wanted: InvoiceFilter, now: datetime) -> list[StatusTotal]:
        """What all that match add up to, by kind, currency and the status at a moment."""


class InvoiceRenderer(Protocol):
    def render(self, snapshot: InvoiceSnapshot) -> bytes:
        """The PDF; the same bytes for the same snapshot."""


class InvoiceReader(Protocol):
    def differences(self, pdf: bytes, snapshot: InvoiceSnapshot) -> tuple[str, ...]:
        """Where the XML inside an issued PDF does not say what the snapshot says, for a person:
        numbers, dates, parties, lines, amounts per rate, totals. Empty where it all agrees."""

    def facts(self, pdf: bytes) -> PdfFacts | None:
        """What the XML inside says; None where it cannot be read."""


class PdfSpool(Protocol):
    """Rendered PDFs that wait in the home until they are stored. Raises DiskError."""

    def save(self, invoice_id: str, pdf: bytes) -> None:
        """Durable (fsync) before it returns."""

    def load(self, invoice_id: str) -> bytes | None: ...

    def discard(self, invoice_id: str) -> None: ...

    def waiting(self) -> list[str]:
        """The invoice ids of all PDFs in the spool."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the store describes it, without its bytes.

    `fingerprint` changes whenever the content does (ETag; times of change of a file). `sha256` is
    what was recorded beside the object, None where that was not asked for or is not kept.
    `archived` objects must be restored before their bytes can be read. `storage_class` is S3's
    word for it, "" where the store has no classes.
    """

    key: str
    size: int
    fingerprint: str
    sha256: str | None = None
    archived: bool = False
    storage_class: str = ""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """Where anybody who has it can open a PDF, for so many seconds; for a path they are None."""

    url: str
    seconds: int | None


class InvoiceStore(Protocol):
    """Where PDFs are kept: an S3-compatible bucket or a local folder. Raises StorageError.

    Called from several threads at a time. "Does not exist" is only ever the store's own clear
    word; whatever else it answers, or does not, is a StorageError.
    """

    def put_if_absent(self, key: str, pdf: bytes, retain_until: date | None = None) -> None:
        """Store once. The same bytes under the key already is success; other bytes are a
        StorageConflict and nothing is overwritten.

        `retain_until` is the last day on which the PDF must be kept: noted beside it, and locked
        until then, where the store can."""

    def get(self, key: str) -> bytes | None:
        """The bytes, None when the key does not exist."""

    def head(self, key: str) -> StoredObject | None:
        """What the store says of the object, None when the key does not exist."""

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """Every object whose key begins with `prefix`, by key in bytewise order."""

    def older_versions(self, key: str) -> list[str]:
        """Ids of versions that are not the current one, newest first; those of a deleted object
        too. Empty where the store keeps none."""

    def get_version(self, key: str, version: str) -> bytes | None:
        """The bytes of a version, None when it does not exist."""

    def supersede(
        self, key: str, pdf: bytes, current: StoredObject, retain_until: date | None = None
    ) -> bool:
        """Put `pdf` on top of the object as its newest version. False, and nothing changed,
        where what lies there would not be kept as an older version. StorageConflict when the
        object is no longer `current`."""

    @property
    def has_classes(self) -> bool:
        """Whether objects can be moved between storage classes."""

    def change_class(self, current: StoredObject, storage_class: str) -> None:
        """Move the object to another storage class where it lies: bytes, metadata, tags,
        encryption and lock stay. StorageConflict when it is no longer `current`."""

    def link(self, key: str, seconds: int) -> SignedLink:
        """A link to the object, whether or not it exists."""

    def location(self, key: str) -> str:
        """Where a person finds it: a path, or s3://bucket/key."""
