"""A bench for operations: the real store, everything else a fake that a test can turn at will.

`Workshop` is a `Ports`. Orders and Stripe objects come from `tests.builders`; `sale()` makes the
whole chain of one order under ids that follow from its number.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from stakactl.adapters.alerts.rules import load_rules
from stakactl.adapters.database.snapshots import from_json, to_json
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables import all_tables
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.documents.legal_texts import load_legal_texts
from stakactl.adapters.workers.here import Here
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.invoicing import Company, InvoiceSnapshot
from stakactl.domain.mail import MailStatus, QueuedMail
from stakactl.domain.money import Money
from stakactl.domain.numbering import Series
from stakactl.domain.orders import Address, Order, OrderStatus
from stakactl.domain.restores import PdfFacts
from stakactl.domain.runs import Mode, Run
from stakactl.domain.stripe_objects import (
    BalanceTransaction,
    Charge,
    CheckoutSession,
    PaymentIntent,
    StripeObject,
)
from stakactl.errors import StakactlError
from stakactl.operations.ports import (
    AlertChannel,
    Application,
    InvoiceFilter,
    MaintenanceCopy,
    PdfDesk,
    Policy,
)
from stakactl.output.progress import Silent
from tests.builders import NOW, ORDERED, a_charge, a_customer, a_session, an_intent, an_order
from tests.fakes_alerts import FakeMachine
from tests.fakes_delivery import (
    FakeInvoiceStore,
    FakeLetterWriter,
    FakeMailer,
    FakePace,
    FakeReports,
    FakeSpool,
)
from tests.fakes_stripe import FakeStripeGateway

PARIS = ZoneInfo("Europe/Paris")
BEGINNING = datetime(2026, 1, 1, tzinfo=PARIS)
SELLER = Company(
    "Staka Livres", Address("1 rue du Bac", "", "75007", "Paris", "FR"), siret="00000002600013"
)
POLICY = Policy(
    mode=Mode.LIVE,
    company=SELLER,
    company_gaps=(),
    series=Series("FACT"),
    credit_series=Series("AVOIR"),
    legal_texts=load_legal_texts(),
    default_vat_rate=Decimal(20),
    invoices_since=BEGINNING,
    mail_since=BEGINNING,
    nightly_max_invoices=100,
    nightly_max_mails=100,
)

#: What reading Stripe and keeping record of a run fills; a reconciliation may change nothing else.
MIRROR = frozenset(
    {
        "stripe_sessions",
        "stripe_intents",
        "stripe_charges",
        "stripe_refunds",
        "stripe_disputes",
        "stripe_invoice_payments",
        "stripe_balance_transactions",
        "stripe_balances",
        "stripe_customers",
        "stripe_invoices",
        "stripe_subscriptions",
        "stripe_subscription_items",
        "stripe_products",
        "stripe_payouts",
        "stripe_events",
        "stripe_absences",
        "sync_cursors",
        "sync_readings",
        "sync_windows",
        "store_info",
        "application_orders",
        "application_reading",
        "figures",
        "figure_days",
        "figure_months",
        "buyer_days",
        "buyers",
        "figure_buyers",
    }
)
RECORDS = frozenset({"findings", "runs", "pdf_checks", "alerts"})

Rows = dict[str, list[tuple[Any, ...]]]


class StandingClock:
    """Time that moves only when a test says so."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(PARIS).date()

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


class PlainRenderer:
    """The snapshot's own text as "PDF"; `edition` changes the bytes as a new version of us would.

    `before` is called first: a test raises there, or does what another process would do.
    """

    def __init__(self) -> None:
        self.edition = 1
        self.rendered: list[str] = []
        self.before: Callable[[InvoiceSnapshot], object] = lambda snapshot: None

    def render(self, snapshot: InvoiceSnapshot) -> bytes:
        self.before(snapshot)
        self.rendered.append(snapshot.number)
        return f"%PDF-{self.edition}\n{to_json(snapshot)}".encode()


