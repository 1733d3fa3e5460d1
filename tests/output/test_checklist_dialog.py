"""The questions of a checklist on a terminal: what counts as an answer, and what is asked again."""

import io
from dataclasses import replace
from typing import Any

import pytest

from stakactl.domain.checklists import Answer, ItemKind, ItemRecord, ItemState, Reply
from stakactl.output.dialog import Dialog
from tests.output.view_samples import STARTED

ITEM = ItemRecord("tests", "Tests pass", ItemKind.MANUAL, hint="stakactl health")


def answer(monkeypatch: pytest.MonkeyPatch, typed: str, item: ItemRecord = ITEM) -> Answer | None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return Dialog().ask(item, "1/5")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("y\n", Answer(Reply.YES)),
        ("Oui\n", Answer(Reply.YES)),
        ("yes, all  of\tthem\x1b[31m\n", Answer(Reply.YES, "all of them[31m")),
        ("n it is red\n", Answer(Reply.NO, "it is red")),
        ("n\nit is red\n", Answer(Reply.NO, "it is red")),
        ("no\n\n", Answer(Reply.NO)),
        ("s\nno need\n", Answer(Reply.SKIP, "no need")),
        ("skip no need\n", Answer(Reply.SKIP, "no need")),
        ("n/a\n", Answer(Reply.SKIP)),
        ("perhaps\n!\ny\n", Answer(Reply.YES)),
        (f"y {'x' * 501}\ny {'x' * 500}\n", Answer(Reply.YES, "x" * 500)),
        ("\n", None),
        ("", None),
        ("perhaps\n\n", None),
    ],
)
def test_an_answer_on_one_line(
    monkeypatch: pytest.MonkeyPatch, typed: str, expected: Answer | None
) -> None:
    assert answer(monkeypatch, typed) == expected


def test_the_question_says_what_is_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    no = {"state": ItemState.FAILED, "answer": Reply.NO, "comment": "red", "by": "ops"}
    earlier: Any = {**no, "noted_at": STARTED, "title": "[bold]Tests\x1b[2J pass"}
    answer(monkeypatch, "what?\n\n", replace(ITEM, **earlier))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "1/5  [bold]Tests[2J pass\n"
        "     so far no, by ops on 2026-11-20 02:00 UTC: red\n"
        "     → stakactl health\n"
        "     [y]es [n]o [s]kip, and a comment if any; Enter: later > "
        "     Begin with yes, no or skip (it does not apply), then the comment.\n"
        "     [y]es [n]o [s]kip, and a comment if any; Enter: later > "
    )


def test_what_is_told_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    dialog = Dialog(lambda text: text.upper())
    failed = replace(ITEM, state=ItemState.FAILED, detail="it is gone")
    dialog.tell(failed, "2/5")
    dialog.tell(replace(failed, state=ItemState.DONE, detail="it is there"), "3/5")
    assert capsys.readouterr().err == (
        "2/5  Tests pass: failed\n     it is gone\n     → STAKACTL HEALTH\n"
        "3/5  Tests pass: done\n     it is there\n"
    )


def test_when_the_input_ends_nobody_is_asked_any_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    dialog = Dialog()
    assert dialog.ask(ITEM, "1/5") is None
    capsys.readouterr()
    assert dialog.ask(ITEM, "2/5") is None
    assert capsys.readouterr().err == ""


def test_bytes_that_are_no_text_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xe9\ny\n"), "utf-8"))
    assert Dialog().ask(ITEM, "1/5") in (Answer(Reply.YES), None)


def test_ctrl_c_ends_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupting())
    with pytest.raises(KeyboardInterrupt):
        Dialog().ask(ITEM, "1/5")
    assert capsys.readouterr().err.endswith("later > \n")
