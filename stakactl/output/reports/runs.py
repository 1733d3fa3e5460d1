"""Reports of `runs`, `changes` and `sync`: what was done, when, by which run."""

from typing import TYPE_CHECKING

from stakactl.domain.changes import ChangeTarget, RecordedChange
from stakactl.domain.runs import Outcome, Run
from stakactl.output.text import with_short_ids
from stakactl.output.view import STATES, Column, Item, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.sync import SyncReport

_RUNS = (
    Column("run_id", "run", min_width=24),
    Column("command", "command", min_width=10),
    Column("outcome", "outcome", style=STATES),
    Column("started_at", "started", Kind.DATE, priority=1),
    Column("finished_at", "finished", Kind.DATE, priority=2),
)
_CHANGES = (
    Column("recorded_at", "when", Kind.DATE, priority=1),
    Column("target_id", "of", min_width=10),
    Column("change", "change", min_width=30, max_width=46),
    Column("reason", "reason", min_width=14, priority=2),
    Column("before", "before", priority=None),
    Column("after", "after", priority=None),
    Column("run_id", "run", priority=None),
    Column("target", "target", priority=None),
    Column("state", "state", priority=None),
    Column("change_id", "id", Kind.NUMBER, priority=None),
    Column("undoes", "undoes", Kind.NUMBER, priority=None),
)


def runs_view(runs: list[Run]) -> View:
    return View(
        summary={"shown": len(runs)},
        items=[_run_item(run) for run in runs],
        columns=_RUNS,
        title="Runs",
        empty="Nothing was run yet.",
        notes=("stakactl runs show RUN_ID says what one did, stakactl undo RUN_ID takes it back",)
        if runs
        else (),
    )


def _run_item(run: Run) -> Item:
    return {
        "run_id": run.run_id,
        "command": run.command,
        "outcome": run.outcome or "interrupted",
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "summary": dict(run.summary),
    }


def run_view(run: Run, changes: list[RecordedChange]) -> View:
    """One run; the items are the changes it made."""
    summary = dict(_run_item(run))
    figures = dict(run.summary)
    stages = _stages(str(figures.pop("stages", "")))
    del summary["summary"]
    return View(
        run_id=run.run_id,
        summary={**summary, "figures": figures, "stages": stages},
        items=[_change_item(change) for change in changes],
        columns=_CHANGES,
        title=f"Changes of run {run.run_id}",
        empty="It changed no order.",
        sections=(Section("Stages", tuple(map(_stage_line, stages))),) if stages else (),
    )


def _stages(told: str) -> list[dict[str, str]]:
    """What a night noted of its stages; the last one of a killed night is under way."""
    named = (each.partition(": ") for each in told.split("; ") if each)
    parts = ((name, *rest.partition(", ")) for name, _, rest in named)
    return [{"stage": name, "outcome": outcome, "took": took} for name, outcome, _, took in parts]


def _stage_line(stage: dict[str, str]) -> str:
    return f"{stage['stage']:<12} {stage['outcome']:<12} {stage['took']:>9}".rstrip()


def changes_view(changes: list[RecordedChange]) -> View:
    return View(
        summary={"shown": len(changes)},
        items=[_change_item(change) for change in changes],
        columns=_CHANGES,
        title="Changes",
        empty="No order was changed.",
    )


def _change_item(recorded: RecordedChange) -> Item:
    change = recorded.change
    return {
        "change_id": recorded.change_id,
        "run_id": recorded.run_id,
        "recorded_at": recorded.recorded_at,
        "state": recorded.state,
        "order_id": change.target_id if change.target is ChangeTarget.ORDER else None,
        "target": change.target,
        "target_id": change.target_id,
        "finding_id": change.finding_id,
        "reason": change.reason,
        "change": with_short_ids(change.summary),
        "before": dict(change.before),
        "after": dict(change.after),
        "undoes": recorded.undoes,
    }


def sync_view(report: "SyncReport", objects: int) -> View:
    return View(
        outcome=Outcome.OK if report.complete else Outcome.INCOMPLETE,
        summary={
            "until": report.until,
            "refreshed": report.refreshed,
            "followed": report.followed,
            "absent": report.absent,
            "events": report.events,
            "objects_in_mirror": objects,
            "unread": list(report.unread),
        },
        items=[{"kind": kind, "read": count} for kind, count in report.listed.items()],
        columns=(Column("kind", "kind"), Column("read", "read", Kind.NUMBER)),
        title="Read from Stripe",
        notes=()
        if report.complete
        else ("run stakactl sync again: it continues where it stopped",),
    )
