"""What a check of the configuration says: whether something is as it must be, and what was seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is when the check fails: an error breaks the work, a warning should be looked
    at."""

    ERROR = "error"
    WARNING = "warning"


class CheckState(StrEnum):
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it could not be found out, which is no failure
    SKIPPED = "skipped"  # it does not apply here, or was not wanted


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found. `seen` and `hint` hold no secret; the hint says what to type.

    `subject` names the one of several that it is about: a setting, a price, an endpoint.
    """

    state: CheckState
    seen: str
    hint: str = ""
    subject: str = ""


def passed(seen: str, *, subject: str = "") -> Verdict:
    return Verdict(CheckState.OK, seen, subject=subject)


def failed(seen: str, hint: str, *, subject: str = "") -> Verdict:
    return Verdict(CheckState.FAILED, seen, hint, subject)


def unknown(seen: str, hint: str = "", *, subject: str = "") -> Verdict:
    return Verdict(CheckState.UNKNOWN, seen, hint, subject)


def skipped(seen: str, *, subject: str = "") -> Verdict:
    return Verdict(CheckState.SKIPPED, seen, subject=subject)


#: What a check returns: one verdict, or one per subject.
Verdicts = Verdict | Sequence[Verdict]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A verdict with the stable id, the title and the severity of its check."""

    id: str
    title: str
    severity: Severity
    verdict: Verdict

    @property
    def area(self) -> str:
        """What it is about: the first word of the id (`stripe`, `s3`, …)."""
        return self.id.partition(".")[0]

    @property
    def is_broken(self) -> bool:
        return self.verdict.state is CheckState.FAILED


def broken(results: Iterable[CheckResult], *, strict: bool) -> list[CheckResult]:
    """The failed checks that count: errors, with `strict` also warnings and what is unknown."""
    return [
        result
        for result in results
        if (result.is_broken and (strict or result.severity is Severity.ERROR))
        or (strict and result.verdict.state is CheckState.UNKNOWN)
    ]
