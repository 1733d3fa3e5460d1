"""The catalogue as a whole: its ids, what is chosen of it, what is skipped, and how long it takes.

Everything here holds for whatever checks are registered.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, cast

import pytest

from stakactl.domain.checks import CheckState, Severity, failed, passed, unknown
from stakactl.domain.runs import Outcome
from stakactl.errors import StripeError, UsageError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.here import SettingProblem, SettingsFacts
from stakactl.operations.validate.catalogue import CHECKS, settings_of
from stakactl.operations.validate.checks import Check, Found, Reading
from stakactl.operations.validate.configuration import (
    ValidationReport,
    Wanted,
    validate_configuration,
)
from stakactl.operations.validate.running import Running, needed_readings
from stakactl.operations.validate.selection import select
from stakactl.output.progress import Silent
from tests.operations.checking import GOOD

RUNNING = Running(timeout_seconds=20, probe=True)
SECRET = "Sentinel-Passw0rd"


class Settings:
    """A SettingsInspector over facts of a test."""

    def __init__(self, facts: SettingsFacts) -> None:
        self._facts = facts

    def facts(self) -> SettingsFacts:
        return self._facts

    def masked(self, text: str) -> str:
        return text.replace(SECRET, "•••")


class OnlySettings:
    """An Inspection that has nothing else."""

    def __init__(self, facts: SettingsFacts) -> None:
        self.settings = Settings(facts)


def validated(
    checks: Sequence[Check], facts: SettingsFacts = GOOD, **wanted: Any
) -> ValidationReport:
    inspection = cast(Inspection, OnlySettings(facts))
    return validate_configuration(inspection, Wanted(RUNNING, **wanted), Silent(), checks)


def quiet(check: Check, reads: tuple[Reading[Any], ...] = ()) -> Check:
    """The check with a judgement that looks at nothing."""
    return replace(check, judge=lambda found: passed("seen"), reads=reads, answers_for=None)


def test_ids_are_unique_stable_words_and_everything_has_a_title() -> None:
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert [
        name for name in ids if not re.fullmatch(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+", name)
    ] == []
    assert all(check.title for check in CHECKS)
    assert all(reading.title for reading in needed_readings(CHECKS))
    areas = [name.partition(".")[0] for name in ids]
    assert areas == sorted(areas, key=areas.index), "the checks of an area stand together"


def test_every_area_that_asks_a_service_says_which_settings_it_needs() -> None:
    asking = (c for c in CHECKS if not all(reading.local for reading in needed_readings([c])))
    assert [check.id for check in asking if not settings_of(check)] == []


def test_a_check_answers_for_a_reading_of_its_own_and_no_other_does() -> None:
    answered = [check.answers_for for check in CHECKS if check.answers_for is not None]
    assert len(answered) == len(set(answered))
    assert all(check.answers_for in (None, *check.reads) for check in CHECKS)


@pytest.mark.parametrize(
    ("only", "skip", "ids"),
    [
        ([], [], ["a.one", "a.one.more", "a.two", "b.one"]),
        (["a"], [], ["a.one", "a.one.more", "a.two"]),
        (["a.one"], [], ["a.one", "a.one.more"]),
        (["*.one"], [], ["a.one", "b.one"]),
        (["b.one, a.two"], [], ["a.two", "b.one"]),
        (["a", "b"], ["*.one", "a.two"], ["a.one.more"]),
        ([], ["a"], ["b.one"]),
    ],
)
def test_what_is_wanted(only: list[str], skip: list[str], ids: list[str]) -> None:
    names = ("a.one", "a.one.more", "a.two", "b.one")
    checks = [Check(name, name, lambda found: passed("")) for name in names]
    assert [check.id for check in select(checks, only, skip)] == ids


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [("setings", "settings"), ("env.mod", "env.mode"), ("zzzzzz", "the areas are settings, env")],
)
@pytest.mark.parametrize("option", ["only", "skip"])
def test_a_name_that_fits_nothing_is_told_with_what_is_near(
    option: str, pattern: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=f"--{option} '{pattern}'") as raised:
        select(CHECKS, **{"only": [], "skip": [], option: [pattern]})
    assert hint in (raised.value.hint or "")


def test_what_hangs_on_a_wrong_setting_is_skipped_in_its_place() -> None:
    asked: list[str] = []
    reading: Reading[object] = Reading("x", lambda _, found: asked.append("asked"))
    names = ("env.mode", "stripe.reachable", "vat.rate")
    checks = [quiet(Check(name, name, lambda _: passed("")), (reading,)) for name in names]
    problems = (SettingProblem("STRIPE_SECRET_KEY", "is a publishable key", ""),)
    report = validated(checks[1:2], replace(GOOD, problems=problems))
    assert asked == []
    (result,) = report.results
    assert (result.verdict.state, result.verdict.seen) == (
        CheckState.SKIPPED,
        "STRIPE_SECRET_KEY is wrong (settings.valid)",
    )
    report = validated(checks, replace(GOOD, problems=problems))
    assert [each.id for each in report.results] == list(names)
    usable = tuple(replace(problem, usable=True) for problem in problems)
    report = validated(checks, replace(GOOD, problems=usable))
    assert {each.verdict.state for each in report.results} == {CheckState.OK}


def test_the_outcome_counts_errors_and_with_strict_everything() -> None:
    def one(severity: Severity, verdict: Any) -> Check:
        return Check("a.b", "", lambda found: verdict, severity=severity)

    error = one(Severity.ERROR, failed("x", "y"))
    warning = one(Severity.WARNING, failed("x", "y"))
    open_question = one(Severity.ERROR, unknown("x"))
    good = one(Severity.ERROR, passed("x"))
    for check, plain, strict in (
        (error, Outcome.FINDINGS, Outcome.FINDINGS),
        (warning, Outcome.OK, Outcome.FINDINGS),
        (open_question, Outcome.OK, Outcome.FINDINGS),
        (good, Outcome.OK, Outcome.OK),
    ):
        assert validated([check]).outcome is plain
        assert validated([check], strict=True).outcome is strict


def test_a_secret_in_a_services_message_is_masked() -> None:
    def leak(inspection: Inspection, found: Found) -> None:
        raise StripeError(f"no {SECRET}", hint=f"not {SECRET}")

    leaky: Reading[None] = Reading("x", leak)
    checks = [
        Check("a.b", "", lambda found: passed(""), (leaky,), answers_for=leaky),
        Check("a.c", "", lambda found: failed(SECRET, SECRET, subject=SECRET)),
    ]
    found = [each.verdict for each in validated(checks).results]
    assert found == [failed("no •••", "not •••"), failed("•••", "•••", subject="•••")]


def test_the_whole_run_takes_as_long_as_its_longest_chain() -> None:
    """All readings of one depth are under way at once: each waits for the others of its depth.

    With the same delay on every service, the run takes that delay once per depth.
    """
    depths = {reading: _depth(reading) for reading in needed_readings(CHECKS)}
    together = {
        depth: threading.Barrier(list(depths.values()).count(depth), timeout=20)
        for depth in set(depths.values())
    }

    @cache
    def slow(reading: Reading[Any]) -> Reading[Any]:
        def meet(inspection: Inspection, found: Found) -> None:
            together[depths[reading]].wait()

        return replace(reading, read=meet, after=tuple(map(slow, reading.after)))

    report = validated([quiet(check, tuple(map(slow, check.reads))) for check in CHECKS])
    assert {result.verdict.state for result in report.results} == {CheckState.OK}


def _depth(reading: Reading[Any]) -> int:
    return 1 + max(map(_depth, reading.after), default=0)
