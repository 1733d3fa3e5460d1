"""The two parts of a check: a reading, which asks a service once, and a judgement of what it gave.

Several checks may judge one reading; a reading may need others first. Whatever a reading raises
is known to all who need it: the check that `answers_for` it fails, the others are unknown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from stakactl.domain.checks import Severity, Verdicts
from stakactl.operations.ports.inspection import Inspection

T = TypeVar("T")


class NotWanted(Exception):
    """Raised by a reading whose service is not configured here; says why. Its checks are
    skipped."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """Something to ask for once. `after` are read first, and `read` finds their values.

    `local` readings leave the machine alone (`--offline` keeps them), those that `write`
    need `--probe`. `title` tells people what is being asked ("the account").
    """

    title: str
    read: Callable[[Inspection, "Found"], T]
    after: tuple["Reading[Any]", ...] = ()
    local: bool = False
    write: bool = False


class Found:
    """What the readings gave."""

    def __init__(self, values: Mapping[Reading[Any], object]) -> None:
        self._values = values

    def __getitem__(self, reading: Reading[T]) -> T:
        """Only of a reading that the check or reading declared."""
        return cast(T, self._values[reading])


@dataclass(frozen=True, slots=True)
class Check:
    """`id` is stable: AREA.WHAT (`stripe.key.live`, `s3.public_access`).

    `judge` is pure. `answers_for` is the reading whose failure is this check's own (usually the
    check that a service can be reached). `severity` is that of a failure.
    """

    id: str
    title: str
    judge: Callable[[Found], Verdicts]
    reads: tuple[Reading[Any], ...] = ()
    severity: Severity = Severity.ERROR
    answers_for: Reading[Any] | None = None
