"""The report of `undo`: each change of the run and what became of it."""

import re

from stakactl.domain.undo import UndoState, UndoStep
from stakactl.operations.undo import UndoReport
from stakactl.output.view import STATES, Column, Item, Kind, View

_COLUMNS = (
    Column("target_id", "of", min_width=10),
    Column("discrepancy", "repair of", min_width=14, priority=1),
    Column("state", "state", style={**STATES, "kept": "dim", "taken back": "dim"}),
    Column("what", "what is taken back, or why not", min_width=28, max_width=60),
    Column("change", "change", priority=None),
    Column("reason", "reason", priority=None),
    Column("recorded_at", "made", Kind.DATE, priority=None),
    Column("target", "target", priority=None),
    Column("change_id", "id", Kind.NUMBER, priority=None),
    Column("before", "before", priority=None),
    Column("after", "after", priority=None),
)
#: Ids of 20 characters and more; their whole is in -o json.
_LONG = re.compile(r"[A-Za-z0-9_]{20,}")
_AGAIN = (
    "What still differs from Stripe is repaired again by the next reconcile --fix or nightly run: "
    "correct the cause first."
)


def undo_view(report: UndoReport, *, dry_run: bool = False) -> View:
    run = report.undone
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "undone_run": run.run_id,
            "command": run.command,
            "changes": len(report.steps),
            **{
                name: report.count(state)
                for name, state in (
                    ("planned", UndoState.PLANNED),
                    ("taken_back", UndoState.DONE),
                    ("taken_back_before", UndoState.TAKEN_BACK),
                    ("refused", UndoState.REFUSED),
                    ("kept", UndoState.KEPT),
                )
            },
            "dry_run": dry_run,
        },
        items=[_item(step) for step in report.steps],
        columns=_COLUMNS,
        title=f"Undo of run {run.run_id}",
        notes=_notes(report),
        empty="The run changed nothing, so there is nothing to take back.",
    )


def _item(step: UndoStep) -> Item:
    recorded, change = step.recorded, step.recorded.change
    written = step.inverse or change.inverse()
    return {
        "change_id": recorded.change_id,
        "recorded_at": recorded.recorded_at,
        "target": change.target,
        "target_id": change.target_id,
        "finding_id": change.finding_id,
        "discrepancy": change.reason,
        "state": step.state,
        "what": _what(step),
        "change": written.summary,
        "before": dict(written.before),
        "after": dict(written.after),
        "reason": step.reason,
    }


def _what(step: UndoStep) -> str:
    """For people: the effect where there is one, with long ids shortened, and the reason."""
    if step.inverse is None:
        return step.reason or ""
    effect = _LONG.sub(lambda found: f"{found[0][:12]}…{found[0][-4:]}", step.inverse.summary)
    return f"{effect} ({step.reason})" if step.reason else effect


def _notes(report: UndoReport) -> tuple[str, ...]:
    if report.count(UndoState.PLANNED):
        return (f"stakactl undo {report.undone.run_id} takes them back; nothing was changed yet",)
    if report.count(UndoState.DONE):
        return (_AGAIN,)
    if report.count(UndoState.TAKEN_BACK):
        return ("Nothing was changed: all of it that can be taken back was so before.",)
    return ("Nothing was changed.",) if report.steps else ()
