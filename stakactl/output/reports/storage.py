"""Reports of the `storage` commands."""

from dataclasses import replace
from typing import TYPE_CHECKING

from stakactl.output.reports.checks import checks_view
from stakactl.output.view import STATES, ByteCount, Cell, Column, Item, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.storage.archive import ArchivePlan, ArchiveReport, NotMoved
    from stakactl.operations.storage.check import StorageHealth
    from stakactl.operations.storage.stats import StorageStats

_CUSTOMERS = (
    Column("customer_id", "customer", min_width=12),
    Column("name", "name", min_width=10, max_width=30, priority=1),
    Column("pdfs", "PDFs", Kind.NUMBER),
    Column("bytes", "size", Kind.NUMBER),
)
_NOT_MOVED = (
    Column("number", "number", min_width=16),
    Column("state", "state", style=STATES),
    Column("reason", "reason", priority=1, min_width=12),
    Column("hint", "hint", priority=None),
)
_STATS_LABELS = {
    "store": "where",
    "bytes": "size",
    "invoices": "PDFs of invoices",
    "bytes_of_invoices": "their size",
    "unrecorded": "belong to no invoice",
    "foreign": "not ours",
    "waiting": "wait in the home",
    "largest_bytes": "its size",
    "oldest_issued_at": "issued",
    "objects_by_class": "PDFs by class",
    "bytes_by_class": "size by class",
}


def health_view(health: "StorageHealth") -> View:
    view = checks_view(health.results, "Storage", all_known=False)
    summary: dict[str, Cell] = {"store": health.location, "waiting": health.waiting}
    return replace(view, summary={**summary, **view.summary}, labels={"store": "where"})


def stats_view(stats: "StorageStats") -> View:
    classes = dict(stats.by_class) if stats.has_classes else {}
    return View(
        summary={
            "store": stats.location,
            "objects": stats.everything.count,
            "bytes": ByteCount(stats.everything.size),
            "invoices": stats.ours.count,
            "bytes_of_invoices": ByteCount(stats.ours.size),
            "missing": stats.missing,
            "unrecorded": stats.unrecorded.count,
            "foreign": stats.foreign.count,
            "waiting": stats.waiting,
            "customers": stats.customers,
            "largest": stats.largest.number if stats.largest else None,
            "largest_bytes": ByteCount(stats.largest.size) if stats.largest else None,
            "oldest": stats.oldest.number if stats.oldest else None,
            "oldest_issued_at": stats.oldest.issued_at if stats.oldest else None,
            "objects_by_class": {name: share.count for name, share in classes.items()},
            "bytes_by_class": {name: ByteCount(share.size) for name, share in classes.items()},
        },
        labels=_STATS_LABELS,
        items=[
            {
                "customer_id": one.customer_id,
                "name": one.name,
                "pdfs": one.share.count,
                "bytes": ByteCount(one.share.size),
            }
            for one in stats.largest_customers
        ],
        columns=_CUSTOMERS,
        title="Stored PDFs",
        notes=_stats_notes(stats),
        empty="No PDF is stored yet.",
    )


def _stats_notes(stats: "StorageStats") -> tuple[str, ...]:
    notes = []
    if stats.missing or stats.unrecorded.count:
        notes.append("stakactl invoices verify names what is missing or belongs to no invoice")
    if stats.waiting:
        notes.append("stakactl invoices upload stores the PDFs that wait")
    return tuple(notes)


def plan_view(plan: "ArchivePlan", *, dry_run: bool) -> View:
    """The same summary as the report's: what only the other one knows is None."""
    return View(
        summary={
            "storage_class": plan.request.storage_class,
            "issued_before": plan.request.before,
            "planned": plan.moving.count,
            "planned_bytes": ByteCount(plan.moving.size),
            "moved": None,
            "moved_bytes": None,
            "stays": plan.staying.count,
            "failed": None,
            "left": None,
            "dry_run": dry_run,
        },
        labels=_ARCHIVE_LABELS,
        columns=_NOT_MOVED,
        title="PDFs that would be moved",
        sections=_cautions(plan),
        empty="" if plan.moving.count else "No PDF is old enough and in a warmer class.",
    )


_ARCHIVE_LABELS = {
    "planned": "would be moved",
    "planned_bytes": "their size",
    "moved_bytes": "their size",
    "stays": "stay where they are",
}


def _cautions(plan: "ArchivePlan") -> tuple[Section, ...]:
    if not plan.moving.count:
        return ()
    wanted = plan.request.storage_class
    lines = [
        f"{wanted} bills each object for {wanted.least_days} days at least, and each reading.",
        "A bucket that keeps versions keeps the former ones in their class, and bills them: "
        "a lifecycle rule for noncurrent versions ends that.",
    ]
    if plan.small:
        lines.insert(
            0,
            f"{plan.small} of them are below 128 KB, and {wanted} bills 128 KB for each: compare "
            "what that costs with where they are.",
        )
    return (Section("Before you do", tuple(lines)),)


def archive_view(report: "ArchiveReport") -> View:
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "storage_class": report.request.storage_class,
            "issued_before": report.request.before,
            "planned": None,
            "planned_bytes": None,
            "moved": report.moved.count,
            "moved_bytes": ByteCount(report.moved.size),
            "stays": None,
            "failed": len(report.failed),
            "left": report.left,
            "dry_run": False,
        },
        labels=_ARCHIVE_LABELS,
        items=[_not_moved(item) for item in report.failed],
        columns=_NOT_MOVED,
        title="Moved PDFs",
        notes=("run it again: what was moved is not moved again",) if report.failed else (),
    )


def _not_moved(item: "NotMoved") -> Item:
    return {
        "number": item.number,
        "state": "failed",
        "reason": item.problem.message,
        "hint": item.problem.hint,
    }
