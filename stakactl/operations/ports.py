"""What the operations need from the world, as protocols.

Real implementations live in `adapters`, recording fakes in `tests/fakes.py`; both pass the same
contract tests. `Ports` bundles them: the Container of `wiring` is one, built on first use.

Unless said otherwise every method is its own transaction, times are aware UTC and a failing
service raises the `ServiceError` of its kind.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from stakactl.domain.case import Case, OrphanPayment
from stakactl.domain.changes import Change, RecordedChange
from stakactl.domain.findings import Finding
from stakactl.domain.invoicing import Company, Invoice, InvoiceSnapshot
from stakactl.domain.legal import LegalTexts
from stakactl.domain.mail import Letter, MailStatus, NewMail, QueuedMail
from stakactl.domain.numbering import Series
from stakactl.domain.orders import Order, OrderStatus
from stakactl.domain.revenue import RevenueTotal
from stakactl.domain.runs import Mode, Outcome, Run
from stakactl.domain.stripe_objects import Absence, Account, StripeKind, StripeObject


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time, aware UTC."""

    def local_date(self, moment: datetime) -> date:
        """The civil date of `moment` in the reporting time zone (Europe/Paris unless set
        otherwise)."""


class StageProgress(Protocol):
    def advance(self, count: int = 1) -> None: ...


class Progress(Protocol):
    """A listener for long work."""

    def stage(
        self, title: str, total: int | None = None
    ) -> AbstractContextManager[StageProgress]: ...


@dataclass(frozen=True, slots=True)
class Window:
    """Creation times from `since` (inclusive) to `until` (exclusive), aware UTC."""

    since: datetime
    until: datetime


class StripeGateway(Protocol):
    def account(self) -> Account: ...

    def pages(self, kind: StripeKind, created: Window) -> Iterator[Sequence[StripeObject]]:
        """All objects of `kind` created in the window, page by page, newest first.

        Raises StripeError when a page cannot be read within the retry budget: what was yielded
        before then is incomplete.
        """

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        """The object as it is now, or why it cannot be read with this key (404)."""


class Mirror(Protocol):
    """The local copy of the Stripe objects."""

    def upsert(self, objects: Sequence[StripeObject]) -> None: ...

    def mark_absent(self, kind: StripeKind, object_id: str, absence: Absence) -> None: ...

    def synced_until(self, kind: StripeKind) -> datetime | None: ...

    def set_synced_until(self, kind: StripeKind, until: datetime) -> None: ...

    def unsettled_ids(self, kind: StripeKind) -> list[str]:
        """Objects whose state can still change: open sessions, intents under way …"""

    def unread_references(self) -> list[tuple[StripeKind, str]]:
        """Ids that orders or mirrored objects name and that the mirror neither holds nor knows
        to be absent (sessions and PaymentIntents of orders, PaymentIntents of sessions, charges
        of PaymentIntents, refunds and disputes)."""

    def count(self) -> int: ...

    def revenue(self, since: date, until: date) -> list[RevenueTotal]:
        """Sums of balance transactions by local day, currency and category; both days count."""


@dataclass(frozen=True, slots=True)
class OrderFilter:
    status: OrderStatus | None = None
    search: str = ""  # in order id, title, e-mail and name
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ImportCounts:
    created: int
    updated: int
    unchanged: int


class OrderBook(Protocol):
    def import_orders(self, orders: Iterable[Order]) -> ImportCounts:
        """Insert or update by `order_id`, all or nothing.

        Newer (`updated_at`) wins; a settled order never goes back to pending, failed or expired;
        what stakactl itself recorded (refunds, disputes, links) is kept where the import is silent.
        """

    def preview_import(self, orders: Iterable[Order]) -> ImportCounts:
        """What `import_orders` would count; changes nothing."""

    def get(self, order_id: str) -> Order | None: ...

    def find(self, wanted: OrderFilter) -> list[Order]:
        """Newest first."""

    def count(self) -> int: ...

    def apply(self, change: Change, run_id: str, at: datetime) -> bool:
        """Compare and swap: writes `after` if the order still holds `before`, and the record of
        the change in the same transaction. False when the order holds something else."""


class CaseReader(Protocol):
    """Orders joined with their Stripe objects and invoices, streamed so that memory stays flat."""

    def cases(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Case]:
        """Every order created in the period, oldest first."""

    def case(self, order_id: str) -> Case | None: ...

    def to_invoice(self, since: datetime, until: datetime | None = None) -> Iterator[Case]:
        """Settled orders paid in the period, with an amount, without invoice of ours or of the
        application, oldest payment first. Orders fully refunded are left out: they wait for
        their credit note."""

    def orphans(self) -> Iterator[OrphanPayment]: ...


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


