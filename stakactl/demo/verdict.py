"""Whether a night on the demo world ended exactly as it was planted."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from stakactl.demo.seed import load_truth
from stakactl.demo.world.truth import Planted, key_of
from stakactl.domain.findings import Finding
from stakactl.operations.nightly import NightlyReport


def differences(home: Path, report: NightlyReport) -> tuple[str, ...]:
    """What was found, repaired or issued otherwise than planted; empty when nothing was."""
    truth = load_truth(home)
    fixed = [planted for planted in truth.planted if planted.fixed_by_nightly]
    issued = len(report.invoices.issued) if report.invoices else 0
    # Whether a reminder may leave depends on the hour, which is not planted.
    sent = len(report.mail.results) - report.reminders_queued if report.mail else 0
    return (
        *_compare("repaired", fixed, report.repaired),
        *_compare("remaining", truth.remaining, report.remaining),
        *_count("invoices issued", truth.expected_invoices, issued),
        *_count("mails sent", truth.expected_mails, sent),
        *(f"stage {stage.name}: {stage.error}" for stage in report.stages if stage.error),
    )


def _compare(what: str, planted: Iterable[Planted], found: Iterable[Finding]) -> list[str]:
    wanted, seen = Counter(map(key_of, planted)), Counter(map(key_of, found))
    missed = [f"{what}: {name} of {key} was missed" for name, key in sorted(wanted - seen)]
    invented = [f"{what}: {name} of {key} was not planted" for name, key in sorted(seen - wanted)]
    return missed + invented


def _count(what: str, planted: int, seen: int) -> list[str]:
    return [] if planted == seen else [f"{what}: {seen} instead of {planted}"]
