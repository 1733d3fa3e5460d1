"""Where an issued invoice stands, derived from what happened to it and never stored; and what
lists of invoices are sorted by.

A status that is written down goes stale the night a due date passes; the moments do not.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InvoiceStatus(StrEnum):
    """As people know them from the application."""

    GENERATED = "GENERATED"
    SENT = "SENT"
    PAID = "PAID"
    OVERDUE = "OVERDUE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Moments:
    """What happened to an issued invoice and when; None where it did not happen.

    `due_at` is None where nothing was left to be paid when the invoice was issued.
    """

    sent_at: datetime | None = None
    due_at: datetime | None = None
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None


NOTHING_HAPPENED = Moments()


def status_of(moments: Moments, now: datetime) -> InvoiceStatus:
    """The most decisive thing that happened. An invoice is overdue from the moment it is due."""
    if moments.cancelled_at is not None:
        return InvoiceStatus.CANCELLED
    if moments.paid_at is not None:
        return InvoiceStatus.PAID
    if moments.due_at is not None and moments.due_at <= now:
        return InvoiceStatus.OVERDUE
    if moments.sent_at is not None:
        return InvoiceStatus.SENT
    return InvoiceStatus.GENERATED


class DocumentKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceSort(StrEnum):
    """What invoices can be sorted by; a minus turns the order round."""

    NEWEST = "-issued"
    OLDEST = "issued"
    NUMBER = "number"
    NUMBER_BACKWARDS = "-number"
    LOWEST = "total"
    HIGHEST = "-total"
    DUE = "due"
    DUE_LAST = "-due"
