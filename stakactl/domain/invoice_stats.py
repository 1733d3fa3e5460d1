"""What became of the invoices of a period: how many, how much, and which part was paid.

Credit notes are no invoices: they are counted apart and taken off in `net`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from stakactl.domain.invoice_status import DocumentKind, InvoiceStatus
from stakactl.domain.money import Money


@dataclass(frozen=True, slots=True)
class StatusTotal:
    """All invoices, or all credit notes, of one currency that have one status."""

    kind: DocumentKind
    status: InvoiceStatus
    count: int
    total: Money


@dataclass(frozen=True, slots=True)
class Figure:
    """So many documents and what they add up to."""

    count: int
    total: Money

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(self.count + other.count, self.total + other.total)


@dataclass(frozen=True, slots=True)
class InvoiceFigures:
    """The invoices of one currency. Each is paid, waiting, overdue or cancelled, and these are
    all that were `issued`."""

    issued: Figure
    paid: Figure
    waiting: Figure
    overdue: Figure
    cancelled: Figure
    credit_notes: Figure

    @property
    def currency(self) -> str:
        return self.issued.total.currency

    @property
    def net(self) -> Money:
        """What was invoiced and not taken back."""
        return self.issued.total - self.credit_notes.total

    @property
    def payment_rate(self) -> Decimal | None:
        return payment_rate(self.paid.count, self.issued.count - self.cancelled.count)


def payment_rate(paid: int, owed: int) -> Decimal | None:
    """The percentage of the invoices that were paid, to one decimal; None where nobody owed
    anything. Cancelled invoices are owed by nobody."""
    if not owed:
        return None
    return (Decimal(100 * paid) / owed).quantize(Decimal("0.1"), ROUND_HALF_UP)


def invoice_figures(totals: Iterable[StatusTotal]) -> list[InvoiceFigures]:
    """One for each currency, the one of the most invoices first."""
    by_currency: dict[str, list[StatusTotal]] = {}
    for total in totals:
        by_currency.setdefault(total.total.currency, []).append(total)
    found = [_figures(by_currency[currency], currency) for currency in sorted(by_currency)]
    return sorted(found, key=lambda figures: -figures.issued.count)


def _figures(totals: list[StatusTotal], currency: str) -> InvoiceFigures:
    def sum_of(kind: DocumentKind, *statuses: InvoiceStatus) -> Figure:
        found = Figure(0, Money.zero(currency))
        for total in totals:
            if total.kind is kind and total.status in statuses:
                found += Figure(total.count, total.total)
        return found

    invoice = DocumentKind.INVOICE
    return InvoiceFigures(
        issued=sum_of(invoice, *InvoiceStatus),
        paid=sum_of(invoice, InvoiceStatus.PAID),
        waiting=sum_of(invoice, InvoiceStatus.GENERATED, InvoiceStatus.SENT),
        overdue=sum_of(invoice, InvoiceStatus.OVERDUE),
        cancelled=sum_of(invoice, InvoiceStatus.CANCELLED),
        credit_notes=sum_of(DocumentKind.CREDIT_NOTE, *InvoiceStatus),
    )
