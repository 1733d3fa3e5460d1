"""`stakactl invoices export`."""

from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.options import command
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.errors import UsageError
from stakactl.output.invoice_table import CsvInvoiceTable, Dialect
from stakactl.output.view import View


@command(
    app,
    name="export",
    example=[
        "stakactl invoices export --since 2026-07-01 --until 2026-09-30 --zip q3.zip",
        "stakactl invoices export --csv all.csv --csv-dialect plain",
    ],
)
def export(
    call: Call,
    since: SinceOption = None,
    until: UntilOption = None,
    zip_path: Annotated[
        Path | None,
        typer.Option(
            "--zip", help="Write the PDFs, the table and SHA256SUMS here.", show_default=False
        ),
    ] = None,
    csv_path: Annotated[
        Path | None,
        typer.Option("--csv", help="Write the table here.", show_default=False),
    ] = None,
    csv_dialect: Annotated[
        Dialect,
        typer.Option(
            help="french opens in Excel: semicolons, decimal comma, 31/01/2026. plain is for "
            "programs: commas, decimal point, 2026-01-31."
        ),
    ] = Dialect.FRENCH,
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of files that exist.")
    ] = False,
) -> View:
    """Hand over what was issued in a period: a table, and a ZIP of the PDFs with their hashes.

    --since and --until mean the day of issue. The table has a row for each document and VAT rate;
    credit notes are negative. Each PDF is compared with its SHA-256 first; one that is missing or
    damaged is named and left out, exit code 6. The same invoices make the same ZIP.
    """
    from stakactl.operations.export import export_invoices
    from stakactl.operations.scope import Scope
    from stakactl.output.reports.export import export_view

    if zip_path is None and csv_path is None:
        raise UsageError("no file is named", hint="--zip FILE, --csv FILE, or both")
    scope = Scope(*period(call, since, until))
    table = CsvInvoiceTable(csv_dialect)
    with call.container.export_files(zip_path, csv_path, table, overwrite=force) as files:
        report = export_invoices(call.container, scope, files)
    return export_view(report, zip_path, csv_path)
