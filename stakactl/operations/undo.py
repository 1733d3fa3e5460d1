"""Take back the changes of a run, newest first, where they still stand.

Plan → show → apply, as everything that changes something: the plan only reads; applying judges
each change once more right before it is written, and writes nothing that was not shown.
"""

from dataclasses import dataclass, replace

from stakactl.domain.changes import Change, ChangeTarget, FieldValue, RecordedChange
from stakactl.domain.fixes import recorded_fields
from stakactl.domain.runs import Outcome, Run
from stakactl.domain.trail import Trail
from stakactl.domain.undo import Standing, UndoState, UndoStep, is_undoable_record, plan_undo
from stakactl.errors import NotFound, Refused
from stakactl.operations.fixes.application import (
    live_columns,
    lives_in_application,
    obstacle_to,
    write_to_application,
)
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync_orders import refresh_order

COMMAND = "undo"


@dataclass(frozen=True, slots=True)
class UndoReport:
    """`undone` is the run whose changes are (to be) taken back; `run_id` the run that did so,
    None for a plan or where there was nothing to do."""

    undone: Run
    steps: tuple[UndoStep, ...]
    outcome: Outcome
    run_id: str | None = None

    def count(self, state: UndoState) -> int:
        return sum(step.state is state for step in self.steps)


def plan_of_undo(ports: Ports, run_id: str) -> UndoReport:
    """What an undo of the run would do now. Changes nothing."""
    run = _run_to_undo(ports, run_id)
    steps: list[UndoStep] = []
    planned: dict[str, dict[str, FieldValue]] = {}
    recorded = ports.changes.find(run_id, limit=None)
    with ports.progress.stage("Looking at what stands", len(recorded)) as stage:
        for change in recorded:
            stage.advance()
            order_id = change.change.target_id
            standing = _standing(ports, change, planned.get(order_id, {}))
            if not is_undoable_record(change, standing.trail.changes):
                continue
            step = _possible(ports, plan_undo(change, standing))
            steps.append(step)
            if step.inverse is not None:
                planned.setdefault(order_id, {}).update(step.inverse.after)
    return UndoReport(run, tuple(steps), _outcome(steps))


def undo(ports: Ports, plan: UndoReport) -> UndoReport:
    """Take back what is planned, as a locked run of its own."""
    with recorded_run(ports, COMMAND, locked=True) as run:
        steps: list[UndoStep] = []
        with ports.progress.stage("Taking back", len(plan.steps)) as stage:
            for step in plan.steps:
                stage.advance()
                planned = step.state is UndoState.PLANNED
                steps.append(_take_back(ports, step, run.run_id) if planned else step)
        report = UndoReport(plan.undone, tuple(steps), _outcome(steps), run.run_id)
        run.ended(
            report.outcome,
            undoes=plan.undone.run_id,
            taken_back=report.count(UndoState.DONE),
            refused=report.count(UndoState.REFUSED),
        )
    return report


def _run_to_undo(ports: Ports, run_id: str) -> Run:
    run = ports.runs.get(run_id)
    if run is None:
        raise NotFound(f"no run {run_id!r}", hint="stakactl runs list shows them")
    if run.command == COMMAND:
        raise Refused(
            f"run {run_id} is an undo itself: doing its changes again would not ask Stripe",
            hint="stakactl reconcile --fix repairs anew what still is to be repaired",
        )
    return run


def _standing(ports: Ports, recorded: RecordedChange, planned: dict[str, FieldValue]) -> Standing:
    """How the change stands; `planned` are fields as the steps before it will have left them."""
    if recorded.change.target is not ChangeTarget.ORDER:
        return Standing(None, Trail())
    order_id = recorded.change.target_id
    refresh_order(ports, order_id)
    order = ports.orders.get(order_id)
    trail = ports.trail.dependants(order_id)
    if order is None:
        return Standing(None, trail)
    live = live_columns(ports, recorded.change)
    return Standing({**recorded_fields(order), **live, **planned}, trail)


def _take_back(ports: Ports, step: UndoStep, run_id: str) -> UndoStep:
    """One planned step, judged again and written."""
    recorded = step.recorded
    again = _possible(ports, plan_undo(recorded, _standing(ports, recorded, {})))
    if again.state is not UndoState.PLANNED or again.inverse is None:
        return again
    if again.inverse != step.inverse:
        return replace(step, state=UndoState.REFUSED, reason="the order changed since it was shown")
    reason = _write(ports, again.inverse, run_id, recorded.change_id)
    if reason is not None:
        return replace(step, state=UndoState.REFUSED, reason=reason)
    return replace(again, state=UndoState.DONE)


def _possible(ports: Ports, step: UndoStep) -> UndoStep:
    """Refused where the order lives in an application that we may not change so."""
    if step.state is not UndoState.PLANNED or step.inverse is None:
        return step
    reason = obstacle_to(ports, step.inverse)
    # An application's columns belong together: the old value of one beside the new one of
    # another is a state that it never had.
    moved = [n for n in step.recorded.change.effect if "." in n and n not in step.inverse.before]
    if moved:
        reason = f"the application changed {', '.join(moved)} since"
    return step if reason is None else replace(step, state=UndoState.REFUSED, reason=reason)


def _write(ports: Ports, inverse: Change, run_id: str, undoes: int) -> str | None:
    """Why it could not be written, None when it was."""
    if lives_in_application(ports, inverse):
        written = write_to_application(ports, inverse, run_id, undoes=undoes) is not None
    else:
        written = ports.orders.apply(inverse, run_id, ports.clock.now(), undoes=undoes)
    return None if written else "the order changed in this very moment"


def _outcome(steps: list[UndoStep]) -> Outcome:
    """Refused where nothing at all could be taken back, partial where something could not."""
    states = {step.state for step in steps}
    if UndoState.REFUSED not in states:
        return Outcome.OK
    possible = {UndoState.DONE, UndoState.PLANNED, UndoState.TAKEN_BACK}
    return Outcome.PARTIAL if states & possible else Outcome.REFUSED
