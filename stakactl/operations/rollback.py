"""Hold everything when a deployment goes wrong: endpoints off, maintenance on, a backup.

A step that fails is told and does not stop the rest: at two in the morning, with a full disk or
without Stripe, whatever can be held should be. Typed again it makes what is missing.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.maintenance import Maintenance
from stakactl.domain.notices import LATELY
from stakactl.domain.rollback import WAY_OUT, Rollback, Step, StepRecord, StepState, planned
from stakactl.domain.runs import Outcome
from stakactl.domain.webhooks.endpoints import WebhookEndpoint, host_of
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.errors import ConfigurationError, DatabaseError, MailError, NotFound, Refused
from stakactl.operations.backup import create_backup
from stakactl.operations.maintenance import copy_flag
from stakactl.operations.notices import audience, queue_notices, send_notices
from stakactl.operations.ports.rollback import RollbackPorts
from stakactl.operations.rollback_steps import Making, making
from stakactl.operations.runs import recorded_run

COMMAND = "rollback run"


@dataclass(frozen=True, slots=True)
class RollbackRequest:
    """`host` is the application's: only endpoints whose URL has exactly this host are ours.
    `steps` are those of the way out that are wanted; customers who were here since `notify_since`
    are told, where the notice is one of them."""

    host: str
    reason: str
    started_by: str
    steps: tuple[Step, ...] = WAY_OUT
    notify_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """`rollback` is None where there never was one; `run_id` is None for a plan or a look."""

    rollback: Rollback | None
    outcome: Outcome
    run_id: str | None = None


def rollback_status(ports: RollbackPorts) -> RollbackReport:
    """The rollback that holds everything, else the last one."""
    return RollbackReport(ports.rollbacks.current() or ports.rollbacks.last(), Outcome.OK)


def plan_rollback(ports: RollbackPorts, request: RollbackRequest) -> RollbackReport:
    """What would be done, with the endpoints that would be disabled. Changes nothing."""
    current = ports.rollbacks.current()
    rollback = _with_notice(current, request) if current else _new(ports, request, "")
    steps = tuple(_foreseen(ports, request, each) for each in rollback.steps)
    return RollbackReport(replace(rollback, steps=steps), Outcome.OK)


def _foreseen(ports: RollbackPorts, request: RollbackRequest, record: StepRecord) -> StepRecord:
    if record.state is not StepState.PLANNED:
        return record
    if record.step is Step.NOTICE and request.notify_since is not None:
        count = len(audience(ports, request.notify_since))
        return replace(record, note=f"{count} customers would be told")
    if record.step is not Step.DISABLE_ENDPOINTS:
        return record
    ids = tuple(each.id for each in _enabled(ports, request.host))
    return replace(record, ids=ids, note=_disabled(ids, request.host))


def run_rollback(ports: RollbackPorts, request: RollbackRequest) -> RollbackReport:
    """Begin a rollback, or finish the way out of the one that is under way."""
    _refuse_half_back(ports.rollbacks.current())
    with recorded_run(ports, COMMAND, locked=True, in_maintenance=True) as run:
        rollback = ports.rollbacks.current()
        if rollback is None:
            rollback = _new(ports, request, run.run_id)
            ports.rollbacks.begin(rollback)
        rollback = _with_notice(rollback, request)
        for step in rollback.open_steps:
            with making(ports, rollback, step) as made:
                _WAY_OUT[step](ports, made, request)
            rollback = rollback.with_record(made.record)
        outcome = Outcome.PARTIAL if rollback.open_steps else Outcome.OK
        run.ended(outcome, rollback=rollback.rollback_id)
    return RollbackReport(rollback, outcome, run.run_id)


def _with_notice(rollback: Rollback, request: RollbackRequest) -> Rollback:
    """The notice may be asked for later, while everything is held."""
    if Step.NOTICE not in request.steps or rollback.record(Step.NOTICE) is not None:
        return rollback
    return rollback.with_record(StepRecord(Step.NOTICE))


def _new(ports: RollbackPorts, request: RollbackRequest, run_id: str) -> Rollback:
    now = ports.clock.now()
    steps = planned(request.steps)
    return Rollback(run_id, request.reason, request.started_by, now, None, steps)


def _refuse_half_back(rollback: Rollback | None) -> None:
    if rollback is not None and rollback.is_on_its_way_back:
        raise Refused(
            f"the rollback {rollback.rollback_id} is on its way back already",
            hint="stakactl rollback resume finishes it",
        )


def _disable_endpoints(ports: RollbackPorts, made: Making, request: RollbackRequest) -> None:
    """Those that are enabled now are remembered before the first is disabled: only they are
    enabled again."""
    if not made.record.ids:
        made.remember(each.id for each in _enabled(ports, request.host))
    for endpoint_id in made.record.ids:
        with suppress(NotFound):  # somebody deleted it: nothing is delivered there any more
            ports.webhook_endpoints.update(endpoint_id, EndpointUpdate(enabled=False))
    made.note = _disabled(made.record.ids, request.host)


def _enabled(ports: RollbackPorts, host: str) -> list[WebhookEndpoint]:
    endpoints = ports.webhook_endpoints.list()
    return [each for each in endpoints if each.is_enabled and host_of(each.url) == host]


def _disabled(ids: tuple[str, ...], host: str) -> str:
    return ", ".join(ids) or f"no endpoint at {host} is enabled"


def _maintenance_on(ports: RollbackPorts, made: Making, request: RollbackRequest) -> None:
    """Over a flag that a person raised: without an end, until the way back takes it down."""
    seen, now = ports.maintenance.last(), ports.clock.now()
    if seen is None or seen.owner != made.rollback_id:
        flag = Maintenance(
            request.reason,
            request.started_by,
            now,
            None,
            made.rollback_id,
            # those who were told of a maintenance that goes over into this one are told of its end
            seen.notice_id if seen and seen.stands(now) and seen.notice_id else made.rollback_id,
        )
        if not ports.maintenance.swap(seen, flag):
            raise DatabaseError("the maintenance flag was changed meanwhile", hint="type it again")
    else:
        flag = seen
    made.note = copy_flag(ports, flag) or ""


def _backup(ports: RollbackPorts, made: Making, request: RollbackRequest) -> None:
    made.note = create_backup(ports).backup.name


def _notice(ports: RollbackPorts, made: Making, request: RollbackRequest) -> None:
    """Under the flag of this rollback, so that its end tells the same people."""
    flag = ports.maintenance.last()
    if flag is None or flag.owner != made.rollback_id or flag.notice_id is None:
        raise MailError("nobody is told of a maintenance that is not on", hint="type it again")
    since = request.notify_since or ports.clock.now() - LATELY
    try:
        queue_notices(ports, flag.notice_id, audience(ports, since), flag.since, None)
    except (Refused, ConfigurationError) as error:
        raise MailError(error.message, hint=error.hint) from error
    mail = send_notices(ports, MailKind.MAINTENANCE, made.rollback_id)
    sent = mail.count(MailStatus.SENT)
    made.note = f"{sent} customers told" + (f"; {mail.stopped}" if mail.stopped else "")
    if mail.stopped:
        raise MailError(made.note)


_WAY_OUT: Mapping[Step, Callable[[RollbackPorts, Making, RollbackRequest], None]] = {
    Step.DISABLE_ENDPOINTS: _disable_endpoints,
    Step.MAINTENANCE_ON: _maintenance_on,
    Step.BACKUP: _backup,
    Step.NOTICE: _notice,
}