class Outbox(Protocol):
    def claim(self, now: datetime, after: int = 0) -> QueuedMail | None:
        """Take the oldest queued mail with an id above `after`: queued → sending, one more
        attempt, marked with our process; one claimant only."""

    def settle(
        self, mail_id: int, status: MailStatus, at: datetime, error: str | None = None
    ) -> None: ...

    def interrupted(self, now: datetime) -> list[QueuedMail]:
        """Mails left in `sending` by a process of this host that is no more, or claimed over
        15 minutes ago by one that cannot be asked."""

    def requeue(self, mail_id: int) -> bool:
        """A person's decision to send again; only from failed or unknown."""

    def waiting(self) -> int:
        """How many mails are queued."""

    def find(self, status: MailStatus | None = None, limit: int = 50) -> list[QueuedMail]:
        """Newest first."""


class FindingLog(Protocol):
    def known(self, before_run: str) -> set[str]:
        """Ids of the unresolved findings that runs other than `before_run` recorded first."""

    def record(
        self, findings: Iterable[Finding], run_id: str, at: datetime, *, complete: bool
    ) -> None:
        """Remember what was found and when it was first and last seen. With `complete` (nothing
        was filtered out or unreadable) known findings that are not among them are resolved."""


class ChangeLog(Protocol):
    def find(self, run_id: str | None = None, limit: int = 50) -> list[RecordedChange]:
        """Newest first."""


class RunLog(Protocol):
    def start(self, run_id: str, command: str, at: datetime) -> None: ...

    def finish(
        self, run_id: str, outcome: Outcome, summary: dict[str, str | int], at: datetime
    ) -> None: ...

    def get(self, run_id: str) -> Run | None: ...

    def find(self, limit: int = 50) -> list[Run]:
        """Newest first."""


class RunLock(Protocol):
    def hold(self, run_id: str, command: str) -> AbstractContextManager[None]:
        """Exclude other locked runs while the context lasts; raises LockHeld at once.

        A row with a lease and a heartbeat. A lock whose process died on this host, or whose
        lease ran out, is taken over.
        """


class StoreBinding(Protocol):
    def bind(self, account_id: str, mode: Mode) -> None:
        """Bind the store to its account and mode at first contact; StoreForeign afterwards
        for any other."""


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


class LetterWriter(Protocol):
    def invoice_letter(self, mail: QueuedMail, invoice: Invoice, pdf: bytes) -> Letter:
        """The letter that carries an invoice. Raises MailRefused for a hostile or
        impossible address."""


class Mailer(Protocol):
    """A transport. A permanent refusal raises MailRefused, a passing one MailDeferred, an
    outcome that nobody can know MailUncertain; anything else is a MailError."""

    def send(self, letter: Letter) -> None: ...

    def was_delivered(self, message_id: str) -> bool | None:
        """Whether an interrupted mail arrived; None when the transport cannot tell."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that the operations obey; `company_gaps` names those a seller still lacks.

    `invoices_since` and `mail_since` are None until a person sets them; the demo sets its own.
    """

    mode: Mode
    company: Company
    company_gaps: tuple[str, ...]
    series: Series
    legal_texts: LegalTexts
    default_vat_rate: Decimal | None
    invoices_since: datetime | None
    mail_since: datetime | None
    nightly_max_invoices: int
    nightly_max_mails: int


class Ports(Protocol):
    """Everything an operation may ask for, built on first use."""

    @property
    def policy(self) -> Policy: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def progress(self) -> Progress: ...
    @property
    def stripe(self) -> StripeGateway: ...
    @property
    def mirror(self) -> Mirror: ...
    @property
    def orders(self) -> OrderBook: ...
    @property
    def cases(self) -> CaseReader: ...
    @property
    def invoices(self) -> InvoiceBook: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def findings(self) -> FindingLog: ...
    @property
    def changes(self) -> ChangeLog: ...
    @property
    def runs(self) -> RunLog: ...
    @property
    def lock(self) -> RunLock: ...
    @property
    def binding(self) -> StoreBinding: ...
    @property
    def renderer(self) -> InvoiceRenderer: ...
    @property
    def spool(self) -> PdfSpool: ...
    @property
    def store(self) -> InvoiceStore: ...
    @property
    def letters(self) -> LetterWriter: ...
    @property
    def mailer(self) -> Mailer: ...