class PlainReader:
    """Reads the "PDF" of a PlainRenderer, of any edition."""

    def differences(self, pdf: bytes, snapshot: InvoiceSnapshot) -> tuple[str, ...]:
        _, _, said = pdf.partition(b"\n")
        return () if said == to_json(snapshot).encode() else ("another content",)

    def facts(self, pdf: bytes) -> PdfFacts | None:
        _, _, said = pdf.partition(b"\n")
        try:
            snapshot = from_json(said.decode())
        except ValueError:
            return None
        return PdfFacts(
            snapshot.number,
            snapshot.issued_on,
            snapshot.order_id or snapshot.reference,
            snapshot.credited.number if snapshot.credited else "",
            snapshot.total,
        )


@dataclass(frozen=True, slots=True)
class Sale:
    """An order and its chain in Stripe."""

    order: Order
    session: CheckoutSession
    intent: PaymentIntent
    charge: Charge
    transaction: BalanceTransaction

    @property
    def objects(self) -> tuple[StripeObject, ...]:
        return (self.session, self.intent, self.charge, self.transaction)


def sale(number: int = 1, /, at: datetime = ORDERED, **fields: Any) -> Sale:
    """Order A-<number>, paid five minutes after `at`; `fields` are other values of the order."""
    minutes = timedelta(minutes=5)
    order = an_order(
        order_id=f"A-{number}",
        created_at=at,
        paid_at=at + minutes,
        customer=a_customer(email=f"{number}@example.com", customer_id=f"u_{number}"),
        stripe_session_id=f"cs_live_{number}",
    )
    order = replace(order, **fields)
    money = order.amount
    return Sale(
        order,
        a_session(
            id=f"cs_live_{number}",
            created_at=at,
            amount_total=money,
            payment_intent_id=f"pi_{number}",
        ),
        an_intent(
            id=f"pi_{number}",
            created_at=at,
            amount=money,
            amount_received_minor=money.minor,
            latest_charge_id=f"ch_{number}",
        ),
        a_charge(
            id=f"ch_{number}",
            created_at=at + minutes,
            amount=money,
            payment_intent_id=f"pi_{number}",
            balance_transaction_id=f"txn_{number}",
        ),
        BalanceTransaction(
            f"txn_{number}",
            at + minutes,
            at + timedelta(days=4),
            "charge",
            "charge",
            money,
            Money(30, money.currency),
            money - Money(30, money.currency),
            f"ch_{number}",
        ),
    )


def unrecorded(number: int = 1, /, **fields: Any) -> Sale:
    """Paid in Stripe, pending in the application."""
    return sale(number, status=OrderStatus.PENDING, paid_at=None, **fields)


class OneProcess:
    """Workers that never start another process: a fake would be a copy there."""

    def __init__(self, desk: PdfDesk) -> None:
        self._desk = desk

    @contextmanager
    def start(self, tasks: int, processes: int | None = None) -> Iterator[Here]:
        yield Here(self._desk)


