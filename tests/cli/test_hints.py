"""Hints name commands as they have to be typed."""

import pytest

from stakactl.cli.hints import for_demo, view_for_demo
from stakactl.output.view import Section, View


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("stakactl reconcile shows each", "stakactl reconcile --demo shows each"),
        ("stakactl sync orders --full", "stakactl sync --demo orders --full"),
        ("stakactl runs list", "stakactl runs list --demo"),
        ("try stakactl explain ID; stakactl undo RUN", None),
        ("stakactl undo R --dry-run --demo", "stakactl undo R --dry-run --demo"),
        ("a newer stakactl may know it", "a newer stakactl may know it"),
        ("type `stakactl db init`", "type `stakactl db init`"),
    ],
)
def test_a_command_of_the_demo_says_so_once(text: str, typed: str | None) -> None:
    assert for_demo(text) == (typed or "try stakactl explain --demo ID; stakactl undo --demo RUN")


def test_notes_and_sections_are_typed_alike() -> None:
    view = view_for_demo(
        View(notes=("stakactl sync",), sections=(Section("Do", ("stakactl orders list",)),))
    )
    assert view.notes == ("stakactl sync --demo",)
    assert view.sections[0].lines == ("stakactl orders list --demo",)
