"""The freeze that a restore leaves, and the numbers that it forgot."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from stakactl.domain.invoicing import Invoice
from stakactl.domain.mail import NewMail, QueuedMail
from stakactl.domain.numbering import Position
from stakactl.domain.restores import Counter, LostNumber, Restore


class RestoreBook(Protocol):
    def frozen(self) -> Restore | None:
        """The restore that was not compared yet; of several the oldest."""

    def last(self) -> Restore | None:
        """The newest restore, compared or not."""

    def counters(self) -> Mapping[str, Counter]:
        """The last number of every series."""

    def missing(self, since: Mapping[str, Counter], up_to: Sequence[Position]) -> list[Position]:
        """The positions above the counters `since` and up to those named, one per year of a series,
        that no invoice has and that are not lost yet. Raises Refused for more than 10,000."""

    def lost(self) -> list[LostNumber]:
        """In the order of the numbers."""

    def lost_of(self, subject: str) -> LostNumber | None:
        """The lost invoice of an order or a reference."""

    def take_back(self, invoice: Invoice, position: Position, mails: Sequence[NewMail]) -> bool:
        """Put an invoice that was issued after the backup, with its stored PDF, into the book: its
        number is lost no more, its mails are `unknown`. False, and nothing changed, where its
        number or its order has another one."""

    def stored_since(
        self, invoice_id: str, sha256: str, at: datetime, mails: Sequence[NewMail]
    ) -> None:
        """The PDF of an unfinished invoice was stored after the backup: so it is, its mails are
        `unknown`."""

    def thaw(self, lost: Sequence[LostNumber], run_id: str, at: datetime) -> Mapping[str, str]:
        """Lift the freeze, in one transaction with what makes that safe: the lost numbers are
        never given again, the counters stand above them, and each that moved is in the record of
        changes. The last number of each series that moved since the restore."""

    def doubtful_mails(self) -> list[QueuedMail]:
        """Those of which nobody knows whether they left, because of a restore."""

    def hold(self, mails: Sequence[NewMail], at: datetime) -> None:
        """Put mails that may have been sent before the restore into the outbox, as unknown; what
        is there already stays as it is."""
