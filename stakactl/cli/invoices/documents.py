"""`stakactl invoices pdf · link · upload`."""

from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.invoices.listing import NumberArgument
from stakactl.cli.invoices.options import WorkersOption
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.output.view import View


@command(
    app,
    name="pdf",
    example=[
        "stakactl invoices pdf FACT-2026-000123",
        "stakactl invoices pdf FACT-2026-000123 --out invoice.pdf",
    ],
)
def pdf(
    call: Call,
    number: NumberArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Write it here; else NUMBER.pdf.", show_default=False),
    ] = None,
) -> View:
    """Fetch the PDF as it was issued: its SHA-256 is compared before anything is written."""
    from stakactl.operations.invoice_files import fetch_pdf, known_invoice
    from stakactl.output.reports.invoice_files import pdf_view

    invoice = known_invoice(call.container, number)
    content = fetch_pdf(call.container, invoice)
    path = out or Path(f"{invoice.number.replace('/', '-')}.pdf")
    call.container.save_download(path, content)
    return pdf_view(invoice, path, content)


@command(
    app,
    name="link",
    example=["stakactl invoices link FACT-2026-000123 --ttl 86400"],
)
def link(
    call: Call,
    number: NumberArgument,
    ttl: Annotated[
        int | None,
        typer.Option(
            "--ttl",
            min=1,
            help="Seconds it works for, 604800 at most; else S3_SIGNED_URL_TTL, or an hour.",
            show_default=False,
        ),
    ] = None,
) -> View:
    """Make a link that opens the PDF for a while. PDFs in a folder have their path instead.

    Whoever has the link can open it until it ends.
    """
    from stakactl.operations.invoice_files import known_invoice, make_link
    from stakactl.output.reports.invoice_files import link_view

    invoice = known_invoice(call.container, number)
    configured = call.container.settings.s3_signed_url_ttl
    return link_view(make_link(call.container, invoice, seconds=ttl, configured=configured))


@command(
    app,
    name="upload",
    example=["stakactl invoices upload --dry-run", "stakactl invoices upload --yes"],
)
def upload(
    call: Call,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what waits; store nothing.")
    ] = False,
    yes: YesOption = False,
    workers: WorkersOption = None,
) -> View:
    """Store the PDFs that wait in the home because the store failed, and queue their mails."""
    from stakactl.operations.upload import plan_upload, upload_pdfs
    from stakactl.output.reports.invoice_files import upload_view

    plan = plan_upload(call.container)
    if dry_run:
        return upload_view(plan, dry_run=dry_run)
    count = len(plan.items)
    if count:  # else there may still be something of a killed run to tidy away
        call.confirm(f"Store {count} PDF{'s' if count > 1 else ''} and queue the mails?", yes)
    return upload_view(upload_pdfs(call.container, workers))
