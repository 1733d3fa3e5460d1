"""The report of `invoices export`."""

from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.domain.invoice_export import RateTotal
from stakactl.output.view import Column, Item, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.export import ExportReport, LeftOut

_MOST_TOLD = 10
_COLUMNS = (
    Column("currency", "currency", priority=None),
    Column("vat_rate", "VAT %", Kind.NUMBER),
    Column("documents", "documents", Kind.NUMBER, priority=1),
    Column("net", "HT", Kind.MONEY),
    Column("vat", "TVA", Kind.MONEY),
    Column("total", "TTC", Kind.MONEY),
)


def export_view(report: "ExportReport", zip_path: Path | None, csv_path: Path | None) -> View:
    """The totals by currency and VAT rate; credit notes are taken off."""
    return View(
        outcome=report.outcome,
        summary={
            "since": report.scope.since,
            "until": report.scope.until,
            "invoices": report.invoices,
            "credit_notes": report.credit_notes,
            "pdfs": report.pdfs,
            "left_out": [_left_out(one) for one in report.left_out],
            "zip": str(zip_path) if zip_path else None,
            "csv": str(csv_path) if csv_path else None,
        },
        items=[_item(total) for total in report.totals],
        columns=_COLUMNS,
        title="Exported invoices",
        labels={
            "since": "issued from",
            "until": "issued before",
            "pdfs": "PDFs",
            "zip": "ZIP",
            "csv": "CSV",
        },
        sections=_sections(report.left_out),
        notes=_notes(report, zip_path),
        empty="Nothing was issued in this period.",
    )


def _notes(report: "ExportReport", zip_path: Path | None) -> tuple[str, ...]:
    if report.left_out:
        return ("the table names them without a file; once they are back, export again: --force",)
    if zip_path is not None:
        return ("in the unpacked folder, sha256sum -c SHA256SUMS proves every file",)
    return ()


def _item(total: RateTotal) -> Item:
    return {
        "currency": total.net.currency,
        "vat_rate": "all" if total.rate is None else total.rate,
        "documents": total.count,
        "net": total.net,
        "vat": total.vat,
        "total": total.total,
    }


def _left_out(one: "LeftOut") -> Item:
    return {
        "number": one.invoice.number,
        "reason": one.problem.message,
        "hint": one.problem.hint,
    }


def _sections(left_out: "tuple[LeftOut, ...]") -> tuple[Section, ...]:
    if not left_out:
        return ()
    lines = []
    for one in left_out[:_MOST_TOLD]:
        lines.append(one.problem.message)
        lines += [f"  {one.problem.hint}"] if one.problem.hint else []
    if len(left_out) > _MOST_TOLD:
        lines.append(f"and {len(left_out) - _MOST_TOLD} more: -o json names them all")
    return (Section(f"PDFs that are not in the ZIP: {len(left_out)}", tuple(lines)),)
