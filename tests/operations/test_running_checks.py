"""Checks run at once, each reading after those it needs; a failed reading is told once."""

import threading
from typing import cast

import pytest

from stakactl.domain.checks import CheckState, Severity, Verdict, broken, failed, passed, unknown
from stakactl.errors import StripeError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading
from stakactl.operations.validate.running import Running, run_checks

#: An inspection that nobody asks.
NOTHING = cast(Inspection, None)


def reading(title: str, value: object = "", **more: object) -> Reading[object]:
    def read(inspection: Inspection, found: Found) -> object:
        if isinstance(value, BaseException):
            raise value
        return value

    return Reading(title, read, **more)  # type: ignore[arg-type]


def check(name: str, *reads: Reading[object], own: Reading[object] | None = None) -> Check:
    return Check(name, name, lambda found: passed("seen"), reads, answers_for=own)


def states(*checks: Check, **options: bool) -> dict[str, CheckState]:
    results = run_checks(checks, NOTHING, Running(timeout_seconds=20, **options))
    return {result.id: result.verdict.state for result in results}


def test_a_failed_reading_fails_the_check_that_answers_for_it_and_hides_the_others() -> None:
    down = reading("the account", StripeError("Stripe is down", hint="try later"))
    later = reading("the prices", after=(down,))
    found = states(
        check("stripe.reachable", down, own=down),
        check("stripe.charges", down),
        check("stripe.price", later, own=later),
        check("smtp.login", reading("login")),
    )
    assert found == {
        "stripe.reachable": CheckState.FAILED,
        "stripe.charges": CheckState.UNKNOWN,
        "stripe.price": CheckState.UNKNOWN,
        "smtp.login": CheckState.OK,
    }


def test_an_error_is_told_once() -> None:
    down = reading("the account", StripeError("Stripe is down", hint="try later"))
    later = reading("the prices", after=(down,))
    checks = (check("stripe.reachable", down, own=down), check("stripe.price", later))
    results = run_checks(checks, NOTHING, Running(timeout_seconds=20))
    assert [result.verdict for result in results] == [
        failed("Stripe is down", "try later"),
        unknown("not known, because stripe.reachable failed"),
    ]
    (alone,) = run_checks(checks[1:], NOTHING, Running(timeout_seconds=20))
    assert alone.verdict == unknown("Stripe is down", "try later")


def test_an_error_in_the_way_of_several_judgements_is_told_by_one() -> None:
    """Where no reading failed, but its value says why nothing can be known."""

    def says(name: str, verdict: Verdict) -> Check:
        return Check(name, name, lambda found: verdict)

    gone = ("the bucket does not exist", "create it")
    blind = says("s3.region", unknown(*gone)), says("s3.policy", unknown(*gone, subject="ACL"))
    results = run_checks(blind, NOTHING, Running(timeout_seconds=20))
    assert [result.verdict for result in results] == [
        unknown(*gone),
        unknown("not known, because s3.region is not known", subject="ACL"),
    ]
    checks = (*blind, says("s3.bucket", failed(*gone)), says("s3.lock", unknown("no right")))
    results = run_checks(checks, NOTHING, Running(timeout_seconds=20))
    assert [result.verdict for result in results] == [
        unknown("not known, because s3.bucket failed"),
        unknown("not known, because s3.bucket failed", subject="ACL"),
        failed(*gone),
        unknown("no right"),
    ]


def test_what_is_not_wanted_is_skipped_with_what_depends_on_it() -> None:
    absent = reading("the bucket", NotWanted("PDFs go to a folder"))
    found = states(check("s3.bucket", absent), check("s3.private", reading("x", after=(absent,))))
    assert set(found.values()) == {CheckState.SKIPPED}


def test_offline_asks_no_service_and_only_a_probe_writes() -> None:
    checks = (
        check("env.mode", reading("file", local=True)),
        check("stripe.reachable", reading("account")),
        check("s3.round_trip", reading("round trip", write=True)),
    )
    assert list(states(*checks, offline=True).values()) == ["ok", "skipped", "skipped"]
    assert list(states(*checks).values()) == ["ok", "ok", "skipped"]
    assert list(states(*checks, probe=True).values()) == ["ok", "ok", "ok"]


def test_readings_run_at_once_each_only_once_and_after_what_they_need() -> None:
    together = threading.Barrier(3, timeout=20)
    asked: list[str] = []

    def meet(inspection: Inspection, found: Found) -> str:
        asked.append(threading.current_thread().name)
        together.wait()
        return "met"

    parallel = [Reading(f"{n}", meet) for n in range(3)]
    last = Reading("last", lambda _, found: found[parallel[0]] + " before", after=tuple(parallel))
    checks = [Check(f"a.{n}", "", lambda found: passed(found[last]), (last,)) for n in range(2)]
    results = run_checks(checks, NOTHING, Running(timeout_seconds=20))
    assert [result.verdict for result in results] == [passed("met before")] * 2
    assert len(asked) == 3


def test_a_service_that_never_answers_is_unknown_when_the_time_is_over() -> None:
    never = threading.Event()
    silent: Reading[object] = Reading("the account", lambda _, found: never.wait())
    checks = (check("stripe.reachable", silent, own=silent), check("env.mode", reading("file")))
    results = run_checks(checks, NOTHING, Running(timeout_seconds=0.05))
    never.set()
    assert results[0].verdict == Verdict(
        CheckState.FAILED, "the account: no answer within 0.05 s", "wait longer: --timeout"
    )
    assert results[1].verdict == passed("seen")


def test_a_bug_in_a_reading_is_no_verdict() -> None:
    with pytest.raises(ZeroDivisionError):
        states(check("a.b", reading("x", ZeroDivisionError())))


def test_warnings_and_what_is_unknown_count_when_strict() -> None:
    def one(name: str, severity: Severity, verdict: Verdict) -> Check:
        return Check(name, name, lambda found: verdict, severity=severity)

    checks = (
        one("a.error", Severity.ERROR, failed("x", "y")),
        one("a.warning", Severity.WARNING, failed("x", "y")),
        one("a.unknown", Severity.ERROR, Verdict(CheckState.UNKNOWN, "x")),
        one("a.ok", Severity.ERROR, passed("x")),
    )
    results = run_checks(checks, NOTHING, Running(timeout_seconds=20))
    assert [each.id for each in broken(results, strict=False)] == ["a.error"]
    assert [each.id for each in broken(results, strict=True)] == [
        "a.error",
        "a.warning",
        "a.unknown",
    ]
