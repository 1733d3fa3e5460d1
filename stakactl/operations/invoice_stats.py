"""The key figures of the invoices that were issued in a period, as they stand now."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from stakactl.domain.invoice_stats import InvoiceFigures, invoice_figures, payment_rate
from stakactl.operations.ports import InvoiceFilter, Ports


@dataclass(frozen=True, slots=True)
class InvoiceStats:
    """One `InvoiceFigures` for each currency. Issued from `since` up to before `until`."""

    since: datetime | None
    until: datetime | None
    figures: tuple[InvoiceFigures, ...]

    @property
    def invoices(self) -> int:
        return sum(each.issued.count for each in self.figures)

    @property
    def credit_notes(self) -> int:
        return sum(each.credit_notes.count for each in self.figures)

    @property
    def payment_rate(self) -> Decimal | None:
        """By number, over all currencies."""
        owed = sum(each.issued.count - each.cancelled.count for each in self.figures)
        return payment_rate(sum(each.paid.count for each in self.figures), owed)


def invoice_stats(ports: Ports, since: datetime | None, until: datetime | None) -> InvoiceStats:
    wanted = InvoiceFilter(since=since, until=until)
    totals = ports.invoices.totals(wanted, ports.clock.now())
    return InvoiceStats(since, until, tuple(invoice_figures(totals)))
