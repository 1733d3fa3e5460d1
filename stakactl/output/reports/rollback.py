"""The report of the `rollback` commands: each step, and what to type next."""

from typing import TYPE_CHECKING

from stakactl.domain.rollback import Rollback, StepRecord
from stakactl.output.view import STATES, Column, Item, Kind, View

if TYPE_CHECKING:
    from stakactl.operations.rollback import RollbackReport

_COLUMNS = (
    Column("step", "step", max_width=20),
    Column("state", "state", style={**STATES, "begun": "yellow"}),
    Column("ended_at", "at", Kind.DATE, priority=1),
    Column("note", "", max_width=44),
    Column("ids", "ids", priority=None),
)


def rollback_view(report: "RollbackReport", *, dry_run: bool = False) -> View:
    rollback = report.rollback
    return View(
        run_id=report.run_id,
        outcome=report.outcome,
        title="Rollback (nothing is changed yet)" if dry_run else "Rollback",
        summary={
            "rollback": rollback.rollback_id or None if rollback else None,
            "state": _state(rollback, dry_run=dry_run),
            "reason": rollback.reason if rollback else None,
            "started_by": rollback.started_by if rollback else None,
            "started": rollback.started_at if rollback else None,
            "ended": rollback.ended_at if rollback else None,
            "dry_run": dry_run,
        },
        items=[_item(record) for record in rollback.steps] if rollback else [],
        columns=_COLUMNS,
        empty="There was none.",
        notes=_notes(rollback, dry_run=dry_run),
    )


def _state(rollback: Rollback | None, *, dry_run: bool) -> str:
    if rollback is None:
        return "none"
    if rollback.ended_at is not None:
        return "over"
    if rollback.is_on_its_way_back:
        return "on its way back"
    return "planned" if dry_run and not rollback.rollback_id else "holding"


def _notes(rollback: Rollback | None, *, dry_run: bool) -> tuple[str, ...]:
    if rollback is None or rollback.ended_at is not None or dry_run:
        return ()
    if rollback.is_on_its_way_back:
        return ("stakactl rollback resume goes on with it",)
    if rollback.open_steps:
        return ("stakactl rollback run makes what is missing",)
    return ("stakactl rollback resume brings everything back",)


def _item(record: StepRecord) -> Item:
    return {
        "step": record.step,
        "state": record.state,
        "begun_at": record.begun_at,
        "ended_at": record.ended_at,
        "note": record.note or None,
        "ids": list(record.ids),
    }
