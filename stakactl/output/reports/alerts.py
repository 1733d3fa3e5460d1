"""Alerts in the report of the night, and the report of `health`."""

from collections.abc import Sequence

from stakactl.domain.alerts import Judged, Level, quantity
from stakactl.operations.alerts import AlertsReport
from stakactl.operations.health import HealthReport
from stakactl.output.view import STATES, Cell, Column, Item, Kind, Section, View

_COLUMNS = (
    Column("rule", "rule", min_width=19),
    Column("level", "level", style=STATES),
    Column("reading", "now", min_width=7),
    Column("limit", "told above", min_width=4),
    Column("detail", "what it is", priority=1, min_width=22, max_width=60),
    Column("since", "firing since", Kind.DATE, priority=2),
    Column("firing", "firing", priority=None),
    Column("value", "value", Kind.NUMBER, priority=None),
    Column("threshold", "threshold", Kind.NUMBER, priority=None),
    Column("unit", "unit", priority=None),
    Column("measure", "measure", priority=None),
    Column("title", "title", priority=None),
    Column("hint", "what to do", priority=None),
)


def alert_sections(report: AlertsReport | None) -> list[Section]:
    """What fires; nothing where all is well. What could not be told stands in the summary."""
    if report is None:
        return []
    lines = tuple(line for judged in report.firing for line in _alert_lines(judged))
    return [Section("Alerts", lines, {r"^\S+\.\S+": "yellow"})] if lines else []


def alert_summary(report: AlertsReport | None) -> dict[str, Cell]:
    return {
        "alerts": 0 if report is None else len(report.firing),
        "alerts_told": 0 if report is None else len(report.told),
        "alert_rules": [] if report is None else [alert_item(judged) for judged in report.judged],
        "alert_warnings": [] if report is None else list(report.warnings),
    }


def health_view(report: HealthReport) -> View:
    hints = _hints(report.judged)
    activity, alerts = report.activity, report.alerts
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "health": report.level,
            "firing": sum(judged.is_firing for judged in report.judged),
            "last_payment_at": activity.payment,
            "last_event_at": activity.event,
            "active_in_24_hours": report.is_active,
            "told": None if alerts is None else len(alerts.told),
            "alert_warnings": [] if alerts is None else list(alerts.warnings),
        },
        items=[alert_item(judged) for judged in report.judged],
        columns=_COLUMNS,
        sections=(Section("What to do", hints, {r"^\S+": "cyan"}),) if hints else (),
        title=f"Health: {report.level}",
    )


def alert_item(judged: Judged) -> Item:
    rule, fact, state = judged.rule, judged.fact, judged.after
    return {
        "rule": rule.rule_id,
        "title": rule.title.en,
        "level": judged.level,
        "firing": judged.is_firing,
        "since": state.since if state is not None and state.is_firing else None,
        "reading": None if fact.value is None else quantity(rule, fact.value),
        "limit": None if rule.threshold is None else quantity(rule, rule.threshold),
        "value": fact.value,
        "threshold": rule.threshold,
        "unit": rule.measure.unit,
        "measure": rule.measure,
        "detail": fact.detail.en or None,
        "hint": rule.hint.en,
    }


def _alert_lines(judged: Judged) -> list[str]:
    """As last read, where it is not known now."""
    rule, state = judged.rule, judged.after
    if state is None:
        return []
    detail = f" ({state.detail.en})" if state.detail else ""
    return [
        f"{rule.rule_id}  {rule.title.en}: {quantity(rule, state.value)}{detail}",
        f"  → {rule.hint.en}",
    ]


def _hints(judged: Sequence[Judged]) -> tuple[str, ...]:
    wrong = (each for each in judged if each.is_firing or each.level in _WRONG)
    return tuple(f"{each.rule.rule_id}: {each.rule.hint.en}" for each in wrong)


_WRONG = {Level.DEGRADED, Level.CRITICAL}
