"""Bring everything back after a rollback, without losing an event.

Stripe never sends again what happened while an endpoint was disabled, so the events of that time
are fetched and taken the same way as any other. A step that fails stops the way back: nothing is
let loose before what comes first is in order. Typed again it goes on there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.rollback import Rollback, Step, StepRecord, StepState, way_back
from stakactl.domain.runs import Outcome
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.domain.webhooks.replays import Replayed, ReplayState
from stakactl.errors import NotFound, Refused, ServiceError
from stakactl.operations.maintenance import copy_flag
from stakactl.operations.notices import queue_ends, send_notices
from stakactl.operations.ports import EventQuery, EventReceiver
from stakactl.operations.ports.rollback import RollbackPorts
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.replay import plan_of_window, replay, send_event
from stakactl.operations.rollback import RollbackReport
from stakactl.operations.rollback_steps import Making, making
from stakactl.operations.runs import recorded_run
from stakactl.operations.scope import Scope

COMMAND = "rollback resume"
#: Clocks differ, and what Stripe sends takes a while: an event too many changes nothing.
MARGIN = timedelta(minutes=5)


@dataclass(slots=True)
class _Back:
    """What the steps share. With `receiver` the application gets the events themselves; `outcome`
    is that of the reconciliation."""

    ports: RollbackPorts
    rollback: Rollback
    receiver: EventReceiver | None
    outcome: Outcome = Outcome.OK


def plan_resume(ports: RollbackPorts) -> RollbackReport:
    """What is left to be brought back. Changes nothing."""
    rollback = _held(ports)
    for step in way_back(rollback):
        rollback = rollback.with_record(rollback.record(step) or StepRecord(step))
    return RollbackReport(rollback, Outcome.OK)


def resume_rollback(ports: RollbackPorts, receiver: EventReceiver | None = None) -> RollbackReport:
    """Raises Refused where nothing is held back."""
    _held(ports)
    with recorded_run(ports, COMMAND, locked=True, in_maintenance=True) as run:
        back = _Back(ports, _held(ports), receiver)
        is_back = _go_back(back)
        if is_back:
            back.rollback = replace(back.rollback, ended_at=ports.clock.now())
            ports.rollbacks.end(back.rollback)
        outcome = back.outcome if is_back else Outcome.PARTIAL
        run.ended(outcome, rollback=back.rollback.rollback_id)
    return RollbackReport(back.rollback, outcome, run.run_id)


def _go_back(back: _Back) -> bool:
    """Step by step; False where one failed."""
    for step in way_back(back.rollback):
        with making(back.ports, back.rollback, step) as made:
            _WAY_BACK[step](back, made)
        back.rollback = back.rollback.with_record(made.record)
        if made.record.state is StepState.FAILED:
            return False
    return True


def _held(ports: RollbackPorts) -> Rollback:
    rollback = ports.rollbacks.current()
    if rollback is None:
        raise Refused("no rollback holds anything back", hint="stakactl rollback status")
    return rollback


def _enable_endpoints(back: _Back, made: Making) -> None:
    """Only those that the rollback disabled; one that was deleted since cannot come back."""
    disabled = back.rollback.record(Step.DISABLE_ENDPOINTS)
    enabled, gone = [], []
    for endpoint_id in disabled.ids if disabled else ():
        try:
            back.ports.webhook_endpoints.update(endpoint_id, EndpointUpdate(enabled=True))
        except NotFound:
            gone.append(f"{endpoint_id} was deleted meanwhile")
        else:
            enabled.append(endpoint_id)
    made.note = ", ".join([*enabled, *gone])


def _events(back: _Back, made: Making) -> None:
    began = back.rollback.gap_began
    assert began is not None  # noqa: S101 - without a gap the step is left out
    plan = plan_of_window(back.ports, EventQuery(since=began - MARGIN))
    if back.receiver is None:
        steps: Sequence[Replayed] = replay(back.ports, plan).steps
        failed = [step for step in steps if step.state is not ReplayState.DONE]
        if failed:
            raise ServiceError(f"{len(failed)} of {len(steps)} events: {failed[0].reason}")
    else:
        _send(back.ports, plan.steps, back.receiver, made)
    cut = ", the first of them too old: Stripe keeps 30 days" if plan.is_cut else ""
    made.note = f"{len(plan.steps)} events{cut}"


def _send(
    ports: RollbackPorts, steps: Sequence[Replayed], receiver: EventReceiver, made: Making
) -> None:
    """Oldest first, each noted when it arrived: a rerun goes on behind the last one."""
    known = [step.event_id for step in steps]
    last = made.record.ids[-1:]
    begin = known.index(last[0]) + 1 if last and last[0] in known else 0
    with ports.progress.stage("Sending", len(steps) - begin) as stage:
        for step in steps[begin:]:
            sent = send_event(ports, step, receiver)
            if sent.state is ReplayState.FAILED:
                raise ServiceError(f"{step.event_id} was not taken: {sent.reason}")
            made.keep(replace(made.record, ids=(step.event_id,)))
            stage.advance()


def _maintenance_off(back: _Back, made: Making) -> None:
    """Not a flag that somebody else has raised since. Who was told of it is told that it is over:
    queued before the flag is gone, because only it knows whom."""
    ports, told = back.ports, 0
    flag = ports.maintenance.last()
    if flag is not None and flag.owner == back.rollback.rollback_id:
        told = queue_ends(ports, flag.notice_id) if flag.notice_id else 0
        ports.maintenance.swap(flag, None)
        flag = None
    notes = [copy_flag(ports, flag) or ""]
    if told or ports.outbox.waiting(ports.clock.now(), MailKind.MAINTENANCE_END):
        mail = send_notices(ports, MailKind.MAINTENANCE_END, back.rollback.rollback_id)
        notes.append(f"{mail.count(MailStatus.SENT)} customers told that it is over")
    made.note = "; ".join(filter(None, notes))


def _reconcile(back: _Back, made: Making) -> None:
    report = reconcile(back.ports, ReconcileRequest(Scope(since=back.rollback.gap_began)))
    back.outcome = report.outcome
    if report.unread:
        made.note = f"not all was read: {report.unread[0]}"
    elif report.findings:
        made.note = f"{len(report.findings)} findings: stakactl reconcile shows them"


_WAY_BACK: Mapping[Step, Callable[[_Back, Making], None]] = {
    Step.ENABLE_ENDPOINTS: _enable_endpoints,
    Step.EVENTS: _events,
    Step.MAINTENANCE_OFF: _maintenance_off,
    Step.RECONCILE: _reconcile,
}
