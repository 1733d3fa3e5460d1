"""The table of invoices that goes to an accountant: a row for each document and VAT rate.

So every column of amounts can be summed; credit notes are negative. What opens in a French Excel
by a double click is not what a program reads best, hence two dialects.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum

from stakactl.domain.invoice_export import ExportedInvoice
from stakactl.domain.invoice_status import InvoiceStatus
from stakactl.domain.money import Money
from stakactl.domain.vat import VatSplit
from stakactl.output.text import spreadsheet

_BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the code page of the machine
_COLUMNS = {
    "number": "Numéro",
    "kind": "Type",
    "issued_on": "Date",
    "supplied_on": "Date de l'opération",
    "order_id": "Commande",
    "customer": "Client",
    "siren": "SIREN",
    "vat_number": "N° TVA",
    "country": "Pays",
    "vat_rate": "Taux TVA %",
    "net": "HT",
    "vat": "TVA",
    "total": "TTC",
    "currency": "Devise",
    "paid_on": "Payée le",
    "due_on": "Échéance",
    "status": "Statut",
    "credits": "Facture d'origine",
    "pdf": "Fichier PDF",
    "sha256": "SHA-256",
}
_STATUSES = {
    InvoiceStatus.GENERATED: "émise",
    InvoiceStatus.SENT: "envoyée",
    InvoiceStatus.PAID: "payée",
    InvoiceStatus.OVERDUE: "échue",
    InvoiceStatus.CANCELLED: "annulée",
}


class Dialect(StrEnum):
    """French: for Excel; French headings, `;`, decimal comma, 31/01/2026. Plain: for programs."""

    FRENCH = "french"
    PLAIN = "plain"


class CsvInvoiceTable:
    """An `InvoiceTable` as CSV."""

    def __init__(self, dialect: Dialect) -> None:
        self._french = dialect is Dialect.FRENCH

    @property
    def file_name(self) -> str:
        return "factures.csv" if self._french else "invoices.csv"

    def head(self) -> str:
        if self._french:
            return _BYTE_ORDER_MARK + self._line(_COLUMNS.values())
        return self._line(_COLUMNS)

    def rows(self, exported: ExportedInvoice) -> str:
        return "".join(self._line(self._row(exported, group)) for group in exported.groups)

    def _row(self, exported: ExportedInvoice, group: VatSplit) -> Iterator[str]:
        invoice, snapshot = exported.invoice, exported.invoice.snapshot
        buyer = snapshot.buyer
        yield spreadsheet(invoice.number)
        yield self._kind(exported)
        yield self._day(snapshot.issued_on)
        yield self._day(snapshot.supplied_on)
        yield spreadsheet(snapshot.order_id)
        yield spreadsheet(buyer.company or buyer.name)
        yield spreadsheet(buyer.siren)
        yield spreadsheet(buyer.vat_number)
        yield spreadsheet(buyer.address.country)
        yield self._decimal(group.rate)
        yield from (self._amount(amount) for amount in (group.net, group.vat, group.gross))
        yield invoice.total.currency.upper()
        yield self._day(exported.paid_on)
        yield self._day(exported.due_on)
        yield self._status(exported)
        yield spreadsheet(snapshot.credited.number) if snapshot.credited else ""
        yield spreadsheet(exported.file_name)
        yield exported.sha256

    def _line(self, cells: Iterable[str]) -> str:
        line = io.StringIO()
        separator, end = (";", "\r\n") if self._french else (",", "\n")
        csv.writer(line, delimiter=separator, lineterminator=end).writerow(cells)
        return line.getvalue()

    def _kind(self, exported: ExportedInvoice) -> str:
        is_note = exported.invoice.is_credit_note
        if self._french:
            return "avoir" if is_note else "facture"
        return "credit_note" if is_note else "invoice"

    def _status(self, exported: ExportedInvoice) -> str:
        if not self._french:
            return exported.status.value
        word = _STATUSES[exported.status]
        return word.removesuffix("e") if exported.invoice.is_credit_note else word

    def _day(self, day: date | None) -> str:
        if day is None:
            return ""
        return f"{day:%d/%m/%Y}" if self._french else day.isoformat()

    def _amount(self, amount: Money) -> str:
        return self._decimal(amount.to_decimal())

    def _decimal(self, value: Decimal) -> str:
        text = format(value, "f")
        return text.replace(".", ",") if self._french else text