class Workshop:
    """A `Ports`: the repositories are those of a real store."""

    def __init__(self, store: Store) -> None:
        self.database = store
        self.policy = POLICY
        self.clock = StandingClock()
        self.progress = Silent()
        self.stripe = FakeStripeGateway()
        self.renderer = PlainRenderer()
        self.reader = PlainReader()
        self.spool = FakeSpool()
        self.store = FakeInvoiceStore()
        self.workers = OneProcess(self)
        self.reports = FakeReports()
        self.letters = FakeLetterWriter()
        self.mailer = FakeMailer()
        self.mail_pace = FakePace()
        self.mirror = store.mirror
        self.events = store.events
        self.money = store.money
        self.figures = store.figures
        self.customer_figures = store.customer_figures
        self.subscription_book = store.subscription_book
        self.orders = store.orders
        self.application: Application | None = None
        self.ledger = store.ledger
        self.cases = store.cases
        self.customers = store.customers
        self.invoices = store.invoices
        self.documents = store.documents
        self.number_scan = store.number_scan
        self.outbox = store.outbox
        self.receivables = store.receivables
        self.findings = store.findings
        self.changes = store.changes
        self.runs = store.runs
        self.trail = store.trail
        self.facts = store.facts
        self.alerts = store.alerts
        self.machine = FakeMachine()
        self.alert_rules = load_rules()
        self.alert_channel: AlertChannel | None = None
        self.lock = store.lock
        self.binding = store.binding
        self.maintenance = store.maintenance
        self.restores = store.restores
        self.audience = store.audience
        self.maintenance_copy: MaintenanceCopy | None = None

    # what a test prepares

    def rules(self, **values: Any) -> None:
        """Other settings."""
        self.policy = replace(self.policy, **values)

    def take(self, *sales: Sale) -> None:
        """Import the orders, and put their objects into Stripe."""
        self.orders.import_orders([one.order for one in sales])
        for one in sales:
            self.stripe.put(*one.objects)

    # what a test looks at

    def contents(self, without: Iterable[str] = ()) -> Rows:
        """Every row of every table."""
        skipped = frozenset(without)
        with self.database.database.read() as connection:
            return {
                table.name: sorted(
                    (tuple(row) for row in connection.execute(select(table))), key=repr
                )
                for table in all_tables().sorted_tables
                if table.name not in skipped
            }

    def status(self, order_id: str = "A-1") -> OrderStatus:
        order = self.orders.get(order_id)
        assert order is not None
        return order.status

    def numbers(self) -> dict[str, str]:
        """order id → number, by number."""
        found = sorted(
            self.invoices.find(InvoiceFilter(limit=10_000)), key=lambda invoice: invoice.number
        )
        return {invoice.order_id: invoice.number for invoice in found}

    def mail(self) -> dict[str, MailStatus]:
        """recipient → status, in the order of the outbox."""
        return {m.recipient: m.status for m in reversed(self.outbox.find(limit=10_000))}

    def only_mail(self) -> QueuedMail:
        (mail,) = self.outbox.find()
        return mail

    def last_run(self, command: str = "") -> Run:
        """The newest run of a command; of any command while each began at another time."""
        return next(run for run in self.runs.find() if run.command.startswith(command))

    def check_delivery(self) -> None:
        """Every invoice numbered without a gap, its PDF stored under its checksum, and mailed at
        most once, with that PDF."""
        found = sorted(
            self.invoices.find(InvoiceFilter(limit=10_000)), key=lambda invoice: invoice.number
        )
        year = {invoice.snapshot.issued_on.year for invoice in found}
        assert len(year) <= 1
        wanted = [f"FACT-{year.copy().pop()}-{n:06d}" for n in range(1, len(found) + 1)]
        assert [invoice.number for invoice in found] == wanted
        assert len({invoice.order_id for invoice in found}) == len(found)
        for invoice in found:
            assert invoice.snapshot.number == invoice.number
            pdf = self.store.objects[invoice.object_key]
            assert sha256(pdf).hexdigest() == invoice.sha256
        sent = [letter.message_id for letter in self.mailer.sent]
        assert len(set(sent)) == len(sent)
        for letter in self.mailer.sent:
            (attachment,) = letter.attachments
            assert attachment.content in self.store.objects.values()

    def lose_process(self) -> None:
        """The process that is sending mails is no more."""
        gone = update(outbox).values(process_started="long ago")
        with self.database.database.write() as connection:
            connection.execute(gone)


@contextmanager
def workshop_on(url: str) -> Iterator[Workshop]:
    store = Store.open(url)
    try:
        yield Workshop(store)
    finally:
        store.close()


def classes(findings: Iterable[Finding]) -> list[Discrepancy]:
    return [finding.discrepancy for finding in findings]


class Cut(BaseException):
    """The process dies here: nothing of ours may catch it."""


def cut_after(owner: object, name: str) -> Callable[[], None]:
    """Let `owner.name` work and then die; returns what heals it."""
    return _cut(owner, name, after=True)


def cut_before(owner: object, name: str) -> Callable[[], None]:
    return _cut(owner, name, after=False)


def _cut(owner: object, name: str, *, after: bool) -> Callable[[], None]:
    original = getattr(owner, name)

    def dying(*args: Any, **kwargs: Any) -> None:
        if after:
            original(*args, **kwargs)
        raise Cut(name)

    return replaced(owner, name, dying)


def replaced(owner: object, name: str, function: Callable[..., Any]) -> Callable[[], None]:
    """Put `function` in the place of a method; returns what heals it."""
    setattr(owner, name, function)
    return lambda: delattr(owner, name)


def raises(error: StakactlError) -> Callable[..., Any]:
    """A function that fails with `error`."""

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail
