"""Invoices as they are handed to an accountant or a tax inspector, and what they add up to.

A credit note takes back: its amounts are positive on its page and negative here, so that a column
can be summed.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from stakactl.domain.invoice_status import InvoiceStatus
from stakactl.domain.invoicing import Invoice
from stakactl.domain.money import Money
from stakactl.domain.vat import VatSplit


@dataclass(frozen=True, slots=True)
class ExportedInvoice:
    """An invoice or credit note. `paid_on` and `due_on` are local days.

    `file_name` is empty where its PDF is not handed over. `sha256` is of the PDF that is, else of
    the one that was issued; empty while there is none.
    """

    invoice: Invoice
    status: InvoiceStatus
    paid_on: date | None
    due_on: date | None
    file_name: str
    sha256: str

    @property
    def groups(self) -> tuple[VatSplit, ...]:
        """One for each VAT rate; negative on a credit note."""
        groups = self.invoice.snapshot.vat
        if not self.invoice.is_credit_note:
            return groups
        return tuple(VatSplit(group.rate, -group.net, -group.vat) for group in groups)


def pdf_name(number: str) -> str:
    """The file of an invoice's PDF. A number may hold a slash, a file name may not."""
    return f"{number.replace('/', '-')}.pdf"


@dataclass(frozen=True, slots=True)
class RateTotal:
    """All amounts of one currency at one VAT rate, less what credit notes take back. `rate` None:
    at all rates together. `count` is how many documents have an amount there."""

    rate: Decimal | None
    count: int
    net: Money
    vat: Money

    @property
    def total(self) -> Money:
        return self.net + self.vat


@dataclass(slots=True)
class Totals:
    """Adds up what is exported, by currency and VAT rate."""

    invoices: int = 0
    credit_notes: int = 0
    _sums: dict[tuple[str, Decimal | None], RateTotal] = field(default_factory=dict)

    def add(self, exported: ExportedInvoice) -> None:
        if exported.invoice.is_credit_note:
            self.credit_notes += 1
        else:
            self.invoices += 1
        currency = exported.invoice.total.currency
        net = vat = Money.zero(currency)
        for group in exported.groups:
            self._book(currency, group.rate, group.net, group.vat)
            net, vat = net + group.net, vat + group.vat
        self._book(currency, None, net, vat)

    def _book(self, currency: str, rate: Decimal | None, net: Money, vat: Money) -> None:
        zero = Money.zero(currency)
        so_far = self._sums.get((currency, rate)) or RateTotal(rate, 0, zero, zero)
        self._sums[currency, rate] = RateTotal(
            rate, so_far.count + 1, so_far.net + net, so_far.vat + vat
        )

    def by_rate(self) -> tuple[RateTotal, ...]:
        """By currency, the one of the most documents first; the highest rate first, all rates
        together last."""

        def place(key: tuple[str, Decimal | None]) -> tuple[int, str, bool, Decimal]:
            currency, rate = key
            count = self._sums[currency, None].count
            return -count, currency, rate is None, -(rate or Decimal(0))

        return tuple(self._sums[key] for key in sorted(self._sums, key=place))
