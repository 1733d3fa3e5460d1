"""Whether a night on the demo world ended exactly as it was planted."""

from collections.abc import Iterable
from pathlib import Path

from stakactl.demo.seed import load_truth
from stakactl.demo.world import Planted
from stakactl.domain.findings import Finding
from stakactl.operations.nightly import NightlyReport

#: A finding is told by its class and its order, or its payment where it has no order.
Key = tuple[str, str]


def differences(home: Path, report: NightlyReport) -> tuple[str, ...]:
    """What was found, repaired or issued otherwise than planted; empty when nothing was."""
    truth = load_truth(home)
    fixed = [planted for planted in truth.planted if planted.fixed_by_nightly]
    standing = [planted for planted in truth.planted if not planted.fixed_by_nightly]
    issued = len(report.invoices.issued) if report.invoices else 0
    sent = len(report.mail.results) if report.mail else 0
    return (
        *_compare("repaired", _planted(fixed), _found(report.repaired)),
        *_compare("remaining", _planted(standing), _found(report.remaining)),
        *_count("invoices issued", truth.expected_invoices, issued),
        *_count("mails sent", truth.expected_mails, sent),
        *(f"stage {stage.name}: {stage.error}" for stage in report.stages if stage.error),
    )


def _planted(entries: Iterable[Planted]) -> set[Key]:
    return {
        (entry.discrepancy, entry.order_id or entry.payment_intent_id or "") for entry in entries
    }


def _found(findings: Iterable[Finding]) -> set[Key]:
    return {
        (str(finding.discrepancy), finding.order_id or finding.payment_intent_id or "")
        for finding in findings
    }


def _compare(what: str, planted: set[Key], found: set[Key]) -> list[str]:
    missed = [f"{what}: {name} of {key} was missed" for name, key in sorted(planted - found)]
    invented = [f"{what}: {name} of {key} was not planted" for name, key in sorted(found - planted)]
    return missed + invented


def _count(what: str, planted: int, seen: int) -> list[str]:
    return [] if planted == seen else [f"{what}: {seen} instead of {planted}"]
