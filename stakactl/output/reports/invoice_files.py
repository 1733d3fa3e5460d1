"""Reports of `invoices pdf`, `link` and `upload`."""

from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.domain.documents import checksum
from stakactl.domain.invoicing import Invoice
from stakactl.output.view import STATES, Column, Item, View

if TYPE_CHECKING:
    from stakactl.operations.invoice_files import InvoiceLink
    from stakactl.operations.upload import Uploaded, UploadReport

_UPLOADED = (
    Column("number", "number", min_width=16),
    Column("order_id", "order", min_width=10),
    Column("state", "state", style=STATES),
    Column("reason", "reason", priority=1, min_width=12),
    Column("hint", "hint", priority=None),
    Column("reference", "reference", priority=None),
)


def pdf_view(invoice: Invoice, path: Path, content: bytes) -> View:
    return View(
        summary={
            "number": invoice.number,
            "file": str(path),
            "bytes": len(content),
            "sha256": checksum(content),
        },
        labels={"sha256": "SHA-256"},
    )


def link_view(made: "InvoiceLink") -> View:
    notes = (
        (
            f"S3_SIGNED_URL_TTL is {made.shortened_from} s, but S3 signs for {made.link.seconds} s "
            "(7 days) at most",
        )
        if made.shortened_from
        else ()
    )
    return View(
        summary={
            "number": made.invoice.number,
            "link": made.link.url,
            "seconds": made.link.seconds,
        },
        notes=notes,
    )


def upload_view(report: "UploadReport", *, dry_run: bool = False) -> View:
    planned = report.run_id is None
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "planned": len(report.items) if planned else 0,
            "stored": 0 if planned else len(report.items) - report.failed,
            "failed": report.failed,
            "left": report.left,
            "dry_run": dry_run,
        },
        items=[_item(item, planned=planned) for item in report.items],
        columns=_UPLOADED,
        title="PDFs",
        notes=("run it again when the store answers",) if report.failed else (),
        empty="Every PDF is stored.",
    )


def _item(item: "Uploaded", *, planned: bool) -> Item:
    problem = item.problem
    return {
        "number": item.invoice.number,
        "order_id": item.invoice.order_id or None,
        "reference": item.invoice.reference or None,
        "state": "planned" if planned else "failed" if problem else "stored",
        "reason": problem.message if problem else None,
        "hint": problem.hint if problem else None,
    }
