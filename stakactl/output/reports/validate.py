"""The report of `config validate`: what is broken first, with what to type; then the rest."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stakactl.domain.checks import CheckResult, CheckState, Severity
from stakactl.domain.runs import Mode
from stakactl.operations.validate.configuration import ValidationReport
from stakactl.output.view import Column, Item, Section, View

_COLUMNS = tuple(
    Column(key, key, priority=None)
    for key in "id area title subject severity state seen hint origin".split()
)
_STYLES = {
    "error": {r"^\S+": "bold red", r"^→": "cyan"},
    "warning": {r"^\S+": "bold yellow", r"^→": "cyan"},
    "unknown": {r"^\S+": "bold magenta", r"^→": "cyan"},
    "ok": {r"^\S+": "green"},
    "skipped": {r"^\S+": "dim"},
}
_SETTING = re.compile(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|^CURRENCY$")


def validation_view(report: ValidationReport, mode: Mode | None, *, verbose: bool = False) -> View:
    """`verbose` names what is good and what was skipped too (in the table; the others always)."""
    errors = report.count(CheckState.FAILED, Severity.ERROR)
    return View(
        outcome=report.outcome,
        mode=mode,
        summary={
            "errors": errors,
            "warnings": report.count(CheckState.FAILED, Severity.WARNING),
            "unknown": report.count(CheckState.UNKNOWN),
            "ok": report.count(CheckState.OK),
            "skipped": report.count(CheckState.SKIPPED),
            "strict": report.strict,
        },
        items=[_item(result, report.origins) for result in report.results],
        columns=_COLUMNS,
        title="Configuration",
        sections=tuple(_sections(report, verbose=verbose)),
        notes=tuple(_notes(report, verbose=verbose)),
    )


def _item(result: CheckResult, origins: Mapping[str, str]) -> Item:
    verdict = result.verdict
    return {
        "id": result.id,
        "area": result.area,
        "title": result.title,
        "subject": verdict.subject or None,
        "severity": result.severity,
        "state": verdict.state,
        "seen": verdict.seen,
        "hint": verdict.hint or None,
        "origin": _origin(result, origins),
    }


def _origin(result: CheckResult, origins: Mapping[str, str]) -> str | None:
    """Where the setting stands that the result is about: its subject, or the one it names."""
    verdict = result.verdict
    named = (verdict.subject, *_SETTING.findall(f"{verdict.hint} {verdict.seen}"))
    return next((origins[name] for name in named if name in origins), None)


def _sections(report: ValidationReport, *, verbose: bool) -> Iterator[Section]:
    def of(state: CheckState, severity: Severity | None = None) -> list[CheckResult]:
        return [
            result
            for result in report.results
            if result.verdict.state is state and severity in (None, result.severity)
        ]

    for title, style, results in (
        ("Errors", "error", of(CheckState.FAILED, Severity.ERROR)),
        ("Warnings", "warning", of(CheckState.FAILED, Severity.WARNING)),
        ("Unknown", "unknown", of(CheckState.UNKNOWN)),
    ):
        if results:
            lines = tuple(line for each in results for line in _in_full(each, report.origins))
            yield Section(title, lines, _STYLES[style])
    good, left_out = of(CheckState.OK), of(CheckState.SKIPPED)
    if verbose and good:
        yield Section("In order", tuple(map(_in_short, good)), _STYLES["ok"])
    elif good:
        yield Section("In order", (_counted(good),))
    if verbose and left_out:
        yield Section("Skipped", tuple(map(_in_short, left_out)), _STYLES["skipped"])


def _in_full(result: CheckResult, origins: Mapping[str, str]) -> Iterator[str]:
    """The check and its subject, what was seen, what to type."""
    verdict = result.verdict
    origin = origins.get(verdict.subject, "")
    place = f" ({_short(origin)})" if origin else ""
    yield f"{result.id}  {verdict.subject or result.title}{place}"
    yield f"  {verdict.seen}"
    if verdict.hint:
        yield f"  → {verdict.hint}"


def _short(origin: str) -> str:
    """The file's name and the line; the whole path is in the other formats."""
    file, colon, line = origin.rpartition(":")
    return f"{Path(file).name}{colon}{line}" if colon else origin


def _in_short(result: CheckResult) -> str:
    verdict = result.verdict
    subject = f"{verdict.subject}: " if verdict.subject else ""
    return f"{result.id}  {subject}{verdict.seen}"


def _counted(results: Iterable[CheckResult]) -> str:
    counts = Counter(result.area for result in results)
    return " · ".join(f"{area} {count}" for area, count in counts.items())


def _notes(report: ValidationReport, *, verbose: bool) -> Iterator[str]:
    if report.count(CheckState.SKIPPED) and not verbose:
        yield "stakactl config validate --verbose says what was skipped, and why"
    if report.outcome.exit_code == 0 and not report.broken:
        yield (
            "Nothing is broken."
            if report.count(CheckState.FAILED)
            else "Everything that was looked at is in order."
        )
