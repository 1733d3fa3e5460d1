"""`config validate`: run the wanted checks and report what each of them says.

It needs neither a store nor the run lock, and the settings may be wrong: a setting that is wrong
is a failed check, and the checks of what cannot be looked at without it are skipped.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from stakactl.domain.checks import CheckResult, CheckState, Severity, broken, skipped
from stakactl.domain.runs import Outcome
from stakactl.operations.ports import Progress
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.here import SettingsFacts
from stakactl.operations.validate.catalogue import settings_of
from stakactl.operations.validate.checks import Check
from stakactl.operations.validate.running import Running, needed_readings, run_checks
from stakactl.operations.validate.selection import select


@dataclass(frozen=True, slots=True)
class Wanted:
    """`only` and `skip` as `selection.select` takes them; `strict` counts warnings and what is
    unknown as failures."""

    running: Running
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    strict: bool = False


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """`results` in the order of the checks; `origins` says where settings stand ("FILE:LINE")."""

    results: tuple[CheckResult, ...]
    origins: Mapping[str, str]
    strict: bool = False

    @property
    def broken(self) -> list[CheckResult]:
        return broken(self.results, strict=self.strict)

    @property
    def outcome(self) -> Outcome:
        return Outcome.FINDINGS if self.broken else Outcome.OK

    def count(self, state: CheckState, severity: Severity | None = None) -> int:
        return sum(
            result.verdict.state is state and severity in (None, result.severity)
            for result in self.results
        )


def validate_configuration(
    inspection: Inspection, wanted: Wanted, progress: Progress, checks: Sequence[Check]
) -> ValidationReport:
    """Raises UsageError for a pattern that fits no check; changes nothing but with `probe`."""
    chosen = select(checks, wanted.only, wanted.skip)
    facts = inspection.settings.facts()
    hindered = {check.id: reason for check in chosen if (reason := _hindrance(check, facts))}
    free = [check for check in chosen if check.id not in hindered]
    with progress.stage("Checking", len(needed_readings(free))) as stage:
        ran = run_checks(free, inspection, wanted.running, advance=stage.advance)
    results = _in_order(chosen, ran, hindered)
    masked = inspection.settings.masked
    return ValidationReport(
        tuple(_without_secrets(result, masked) for result in results), facts.origins, wanted.strict
    )


def _hindrance(check: Check, facts: SettingsFacts) -> str:
    """Why the check cannot be done: a setting of its area that is wrong."""
    wrong = sorted(facts.unusable.intersection(settings_of(check)))
    if not wrong:
        return ""
    return f"{', '.join(wrong)} {'is' if len(wrong) == 1 else 'are'} wrong (settings.valid)"


def _in_order(
    checks: Sequence[Check], ran: Sequence[CheckResult], hindered: Mapping[str, str]
) -> list[CheckResult]:
    results: dict[str, list[CheckResult]] = {check.id: [] for check in checks}
    for result in ran:
        results[result.id].append(result)
    for check in checks:
        if reason := hindered.get(check.id):
            verdict = skipped(reason)
            results[check.id].append(CheckResult(check.id, check.title, check.severity, verdict))
    return [result for of_one in results.values() for result in of_one]


def _without_secrets(result: CheckResult, masked: Callable[[str], str]) -> CheckResult:
    """No service's message should hold a secret of ours; this makes sure of it."""
    verdict = result.verdict
    return replace(
        result,
        verdict=replace(
            verdict,
            seen=masked(verdict.seen),
            hint=masked(verdict.hint),
            subject=masked(verdict.subject),
        ),
    )
