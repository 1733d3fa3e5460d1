"""Files: what a person names, and what the home keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.wiring.foundation import Foundation

if TYPE_CHECKING:
    from stakactl.adapters.orders.files import OrderFile
    from stakactl.adapters.storage.backup_files import FileBackupFolder
    from stakactl.adapters.storage.plans import PlanFiles
    from stakactl.adapters.storage.reports import ReportFolder
    from stakactl.domain.checklists import Answer, Checklist, ListName
    from stakactl.domain.new_invoices import NewInvoice
    from stakactl.operations.ports import ExportFiles, InvoiceTable
    from stakactl.output.pages.page import Page


class FileParts(Foundation):
    """Nothing is opened before it is read or written."""

    def read_orders(self, source: Path, form: str, *, skip_bad: bool) -> OrderFile:
        """Orders of a file; `-` is standard input. Raises ImportRejected with every problem."""
        from stakactl.adapters.orders.files import read_orders

        return read_orders(source, form, skip_bad=skip_bad)

    def read_new_invoice(
        self,
        source: Path | None,
        options: Mapping[str, object],
        labels: Mapping[str, str],
        lines: Sequence[str],
    ) -> NewInvoice:
        """What a file and options ask to be invoiced. Raises UsageError with every problem."""
        from stakactl.adapters.orders.new_invoices import read_new_invoice

        today = self.clock.local_date(self.clock.now())
        currency = self.settings.currency
        return read_new_invoice(source, options, labels, lines, today=today, currency=currency)

    def checklist(self, name: ListName) -> Checklist:
        """The bundled one with what CHECKLISTS_PATH changes of it. Raises ConfigurationError."""
        from stakactl.adapters.checklists.lists import load_checklists

        return load_checklists(self.settings.own_checklists)[name]

    def read_answers(self, source: Path, checklist: Checklist) -> Mapping[str, Answer]:
        """Answers to its manual items. Raises UsageError with every problem."""
        from stakactl.adapters.checklists.answers import read_answers

        return read_answers(source, checklist)

    def save_download(self, path: Path, content: bytes) -> None:
        """Write what a person asked for into a new file."""
        from stakactl.adapters.storage.downloads import save_download

        save_download(path, content)

    def export_files(
        self, zip_path: Path | None, csv_path: Path | None, table: InvoiceTable, *, overwrite: bool
    ) -> AbstractContextManager[ExportFiles]:
        """Files for an export, in place when the block ends without an error."""
        from stakactl.adapters.storage.export_files import export_files

        return export_files(zip_path, csv_path, table, overwrite=overwrite)

    def render_page(self, page: Page) -> str:
        """A page as one self-contained HTML file."""
        from stakactl.adapters.pages import render_page

        return render_page(page.template, page.values)

    def save_page(self, path: Path, page: Page, *, overwrite: bool) -> None:
        from stakactl.adapters.pages import save_page

        save_page(path, page.template, page.values, overwrite=overwrite)

    @cached_property
    def plan_files(self) -> PlanFiles:
        from stakactl.adapters.storage.plans import PlanFiles

        return PlanFiles()

    @cached_property
    def backups(self) -> FileBackupFolder:
        from stakactl.adapters.storage.backup_files import FileBackupFolder

        return FileBackupFolder(self.settings.home / "backups")

    @property
    def backups_kept(self) -> int:
        return self.settings.backups_kept

    @cached_property
    def reports(self) -> ReportFolder:
        from stakactl.adapters.storage.reports import ReportFolder

        return ReportFolder(self.settings.home / "reports")
