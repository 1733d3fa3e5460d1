"""`health -o prometheus`: what a scraper reads of it, in Prometheus's own parser."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from prometheus_client.parser import text_string_to_metric_families

from stakactl.adapters.alerts.rules import load_rules
from stakactl.domain.alerts import Fact, Measure, Unit, Words, judge, worst_level
from stakactl.domain.runs import Mode, Outcome
from stakactl.operations.health import HealthReport
from stakactl.operations.ports.alerts import Activity
from stakactl.output.prometheus import write_prometheus
from stakactl.output.render import render
from stakactl.output.reports.alerts import health_view
from stakactl.output.view import View

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
RULES = load_rules()
#: What each unit reads, as a rule tells it and as Prometheus is told.
VALUES: dict[Unit, Decimal | None] = {
    Unit.COUNT: Decimal(3),
    Unit.PERCENT: Decimal("96"),
    Unit.HOURS: Decimal("30.5"),
}
IN_BASE_UNITS = {Unit.COUNT: 3.0, Unit.PERCENT: 0.96, Unit.HOURS: 109800.0}


def view(values: dict[Unit, Decimal | None]) -> View:
    judged = tuple(
        judge(rule, Fact(values[rule.measure.unit], Words("why"), base=100), None, NOW)
        for rule in RULES
    )
    activity = Activity(payment=NOW, event=None)
    level = worst_level([each.level for each in judged])
    shown = health_view(HealthReport(level, judged, activity, True, Outcome.OK))
    return replace(shown, command="health", mode=Mode.LIVE, started_at=NOW)


def samples(shown: View) -> dict[tuple[str, ...], float]:
    """By name and labels' values, in the order of the labels' names."""
    stream = io.StringIO()
    render(shown, "prometheus", stream, writers={"prometheus": write_prometheus})
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(stream.getvalue())
        for sample in family.samples
    }


def test_every_rule_is_there_in_base_units() -> None:
    read = samples(view(VALUES))
    for rule in RULES:
        by_rule = {key[0]: value for key, value in read.items() if rule.rule_id == key[-1]}
        assert by_rule.pop("stakactl_rule_firing") == int(rule.threshold is not None)
        assert by_rule.pop("stakactl_rule_level") == 0  # "unknown" comes last
        assert list(by_rule.values()) == [IN_BASE_UNITS[rule.measure.unit]], rule.rule_id


def test_exactly_one_level_stands_for_each_rule_and_for_all() -> None:
    read = samples(view(VALUES))
    levels = [key for key, value in read.items() if key[0] == "stakactl_rule_level" and value]
    assert sorted(key[-1] for key in levels) == sorted(rule.rule_id for rule in RULES)
    assert sum(value for key, value in read.items() if key[0] == "stakactl_health") == 1


def test_what_is_not_known_has_no_sample() -> None:
    read = samples(view(dict.fromkeys(Unit)))
    assert read["stakactl_rule_level", "unknown", "disk.space"] == 1
    assert ("stakactl_disk_used_ratio", "disk.space") not in read
    assert ("stakactl_last_event_timestamp_seconds",) not in read


def test_when_it_was_read_is_told_so_that_an_old_file_can_be_noticed() -> None:
    read = samples(view(VALUES))
    assert read["stakactl_health_read_timestamp_seconds",] == NOW.timestamp()
    assert read["stakactl_last_payment_timestamp_seconds",] == NOW.timestamp()
    assert [key[1] for key in read if key[0] == "stakactl_info"] == ["live"]


def test_every_measure_has_a_name() -> None:
    assert {rule.measure for rule in RULES} == set(Measure)
