"""Reports of a restore and of what lets a restored store go on."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stakactl.domain.restores import FoundState
from stakactl.output.reports.backup import manifest_summary
from stakactl.output.view import Cell, Column, Item, Kind, View

if TYPE_CHECKING:
    from stakactl.domain.restores import Found
    from stakactl.operations.backup import RestoreReport
    from stakactl.operations.thaw import ThawReport

_STATES: Mapping[str, str] = {
    "taken back": "green",
    "fits": "green",
    "held": "yellow",
    "open": "red",
    "number twice": "red",
    "no PDF": "yellow",
}
_COLUMNS = (
    Column("number", "number", min_width=16, max_width=26),
    Column("issued_on", "issued", Kind.DATE),
    Column("subject", "for", min_width=10, max_width=24),
    Column("total", "total", Kind.MONEY, priority=1),
    Column("state", "state", style=_STATES, min_width=12),
    Column("key", "PDF", priority=None),
)


def restored_view(report: "RestoreReport", thawed: "ThawReport") -> View:
    view = thaw_view(thawed)
    return View(
        outcome=view.outcome,
        run_id=view.run_id,
        title="Restored",
        summary=manifest_summary(report.manifest) | {"dry_run": False} | dict(view.summary),
        items=view.items,
        columns=view.columns,
        notes=view.notes or ("stakactl sync reads what happened in Stripe since then",),
    )


def thaw_view(report: "ThawReport", *, dry_run: bool = False) -> View:
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        title="After the restore",
        summary={
            "issuing": "frozen" if report.frozen else "open",
            "compared": report.compared,
            "taken_back": report.count(FoundState.TAKEN_BACK),
            "fits": report.count(FoundState.FITS),
            "held": report.count(FoundState.HELD),
            "open": report.count(FoundState.OPEN) + len(report.missing) * report.frozen,
            "moved": ", ".join((report.moved or {}).values()) or None,
            "mails_unknown": report.mails_unknown,
            "problem": report.problem,
        },
        items=[*map(_item, report.found), *map(_missing, report.missing)],
        columns=_COLUMNS,
        empty=_empty(report),
        notes=_notes(report, dry_run=dry_run),
    )


def _empty(report: "ThawReport") -> str:
    if report.problem is not None:
        return ""
    if report.restore is None:
        return "Nothing is frozen, and nothing is held."
    return "No invoice was issued after the backup."


def _item(found: "Found") -> Item:
    facts = found.facts
    return {
        "number": found.number,
        "issued_on": facts.issued_on if facts else None,
        "subject": found.subject or None,
        "total": facts.total if facts else None,
        "state": str(found.state),
        "key": found.object_key or None,
    }


def _missing(number: str) -> Item:
    nothing: dict[str, Cell] = dict.fromkeys(("issued_on", "subject", "total", "key"))
    return {"number": number} | nothing | {"state": "no PDF"}


def _notes(report: "ThawReport", *, dry_run: bool) -> tuple[str, ...]:
    notes = []
    if report.problem is not None:
        notes.append(f"Nothing is issued until this is compared: {report.hint}")
    elif report.frozen and dry_run:
        notes.append("stakactl backup thaw takes back what fits the orders that are known")
    elif report.frozen:
        notes.append("First make their orders known: stakactl sync, stakactl orders import FILE")
        notes.append("Then: stakactl backup thaw")
        notes.append("What still does not fit: stakactl backup thaw --advance goes on above it")
    if report.count(FoundState.HELD):
        notes.append(
            "Orders of held numbers get no second invoice; typed later, stakactl backup thaw "
            "tries them again"
        )
    if report.count(FoundState.AGAIN):
        notes.append("A number on two invoices: find out which of them the customer holds")
    if report.mails_unknown:
        notes.append(
            "Whether mails that waited have left is not known: stakactl mail list --status unknown"
        )
    return tuple(notes)
