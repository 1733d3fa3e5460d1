"""What alerts and health look at, what is remembered of them, and the chat that is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from stakactl.domain.alerts import AlertState, Words
from stakactl.domain.findings import Discrepancy
from stakactl.domain.mail import NewMail


@dataclass(frozen=True, slots=True)
class PaymentCounts:
    """Payments by how they ended; those under way or given up without an attempt are neither."""

    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Things that wait, and since when the oldest does; None where there are none."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """When something last happened, as far as the mirror knows; None: never."""

    payment: datetime | None
    event: datetime | None


class FactBook(Protocol):
    """Counts over the whole store; each is one query that an index answers."""

    def payments(self, since: datetime, until: datetime) -> PaymentCounts:
        """Of the payments begun from `since` up to before `until`."""

    def events(self, since: datetime, until: datetime) -> int:
        """Mirrored events that happened from `since` up to before `until`."""

    def open_findings(self, classes: Sequence[Discrepancy], before: datetime) -> Backlog:
        """Unresolved findings of these classes that began before a moment, without historical
        ones and those that only wait."""

    def unstored_invoices(self, before: datetime) -> Backlog:
        """Invoices issued before a moment whose PDF is not stored."""

    def queued_mails(self) -> Backlog: ...

    def unknown_mails(self) -> Backlog: ...

    def last_night(self) -> datetime | None:
        """When a nightly run last came to its end; one that failed with an error does not
        count."""

    def first_run(self) -> datetime | None:
        """When the first run of any command began."""

    def activity(self) -> Activity: ...


class AlertBook(Protocol):
    def all(self) -> dict[str, AlertState]:
        """By rule id; rules that never fired are not there."""

    def save(
        self, before: AlertState | None, after: AlertState, mail: NewMail | None, at: datetime
    ) -> bool:
        """Put `after` in the place of `before` and queue its mail, in one transaction. False, and
        nothing changed, where another process was faster. `posted` is left as it is."""

    def mark_posted(self, rule_id: str, notice: int) -> None:
        """The webhook has this notice of the rule, and all before it."""


class AlertChannel(Protocol):
    """A chat that takes a text through a webhook."""

    @property
    def host(self) -> str: ...

    def post(self, text: str) -> None:
        """Raises WebhookError unless the answer is 2xx. `text` is plain; nothing in it becomes a
        link or a mention."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of something is in use; `of` says of what."""

    percent: Decimal
    of: Words


class Machine(Protocol):
    """This machine, as far as it tells. Raises DiskError where it should tell and does not."""

    def disk(self) -> Usage:
        """Of the home folder; what is kept for root alone counts as in use for nobody."""

    def memory(self) -> Usage | None:
        """Of the machine, or of the container's limit where that is nearer; None where the
        system has no such figures."""
