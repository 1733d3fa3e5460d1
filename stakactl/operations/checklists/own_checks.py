"""What an automatic item may look at besides the checks of `config validate`.

A rollback has steps that its way back undoes, so that its record counts as well as what is so now:
who goes through the list after `rollback resume` finds its first items done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.alerts import Level
from stakactl.domain.checklists import (
    BACKUP_AGE,
    OLDEST_BACKUP,
    ROLLBACK_AGE,
    ChecklistRecord,
    ListName,
    OwnCheck,
)
from stakactl.domain.checks import CheckResult, Severity, Verdict, failed, passed, unknown
from stakactl.domain.findings import FindingState
from stakactl.domain.rollback import Rollback, Step, StepState
from stakactl.domain.webhooks.endpoints import WebhookEndpoint, host_of
from stakactl.errors import StakactlError
from stakactl.operations.backup import verify_backups
from stakactl.operations.health import health
from stakactl.operations.ports.checklists import ChecklistPorts
from stakactl.operations.reconcile import ReconcileRequest, reconcile

_SET_URL = "set STRIPE_WEBHOOK_URL, or name the address with --url"


@dataclass(frozen=True, slots=True)
class Looking:
    """What the checks share: `host` is that of our endpoints, `rollback` the one that belongs to
    this record, and `since` when what the record is about began."""

    ports: ChecklistPorts
    host: str | None
    rollback: Rollback | None
    since: datetime

    @classmethod
    def around(cls, ports: ChecklistPorts, record: ChecklistRecord, host: str | None) -> "Looking":
        rollback = ports.rollbacks.current()
        if rollback is None and record.name is ListName.ROLLBACK:
            rollback = _ended_lately(ports.rollbacks.last(), record.started_at - ROLLBACK_AGE)
        since = record.started_at
        if rollback is not None:
            since = min(since, rollback.started_at)
        return cls(ports, host, rollback, since)

    def was_made(self, step: Step) -> str | None:
        """That the rollback made this step and has begun to undo it; None where it did not."""
        if self.rollback is None:
            return None
        record = self.rollback.record(step)
        undone = self.rollback.ended_at is not None or self.rollback.is_on_its_way_back
        if not undone or record is None or record.state is not StepState.DONE:
            return None
        return f"made by the rollback {self.rollback.rollback_id}, taken back since"


def _ended_lately(rollback: Rollback | None, since: datetime) -> Rollback | None:
    if rollback is None or rollback.ended_at is None or rollback.ended_at < since:
        return None
    return rollback


def look(looking: Looking, wanted: Iterable[OwnCheck]) -> list[CheckResult]:
    """One result each; what keeps one from being made leaves it unknown."""
    return [
        CheckResult(check, _TITLES[check], Severity.ERROR, _look(looking, check))
        for check in wanted
    ]


def _look(looking: Looking, check: OwnCheck) -> Verdict:
    try:
        return _LOOKS[check](looking)
    except StakactlError as error:
        return unknown(error.message, error.hint or "")


def _backup_recent(looking: Looking) -> Verdict:
    since = looking.since - BACKUP_AGE
    if looking.rollback is None:
        since = max(since, looking.ports.clock.now() - OLDEST_BACKUP)
    for backup in looking.ports.backups.find():  # newest first
        manifest = backup.manifest
        if manifest is None or manifest.created_at < since:
            continue
        (verified,) = verify_backups(looking.ports, [backup.name]).checked
        if verified.damage is None:
            return passed(f"{backup.name}: {manifest.rows} rows, verified")
        return failed(f"{backup.name}: {verified.damage}", "stakactl backup create")
    return failed(f"there is no backup since {_moment(since)}", "stakactl backup create")


def _maintenance_on(looking: Looking) -> Verdict:
    flag = looking.ports.maintenance.last()
    if flag is not None and flag.stands(looking.ports.clock.now()):
        return passed(f"on since {_moment(flag.since)}, by {flag.raised_by}: {flag.reason}")
    made = looking.was_made(Step.MAINTENANCE_ON)
    return passed(made) if made else failed("it is off", _hold(looking, "maintenance on"))


def _maintenance_off(looking: Looking) -> Verdict:
    flag = looking.ports.maintenance.last()
    if flag is None or not flag.stands(looking.ports.clock.now()):
        return passed("it is off")
    back = "stakactl rollback resume" if flag.owner else "stakactl maintenance off"
    return failed(f"on since {_moment(flag.since)}: {flag.reason}", back)


def _endpoints_disabled(looking: Looking) -> Verdict:
    made = looking.was_made(Step.DISABLE_ENDPOINTS)
    if made:
        return passed(made)
    if looking.host is None:
        return unknown("STRIPE_WEBHOOK_URL is not set: which endpoints are ours?", _SET_URL)
    ours = _ours(looking)
    enabled = [each.id for each in ours if each.is_enabled]
    if enabled:
        hint = _hold(looking, "webhooks disable --ours")
        return failed(f"{', '.join(enabled)} at {looking.host} is enabled", hint)
    ids = ", ".join(each.id for each in ours)
    return passed(f"{ids} at {looking.host}" if ids else f"no endpoint at {looking.host}")


def _endpoints_enabled(looking: Looking) -> Verdict:
    """Those that a rollback had disabled, and at least one at our host."""
    if looking.host is None:
        return unknown("STRIPE_WEBHOOK_URL is not set: which endpoints are ours?", _SET_URL)
    record = looking.rollback.record(Step.DISABLE_ENDPOINTS) if looking.rollback else None
    held = frozenset(record.ids if record else ())
    ours = _ours(looking)
    off = [each.id for each in ours if each.id in held and not each.is_enabled]
    on = [each.id for each in ours if each.is_enabled]
    if on and not off:
        return passed(f"{', '.join(on)} at {looking.host}")
    what = f"{', '.join(off)} is disabled" if off else f"none at {looking.host} is enabled"
    if looking.rollback is not None and looking.rollback.ended_at is None:
        return failed(what, "stakactl rollback resume")
    if not ours:
        return failed(f"there is no endpoint at {looking.host}", "stakactl webhooks register")
    return failed(what, f"stakactl webhooks enable {off[0] if off else '--ours'}")


def _ours(looking: Looking) -> list[WebhookEndpoint]:
    there = looking.ports.webhook_endpoints.list()
    return [each for each in there if host_of(each.url) == looking.host]


def _hold(looking: Looking, alone: str) -> str:
    return f"stakactl rollback run, which does all of it; or stakactl {alone}"


def _health_critical(looking: Looking) -> Verdict:
    report = health(looking.ports)
    bad = [each for each in report.judged if each.level is Level.CRITICAL]
    if bad:
        return failed(
            f"critical: {', '.join(each.rule.rule_id for each in bad)}", bad[0].rule.hint.en
        )
    unread = [each for each in report.judged if each.fact.is_failure]
    if unread:
        return unknown(unread[0].fact.detail.en, "stakactl health")
    return passed(str(report.level))


def _reconcile_breaks(looking: Looking) -> Verdict:
    report = reconcile(looking.ports, ReconcileRequest())
    if report.unread:
        return unknown(f"not all was read: {report.unread[0]}", "stakactl reconcile")
    new = [
        each.subject
        for each in report.findings
        if not each.is_pending
        and each.state is not FindingState.HISTORICAL
        and each.first_seen_at is not None
        and each.first_seen_at >= looking.since
    ]
    known = len(report.findings) - len(new)
    if not new:
        return passed(f"nothing new differs ({known} known)" if known else "nothing differs")
    return failed(
        f"{len(new)} new since {_moment(looking.since)}, such as {new[0]}",
        f"stakactl explain {new[0]}",
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


_LOOKS: Mapping[OwnCheck, Callable[[Looking], Verdict]] = {
    OwnCheck.BACKUP_RECENT: _backup_recent,
    OwnCheck.MAINTENANCE_ON: _maintenance_on,
    OwnCheck.MAINTENANCE_OFF: _maintenance_off,
    OwnCheck.ENDPOINTS_DISABLED: _endpoints_disabled,
    OwnCheck.ENDPOINTS_ENABLED: _endpoints_enabled,
    OwnCheck.HEALTH_CRITICAL: _health_critical,
    OwnCheck.RECONCILE_BREAKS: _reconcile_breaks,
}
_TITLES: Mapping[OwnCheck, str] = {
    OwnCheck.BACKUP_RECENT: "There is a recent backup",
    OwnCheck.MAINTENANCE_ON: "Maintenance is on",
    OwnCheck.MAINTENANCE_OFF: "Maintenance is off",
    OwnCheck.ENDPOINTS_DISABLED: "Our endpoints are disabled",
    OwnCheck.ENDPOINTS_ENABLED: "Our endpoints are enabled",
    OwnCheck.HEALTH_CRITICAL: "Nothing is critical",
    OwnCheck.RECONCILE_BREAKS: "Nothing new differs",
}
