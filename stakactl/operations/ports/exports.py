"""The files in which invoices are handed over."""

from typing import Protocol

from stakactl.domain.invoice_export import ExportedInvoice


class InvoiceTable(Protocol):
    """The text of a table of invoices, piece by piece, line ends included."""

    @property
    def file_name(self) -> str:
        """What the table is called among the PDFs."""

    def head(self) -> str: ...

    def rows(self, exported: ExportedInvoice) -> str: ...


class ExportFiles(Protocol):
    """Files that appear, whole, when the export ends, or not at all. Raises DiskError."""

    @property
    def hold_pdfs(self) -> bool: ...

    def add(self, exported: ExportedInvoice, pdf: bytes | None) -> None:
        """Add an invoice, and its PDF where that is handed over."""
