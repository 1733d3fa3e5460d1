"""How it goes: every rule of the alerts by the health's thresholds, and the last activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from stakactl.domain.alerts import Judged, Level, worst_level
from stakactl.domain.runs import Outcome, worst
from stakactl.operations.alerts import AlertsReport, look, tell
from stakactl.operations.ports import Ports
from stakactl.operations.ports.alerts import Activity
from stakactl.operations.runs import recorded_run

#: As long as nothing happened, nobody can say that payments work.
RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class HealthReport:
    """`is_active`: a payment or an event happened within 24 hours. `alerts` is None unless they
    were to be sent."""

    level: Level
    judged: tuple[Judged, ...]
    activity: Activity
    is_active: bool
    outcome: Outcome
    alerts: AlertsReport | None = None
    run_id: str | None = None


def health(ports: Ports, *, strict: bool = False) -> HealthReport:
    """Only looks."""
    return _report(ports, look(ports), strict=strict)


def health_with_alerts(ports: Ports, *, strict: bool = False) -> HealthReport:
    """Looks, and tells what is due, as a run of its own; a look that has nothing to tell leaves
    no run: cron may look every few minutes."""
    looked = look(ports)
    if not any(each.is_news for each in looked):
        told = tell(ports, looked, "")
        return _report(ports, told.judged, told, strict=strict)
    with recorded_run(ports, "health") as run:
        told = tell(ports, looked, run.run_id)
        report = _report(ports, told.judged, told, run.run_id, strict=strict)
        run.ended(report.outcome, firing=len(told.firing), told=len(told.told))
    return report


def _report(
    ports: Ports,
    judged: tuple[Judged, ...],
    alerts: AlertsReport | None = None,
    run_id: str | None = None,
    *,
    strict: bool,
) -> HealthReport:
    level = worst_level([each.level for each in judged])
    activity = ports.facts.activity()
    recent = ports.clock.now() - RECENT
    is_active = any(at is not None and at >= recent for at in (activity.payment, activity.event))
    outcome = _outcome(level, judged, strict=strict)
    return HealthReport(level, judged, activity, is_active, outcome, alerts, run_id)


def _outcome(level: Level, judged: Sequence[Judged], *, strict: bool) -> Outcome:
    """Critical is a finding, with `strict` also degraded; a service that did not answer leaves
    the look incomplete."""
    bad = {Level.CRITICAL, Level.DEGRADED} if strict else {Level.CRITICAL}
    failed = any(each.fact.is_failure for each in judged)
    return worst(
        [
            Outcome.FINDINGS if level in bad else Outcome.OK,
            Outcome.INCOMPLETE if failed else Outcome.OK,
        ]
    )
