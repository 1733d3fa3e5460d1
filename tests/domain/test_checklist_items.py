"""What the checks of an item make of it, and what stands when its list is continued."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stakactl.domain.checklists import (
    Answer,
    Checklist,
    Item,
    ItemKind,
    ItemRecord,
    ItemState,
    ListName,
    Reply,
    answered,
    arranged,
    judged,
    waiting,
)
from stakactl.domain.checks import CheckResult, Severity, Verdict, failed, passed, skipped, unknown
from tests.builders import NOW

LATER = NOW + timedelta(hours=1)
ITEM = Item("keys", "The keys are valid", ItemKind.AUTOMATIC, ("stripe",), hint="set the key")
MANUAL = Item("tests", "Tests pass", ItemKind.MANUAL)
OPEN, DONE, FAILED = ItemState.OPEN, ItemState.DONE, ItemState.FAILED
NOT_APPLICABLE = ItemState.NOT_APPLICABLE

GOOD, BAD = passed("it answers"), failed("it is gone", "bring it back")
DUNNO, LEFT_OUT = unknown("no answer"), skipped("no key")


def result(verdict: Verdict, check_id: str, *, warning: bool = False) -> CheckResult:
    severity = Severity.WARNING if warning else Severity.ERROR
    return CheckResult(check_id, check_id, severity, verdict)


def judge(*verdicts: Verdict, warning: bool = False, **fields: object) -> ItemRecord:
    """What checks `a`, `b` … make of an item that was never looked at."""
    results = [
        result(verdict, name, warning=warning)
        for name, verdict in zip("abcdefgh", verdicts, strict=False)
    ]
    item = replace(ITEM, **fields)  # type: ignore[arg-type]
    return judged(item, ItemRecord(item.item_id, item.title, item.kind), results, NOW)


@pytest.mark.parametrize(
    ("verdicts", "lenient", "strict"),
    [
        ((GOOD, GOOD), DONE, DONE),
        ((GOOD, BAD, DUNNO), FAILED, FAILED),
        ((GOOD, DUNNO), DONE, OPEN),
        ((DUNNO, LEFT_OUT), OPEN, OPEN),
        ((GOOD, LEFT_OUT), DONE, DONE),
        ((LEFT_OUT, LEFT_OUT), NOT_APPLICABLE, NOT_APPLICABLE),
        ((), NOT_APPLICABLE, NOT_APPLICABLE),
    ],
)
def test_the_state_that_checks_give(
    verdicts: tuple[Verdict, ...], lenient: ItemState, strict: ItemState
) -> None:
    for is_strict, state in ((False, lenient), (True, strict)):
        seen = judge(*verdicts, strict=is_strict)
        assert (seen.state, seen.noted_at) == (state, NOW)
        assert seen.detail


def test_a_warning_counts_where_the_item_is_strict() -> None:
    assert judge(BAD, warning=True, strict=True).state is FAILED
    lenient = judge(GOOD, BAD, warning=True)
    assert lenient.state is DONE
    assert lenient.detail == "1 check is in order, 1 warning: stakactl config validate"


def test_what_must_have_been_made_leaves_it_open() -> None:
    seen = judge(GOOD, LEFT_OUT, needed=("b",))
    assert (seen.state, seen.detail, seen.hint) == (OPEN, "b: no key", "set the key")
    assert judge(LEFT_OUT, LEFT_OUT, needed=("b",)).state is NOT_APPLICABLE
    assert judge(GOOD, GOOD, needed=("b",)).state is DONE


def test_what_is_told_of_it() -> None:
    assert judge(GOOD).detail == "it answers"
    assert judge(GOOD, GOOD).detail == "2 checks are in order"
    assert judge(LEFT_OUT).detail == "no key"
    many = judge(*[BAD] * 5)
    assert many.detail == "a: it is gone; b: it is gone; c: it is gone; and 2 more"
    assert many.hint == "bring it back"
    several = judge(BAD, failed("it is old", "renew it"), BAD)
    assert several.hint == "bring it back; then renew it"
    assert judge(failed("it is gone", ""), strict=True).hint == "set the key"
    assert judge(failed("is wrong", "x", subject="TAX_RATE")).detail == "a: TAX_RATE is wrong"


def test_a_stale_green_is_not_trusted_but_for_a_step() -> None:
    green = judge(GOOD)
    bad = [result(BAD, "a")]
    assert judged(ITEM, green, bad, LATER).state is FAILED
    step = replace(ITEM, once=True)
    assert judged(step, green, bad, LATER) == green
    assert judged(step, green, [result(GOOD, "a")], LATER).noted_at == LATER
    red = judge(BAD)
    assert judged(step, red, bad, LATER).state is FAILED


def test_an_answer_and_the_same_answer_again() -> None:
    item = ItemRecord("tests", "Tests pass", ItemKind.MANUAL, detail="comes after x")
    yes = answered(item, Answer(Reply.YES, "all of them", "ops"), NOW)
    assert (yes.state, yes.comment, yes.by, yes.noted_at) == (DONE, "all of them", "ops", NOW)
    assert yes.detail == ""
    assert answered(yes, Answer(Reply.YES, "all of them", "ops"), LATER) is yes
    no = answered(yes, Answer(Reply.NO, "", "ci"), LATER)
    assert (no.state, no.comment, no.noted_at) == (FAILED, "", LATER)
    assert answered(no, Answer(Reply.SKIP), LATER).state is NOT_APPLICABLE


def test_an_item_whose_turn_has_not_come() -> None:
    green = judge(GOOD)
    waits = waiting(green, ["tests", "keys"])
    assert (waits.state, waits.detail, waits.noted_at) == (OPEN, "comes after tests, keys", None)
    yes = answered(ItemRecord("x", "X", ItemKind.MANUAL), Answer(Reply.YES, "", "ops"), NOW)
    assert waiting(yes, ["tests"]) == yes


def test_a_list_that_was_changed_since() -> None:
    before = arranged(Checklist(ListName.DEPLOY, "Deploying", (MANUAL, ITEM)))
    yes = answered(before[0], Answer(Reply.YES, "", "ops"), NOW)
    another = replace(ITEM, item_id="new")
    renamed = replace(MANUAL, title="All tests pass", hint="make test")
    after = arranged(Checklist(ListName.DEPLOY, "", (another, renamed)), [yes, before[1]])
    assert [each.item_id for each in after] == ["new", "tests"]
    assert after[1] == replace(yes, title="All tests pass", hint="make test")
    automatic = replace(ITEM, item_id="tests")
    (fresh,) = arranged(Checklist(ListName.DEPLOY, "", (automatic,)), [yes])
    assert (fresh.state, fresh.answer) == (OPEN, None)
