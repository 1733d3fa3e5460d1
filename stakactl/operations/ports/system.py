"""Time, progress, the settings that operations obey, and who works in the store."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from stakactl.domain.invoicing import Company
from stakactl.domain.legal import LegalTexts
from stakactl.domain.letters import Language
from stakactl.domain.numbering import Series
from stakactl.domain.plans import StoreIdentity
from stakactl.domain.reminders import ReminderRules
from stakactl.domain.retention import CALENDAR_YEAR, YearEnd
from stakactl.domain.runs import Mode


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
class AdminMail:
    """Who of the company is told of what; nobody of anything without an address."""

    address: str = ""
    language: Language = Language.FRENCH
    payments: bool = False
    nights: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that the operations obey; `company_gaps` names those a seller still lacks.

    `adopt_stripe_invoices`: a numbered invoice of Stripe is the legal one of its payment.
    `year_end` is that of the fiscal year.
    `alert_email` gets alerts where it is set and `alerts_enabled`.
    `mail_link_seconds` is the life of the link in a letter, None for the longest there is.
    `invoices_since` and `mail_since` are None until a person sets them; the demo sets its own.
    `due_days`: so many days after its issue an unpaid invoice is due.
    """

    mode: Mode
    company: Company
    company_gaps: tuple[str, ...]
    series: Series
    credit_series: Series
    legal_texts: LegalTexts
    default_vat_rate: Decimal | None
    invoices_since: datetime | None
    mail_since: datetime | None
    nightly_max_invoices: int
    nightly_max_mails: int
    adopt_stripe_invoices: bool = True
    due_days: int = 30
    year_end: YearEnd = CALENDAR_YEAR
    alert_email: str | None = None
    alerts_enabled: bool = True
    mail_link_seconds: int | None = None
    admin: AdminMail = field(default_factory=AdminMail)
    reminders: ReminderRules = field(default_factory=ReminderRules)


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

    def identity(self) -> StoreIdentity:
        """Which store this is and whose."""
