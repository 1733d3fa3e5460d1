"""What customers owe, and the reminders that were sent about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from stakactl.domain.mail import NewMail
from stakactl.domain.receivables import Receivable


class ReceivableBook(Protocol):
    """Unpaid invoices of ours, open ones of Stripe's, and unpaid orders with a due date, each
    with what is known of its payment and with its reminders. Nothing is stored for it: they are
    read from the invoices, the mirror, the orders and the outbox."""

    def overdue(self, now: datetime) -> Iterator[Receivable]:
        """All that were due before `now` and are not recorded as paid, oldest first; streamed, so
        that memory stays flat."""

    def get(self, subject_id: str) -> Receivable | None:
        """The claim as it is now, paid or not; None for a document that never asked for money."""

    def named(self, name: str) -> Receivable | None:
        """The same by a number or an id, ours, Stripe's or an order's."""

    def queue(self, reminders: Sequence[NewMail], at: datetime) -> int:
        """Put reminders into the outbox, in one transaction, each step of a claim at most once;
        one that was withdrawn is queued again. Returns how many were queued."""
