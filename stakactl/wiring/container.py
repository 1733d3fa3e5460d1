"""The Container: builds the real adapters on first use. Nothing else constructs them.

A Container is a `Ports` for the operations. Opening one reads the settings only; the store, Stripe,
the PDF store and the transport are opened when something asks for them, so that a command pays
for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from stakactl.adapters.system import SystemClock
from stakactl.config import MailTransport, OrdersWrite, Settings, StripeInvoices
from stakactl.domain.runs import Mode
from stakactl.errors import Refused

if TYPE_CHECKING:
    from stakactl.adapters.database.dump import SqlStoreDump
    from stakactl.adapters.database.schema import SchemaStatus
    from stakactl.adapters.database.store import Store
    from stakactl.adapters.orders.files import OrderFile
    from stakactl.adapters.storage.backup_files import FileBackupFolder
    from stakactl.adapters.storage.plans import PlanFiles
    from stakactl.adapters.storage.reports import ReportFolder
    from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
    from stakactl.adapters.stripe.gateway import SdkStripeGateway
    from stakactl.demo.home import DemoHome
    from stakactl.domain.alerts import Rule
    from stakactl.domain.new_invoices import NewInvoice
    from stakactl.operations.ports import (
        AlertBook,
        AlertChannel,
        Application,
        ApplicationLedger,
        CaseReader,
        ChangeLog,
        CustomerBook,
        DocumentLedger,
        EventLog,
        EventReceiver,
        ExportFiles,
        FactBook,
        FigureBook,
        FindingLog,
        InvoiceBook,
        InvoiceReader,
        InvoiceRenderer,
        InvoiceStore,
        InvoiceTable,
        LetterWriter,
        Machine,
        Mailer,
        MailPace,
        MaintenanceCopy,
        MaintenanceFlag,
        Mirror,
        MoneyBook,
        NumberScan,
        OrderBook,
        Outbox,
        PdfSpool,
        Policy,
        Progress,
        ReceivableBook,
        RunLock,
        RunLog,
        StoreBinding,
        SubscriptionBook,
        TrailReader,
        Workers,
    )
    from stakactl.operations.ports.rollback import RollbackLog
    from stakactl.output.pages.page import Page
    from stakactl.wiring.desk import Desk
    from stakactl.wiring.inspectors import Inspectors

DEMO_HOME = Path("var/demo")


class Container:
    """Everything one command needs; `close` releases what was opened, last opened first."""

    def __init__(
        self, settings: Settings, progress: Progress, demo: DemoHome | None = None
    ) -> None:
        self.settings = settings
        self.progress = progress
        self._demo = demo
        self._opened = ExitStack()

    @classmethod
    def open(cls, *, env_file: Path | None, demo: bool, progress: Progress) -> Self:
        """Read the settings; with `demo` none of them, only the demo's own folder."""
        if not demo:
            return cls(Settings.load(env_file), progress)
        from stakactl.demo.home import DemoHome
        from stakactl.demo.offline_stripe.server import DEMO_KEY

        home = DemoHome(DEMO_HOME.absolute())
        return cls(Settings.for_demo(home.path, secret_key=DEMO_KEY), progress, home)

    def close(self) -> None:
        self._opened.close()

    @property
    def mode(self) -> Mode:
        return self.settings.mode()

    @property
    def demo(self) -> DemoHome:
        """The demo's folder. Only there with `--demo`."""
        if self._demo is None:
            raise Refused("there is no demo world outside of the demo", hint="add --demo")
        return self._demo

    @cached_property
    def clock(self) -> SystemClock:
        return SystemClock(self.settings.stakactl_time_zone)

    @cached_property
    def policy(self) -> Policy:
        from stakactl.adapters.documents.legal_texts import load_legal_texts
        from stakactl.domain.documents import LONGEST_LINK
        from stakactl.operations.ports import AdminMail, Policy

        settings = self.settings
        return Policy(
            mode=settings.mode(),
            company=settings.company(),
            company_gaps=settings.company_gaps(),
            series=settings.series(),
            credit_series=settings.credit_series(),
            legal_texts=load_legal_texts(),
            default_vat_rate=settings.tax_rate,
            invoices_since=settings.invoices_since,
            mail_since=settings.mail_since,
            nightly_max_invoices=settings.nightly_max_invoices,
            nightly_max_mails=settings.nightly_max_mails,
            adopt_stripe_invoices=settings.stripe_invoices is StripeInvoices.ADOPT,
            due_days=settings.due_days,
            year_end=settings.fiscal_year_end,
            alert_email=settings.alert_email,
            alerts_enabled=settings.stripe_monitoring_enabled,
            mail_link_seconds=min(settings.s3_signed_url_ttl or LONGEST_LINK, LONGEST_LINK),
            admin=AdminMail(
                settings.admin_email or "",
                settings.admin_language,
                payments=settings.admin_payment_notice,
                nights=settings.admin_nightly_report,
            ),
            reminders=settings.reminders(),
        )

    # Stripe

    @cached_property
    def stripe(self) -> SdkStripeGateway:
        from stakactl.adapters.stripe.gateway import (
            REQUESTS_PER_SECOND_PER_ENDPOINT as STRIPE_PER_ENDPOINT,
        )
        from stakactl.adapters.stripe.gateway import SdkStripeGateway
        from stakactl.config.checks import STRIPE_API

        access = self.settings.stripe()
        api_base = self._stripe_base
        overall = access.requests_per_second
        stripes_own = api_base in {None, STRIPE_API}
        return SdkStripeGateway(
            access.secret_key,
            api_base=api_base,
            requests_per_second=overall,
            requests_per_second_per_endpoint=STRIPE_PER_ENDPOINT if stripes_own else overall,
            timeout_seconds=access.timeout_seconds,
            retry_budget_seconds=access.retry_seconds,
        )

    @cached_property
    def webhook(self) -> EventReceiver:
        """The application's own webhook. Raises ConfigurationError where it is not set."""
        from stakactl.adapters.webhooks.sender import WebhookSender

        url, secret = self.settings.webhook()
        return WebhookSender(url, secret, self.clock)

    @cached_property
    def _stripe_base(self) -> str | None:
        """None for Stripe itself; in the demo, the offline one that runs while this is open."""
        if self._demo is not None:
            return self._opened.enter_context(self._demo.stripe()).base_url
        return self.settings.stripe().api_base

    @cached_property
    def webhook_endpoints(self) -> SdkStripeEndpoints:
        from stakactl.wiring.webhooks import open_endpoints

        access = self.settings.stripe()
        endpoints = open_endpoints(
            access,
            self._stripe_base,
            timeout_seconds=access.timeout_seconds,
            retry_budget_seconds=access.retry_seconds,
        )
        self._opened.callback(endpoints.close)
        return endpoints

    def inspectors(self, *, timeout_seconds: float, webhook_url: str | None = None) -> Inspectors:
        """What checks look through, with the settings of this container, or another URL of the
        webhook than theirs."""
        from stakactl.config import Reading
        from stakactl.wiring.inspectors import Inspectors

        there = {
            "stripe_api_base": self._stripe_base,
            "stripe_webhook_url": webhook_url or self.settings.stripe_webhook_url,
        }
        inspectors = Inspectors(
            Reading(self.settings.model_copy(update=there), ()), timeout_seconds=timeout_seconds
        )
        self._opened.callback(inspectors.close)
        return inspectors

    def storage_inspection(self, *, timeout_seconds: float) -> Inspectors:
        """The same for checks of the PDFs' store alone, which need no Stripe."""
        from stakactl.config import Reading
        from stakactl.wiring.inspectors import Inspectors

        inspectors = Inspectors(Reading(self.settings, ()), timeout_seconds=timeout_seconds)
        self._opened.callback(inspectors.close)
        return inspectors

    # stakactl's own store

    @cached_property
    def _store(self) -> Store:
        from stakactl.adapters.database.store import Store

        if self._demo is not None:
            self._demo.require_world()
        store = Store.open(self.settings.store_url, time_zone=self.settings.stakactl_time_zone)
        self._opened.callback(store.close)
        if self.settings.stripe_secret_key is not None:
            store.binding.require_mode(self.mode)
        return store

    @property
    def mirror(self) -> Mirror:
        return self._store.mirror

    @property
    def events(self) -> EventLog:
        return self._store.events

    @property
    def money(self) -> MoneyBook:
        return self._store.money

    @property
    def figures(self) -> FigureBook:
        return self._store.figures

    @property
    def customer_book(self) -> CustomerBook:
        return self._store.customer_book

    @property
    def subscription_book(self) -> SubscriptionBook:
        return self._store.subscription_book

    @property
    def orders(self) -> OrderBook:
        return self._store.orders

    @property
    def ledger(self) -> ApplicationLedger:
        return self._store.ledger

    @cached_property
    def application(self) -> Application | None:
        """Orders in the application's own database; None where they are imported."""
        access = self.settings.application()
        if access is None:
            return None
        from stakactl.adapters.orders.application import opening

        webhook = opening.Webhook(access.webhook_url, access.webhook_secret, access.api_version)
        writers = {
            OrdersWrite.OFF: opening.off(),
            OrdersWrite.SQL: opening.by_sql(self.clock),
            OrdersWrite.REPOST: opening.by_events(
                webhook, lambda: self.stripe, lambda: self.ledger, self.clock
            ),
        }
        opened = opening.open_application(
            access.url,
            access.setting,
            access.url_folder,
            access.mapping,
            access.folder,
            writers[access.write],
        )
        self._opened.callback(opened.close)
        return opened

    @property
    def cases(self) -> CaseReader:
        return self._store.cases

    @property
    def invoices(self) -> InvoiceBook:
        return self._store.invoices

    @property
    def documents(self) -> DocumentLedger:
        return self._store.documents

    @property
    def number_scan(self) -> NumberScan:
        return self._store.number_scan

    @property
    def outbox(self) -> Outbox:
        return self._store.outbox

    @property
    def receivables(self) -> ReceivableBook:
        return self._store.receivables

    @property
    def findings(self) -> FindingLog:
        return self._store.findings

    @property
    def changes(self) -> ChangeLog:
        return self._store.changes

    @property
    def runs(self) -> RunLog:
        return self._store.runs

    @property
    def trail(self) -> TrailReader:
        return self._store.trail

    @property
    def lock(self) -> RunLock:
        return self._store.lock

    @property
    def maintenance(self) -> MaintenanceFlag:
        return self._store.maintenance

    @cached_property
    def maintenance_copy(self) -> MaintenanceCopy | None:
        """Where the application reads the flag; None without REDIS_URL."""
        if self.settings.redis_url is None:
            return None
        from stakactl.adapters.redis_flag import RedisMaintenanceCopy

        copy = RedisMaintenanceCopy(self.settings.redis_url.get_secret_value())
        self._opened.callback(copy.close)
        return copy

    @property
    def rollbacks(self) -> RollbackLog:
        return self._store.rollbacks

    @property
    def binding(self) -> StoreBinding:
        return self._store.binding

    @property
    def store_dump(self) -> SqlStoreDump:
        from stakactl.adapters.database.dump import SqlStoreDump

        return SqlStoreDump(self.settings.store_url)

    @property
    def backups_kept(self) -> int:
        return self.settings.backups_kept

    @property
    def surroundings(self) -> Mapping[str, Callable[[], Iterator[str]]]:
        from stakactl.wiring.surroundings import surroundings_of

        return surroundings_of(self)

    def init_database(self) -> None:
        from stakactl.adapters.database.schema import init_database

        init_database(self.settings.store_url)

    def upgrade_database(self) -> None:
        from stakactl.adapters.database.schema import upgrade

        upgrade(self.settings.store_url)

    def schema_status(self) -> SchemaStatus:
        from stakactl.adapters.database.schema import schema_status

        return schema_status(self.settings.store_url)

    # Invoices, PDFs and mail

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

    @cached_property
    def letters(self) -> LetterWriter:
        from stakactl.wiring.letters import open_letters

        return open_letters(self.settings, self.clock)

    @cached_property
    def mailer(self) -> Mailer:
        mail = self.settings.mail()
        mailer: Mailer
        if mail.transport is MailTransport.FOLDER:
            from stakactl.adapters.mail.folder import FolderMailer

            mailer = FolderMailer(self.settings.home / "mail")
        else:
            from stakactl.adapters.mail.smtp import SmtpMailer
            from stakactl.adapters.mail.smtp_connection import Security

            mailer = SmtpMailer(
                mail.host,
                mail.port,
                user=mail.user or "",
                password=mail.password or "",
                security=Security(str(mail.security)),
            )
        self._opened.callback(mailer.close)
        return mailer

    # Alerts and health

    @property
    def facts(self) -> FactBook:
        return self._store.facts

    @property
    def alerts(self) -> AlertBook:
        return self._store.alerts

    @cached_property
    def machine(self) -> Machine:
        from stakactl.adapters.alerts.usage import MachineUsage

        return MachineUsage(self.settings.home)

    @cached_property
    def alert_rules(self) -> tuple[Rule, ...]:
        from stakactl.adapters.alerts.rules import load_rules

        return load_rules(self.settings.own_alert_rules)

    @cached_property
    def alert_channel(self) -> AlertChannel | None:
        from stakactl.adapters.alerts.chat import ChatWebhook

        url = self.settings.alert_webhook_url
        return None if url is None else ChatWebhook(url.get_secret_value())

    @cached_property
    def mail_pace(self) -> MailPace:
        from stakactl.adapters.mail.pace import TokenBucket, Unhurried

        limit = self.settings.mails_per_minute
        return Unhurried() if limit is None else TokenBucket(limit)

    # Files

    def read_orders(self, source: Path, form: str, *, skip_bad: bool) -> OrderFile:
        """Orders of a file; `-` is standard input. Raises ImportRejected with every problem."""
        from stakactl.adapters.orders.files import read_orders

        return read_orders(source, form, skip_bad=skip_bad)

    def read_new_invoice(
        self,
        source: Path | None,
        options: Mapping[str, object],
        labels: Mapping[str, str],
        lines: Sequence[str],
    ) -> NewInvoice:
        """What a file and options ask to be invoiced. Raises UsageError with every problem."""
        from stakactl.adapters.orders.new_invoices import read_new_invoice

        today = self.clock.local_date(self.clock.now())
        currency = self.settings.currency
        return read_new_invoice(source, options, labels, lines, today=today, currency=currency)

    def save_download(self, path: Path, content: bytes) -> None:
        """Write what a person asked for into a new file."""
        from stakactl.adapters.storage.downloads import save_download

        save_download(path, content)

    def export_files(
        self, zip_path: Path | None, csv_path: Path | None, table: InvoiceTable, *, overwrite: bool
    ) -> AbstractContextManager[ExportFiles]:
        """Files for an export, in place when the block ends without an error."""
        from stakactl.adapters.storage.export_files import export_files

        return export_files(zip_path, csv_path, table, overwrite=overwrite)

    def render_page(self, page: Page) -> str:
        """A page as one self-contained HTML file."""
        from stakactl.adapters.pages import render_page

        return render_page(page.template, page.values)

    def save_page(self, path: Path, page: Page, *, overwrite: bool) -> None:
        from stakactl.adapters.pages import save_page

        save_page(path, page.template, page.values, overwrite=overwrite)

    @cached_property
    def plan_files(self) -> PlanFiles:
        from stakactl.adapters.storage.plans import PlanFiles

        return PlanFiles()

    @cached_property
    def backups(self) -> FileBackupFolder:
        from stakactl.adapters.storage.backup_files import FileBackupFolder

        return FileBackupFolder(self.settings.home / "backups")

    @cached_property
    def reports(self) -> ReportFolder:
        from stakactl.adapters.storage.reports import ReportFolder

        return ReportFolder(self.settings.home / "reports")
