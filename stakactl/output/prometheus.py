"""`health` for Prometheus: the text that node exporter's textfile collector reads.

Names and units follow Prometheus: percentages become ratios from 0 to 1, hours become seconds. A
value that is not known has no sample, so that an alarm on it can tell silence from zero.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from stakactl import __version__
from stakactl.domain.alerts import Level, Measure, Unit
from stakactl.output.stream import Sink, whole
from stakactl.output.view import Cell, Item, View

#: What each measure is called, and what it says.
_READINGS = {
    Measure.UNDELIVERED_EVENTS: ("undelivered_events", "Events that the application did not take."),
    Measure.UNDELIVERED_PERCENT: ("undelivered_events_ratio", "Their share of all events."),
    Measure.PAYMENT_FAILURE_PERCENT: ("failed_payments_ratio", "Share of payments that failed."),
    Measure.FINDINGS: ("findings", "Open findings of the classes that the rule looks at."),
    Measure.WAITING_PDFS: ("waiting_pdfs", "Invoices whose PDF is not stored."),
    Measure.OLDEST_MAIL_HOURS: ("oldest_mail_age_seconds", "Age of the oldest mail that waits."),
    Measure.UNKNOWN_MAILS: ("unknown_mails", "Mails of which nobody knows whether they arrived."),
    Measure.NIGHT_HOURS: ("last_night_age_seconds", "Time since a nightly run came to its end."),
    Measure.DISK_PERCENT: ("disk_used_ratio", "The disk of STAKACTL_HOME."),
    Measure.MEMORY_PERCENT: ("memory_used_ratio", "The memory of the machine or container."),
}
_IN_BASE_UNITS = {
    Unit.COUNT: Decimal(1),
    Unit.PERCENT: Decimal("0.01"),
    Unit.HOURS: Decimal(3600),
}


def write_prometheus(view: View, sink: Sink) -> None:
    """`view` is that of `health`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Health(view))
    with whole(sink) as spool:
        spool.write(generate_latest(registry).decode())


class _Health(Collector):
    def __init__(self, view: View) -> None:
        self._view = view
        self._items = list(view.items)

    def collect(self) -> Iterator[Metric]:
        about = {"version": __version__, "mode": str(self._view.mode or "")}
        yield InfoMetricFamily("stakactl", "The program, and live, test or demo.", about)
        yield self._health()
        yield from self._rules()
        for measure, (name, help_text) in _READINGS.items():
            items = [item for item in self._items if item["measure"] == measure]
            if items:
                yield _readings(name, help_text, items, _IN_BASE_UNITS[measure.unit])
        yield from self._moments()

    def _health(self) -> Metric:
        metric = _gauge("health", "1 for the level of the worst rule.", "level")
        for level, is_so in _levels(self._view.summary["health"]):
            metric.add_metric([level], is_so)
        return metric

    def _rules(self) -> Iterator[Metric]:
        levels = _gauge("rule_level", "1 for the level of each rule.", "rule", "level")
        firing = _gauge("rule_firing", "1 while a rule is above its threshold.", "rule")
        for item in self._items:
            rule = str(item["rule"])
            firing.add_metric([rule], int(item["firing"] is True))
            for level, is_so in _levels(item["level"]):
                levels.add_metric([rule, level], is_so)
        yield from (levels, firing)

    def _moments(self) -> Iterator[Metric]:
        summary = self._view.summary
        for name, help_text, moment in (
            ("last_payment", "When a payment last happened.", summary["last_payment_at"]),
            ("last_event", "When an event last happened.", summary["last_event_at"]),
            ("health_read", "When these figures were read.", self._view.started_at),
        ):
            metric = _gauge(f"{name}_timestamp_seconds", help_text)
            if isinstance(moment, datetime):
                metric.add_metric([], int(moment.timestamp()))
            yield metric


def _gauge(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"stakactl_{name}", help_text, labels=labels)


def _readings(name: str, help_text: str, items: Sequence[Item], factor: Decimal) -> Metric:
    metric = _gauge(name, help_text, "rule")
    for item in items:
        if isinstance(value := item["value"], Decimal):
            metric.add_metric([str(item["rule"])], float(value * factor))
    return metric


def _levels(seen: Cell) -> Iterator[tuple[str, int]]:
    return ((str(level), int(level == seen)) for level in Level)
