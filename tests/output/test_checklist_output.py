"""The record of a checklist as Markdown, letter by letter; whatever people wrote stays text.

`STAKACTL_GOLDEN=write` makes the golden files anew.
"""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from stakactl.domain.checklists import (
    ChecklistRecord,
    ItemKind,
    ItemRecord,
    ItemState,
    ListName,
    Reply,
)
from stakactl.domain.runs import Mode
from stakactl.operations.checklists.run import ChecklistReport
from stakactl.output.markdown import write_markdown
from stakactl.output.render import Writer
from stakactl.output.reports.checklist import checklist_view
from stakactl.output.text import clean
from stakactl.output.view import View
from tests.output.test_output_hostile import HOSTILE
from tests.output.view_samples import FINISHED, STARTED, written

#: Read here, because tests see no STAKACTL_ setting of the shell.
WRITE = os.environ.get("STAKACTL_GOLDEN") == "write"
GOLDEN = Path(__file__).parents[1] / "golden" / "output"
DONE, FAILED = ItemState.DONE, ItemState.FAILED
MANUAL, AUTOMATIC = ItemKind.MANUAL, ItemKind.AUTOMATIC


def item(item_id: str, title: str, state: ItemState, **fields: Any) -> ItemRecord:
    kind = MANUAL if "answer" in fields else AUTOMATIC
    noted_at = None if state is ItemState.OPEN else STARTED
    return replace(ItemRecord(item_id, title, kind, state, noted_at=noted_at), **fields)


ITEMS = (
    item("tests", "Tests pass", DONE, answer=Reply.YES, comment="pipeline 1234", by="ci"),
    item("e2e", "End to end", FAILED, answer=Reply.NO, comment="*it* is <b>red</b> | x", by="ops"),
    item("load", "Load test", ItemState.NOT_APPLICABLE, answer=Reply.SKIP, comment="", by="Zoë"),
    item("keys", "Stripe's keys are valid", DONE, detail="11 checks are in order"),
    item(
        "webhook",
        "STRIPE_WEBHOOK_URL is served",
        FAILED,
        detail="endpoint.registered: https://shop.example/hook none of 2 endpoints has this URL",
        hint="stakactl webhooks register",
    ),
    item("team", "The team knows", ItemState.OPEN, answer=None, hint="ask [Zoë](mailto:z@x)"),
)
RECORD = ChecklistRecord(
    "20261126T075857Z-f46296",
    ListName.PRE_DEPLOY,
    "Before deploying",
    "ops",
    STARTED,
    None,
    ITEMS,
)


def view(record: ChecklistRecord = RECORD) -> View:
    shown = checklist_view(ChecklistReport(record))
    return replace(
        shown, command="checklist show", started_at=STARTED, finished_at=FINISHED, mode=Mode.TEST
    )


def markdown(record: ChecklistRecord = RECORD, encoding: str = "utf-8") -> str:
    writers: dict[str, Writer] = {"markdown": write_markdown}
    return written(view(record), "markdown", writers=writers, encoding=encoding)


FINISHED_RECORD = replace(RECORD, finished_at=FINISHED, items=(ITEMS[0], ITEMS[2], ITEMS[3]))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("checklist.md", markdown()),
        ("checklist-finished.md", markdown(FINISHED_RECORD)),
        ("checklist.txt", written(view(), "table")),
        ("checklist.csv", written(view(), "csv")),
        ("checklist.json", written(view(), "json")),
    ],
)
def test_output_is_what_it_was(name: str, text: str) -> None:
    if WRITE:
        (GOLDEN / name).write_text(text, encoding="utf-8", newline="")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_the_table_fits_eighty_columns() -> None:
    assert max(map(cell_len, written(view(), "table").splitlines())) <= 80


def test_a_stream_that_knows_no_check_marks() -> None:
    assert "pipeline 1234" in markdown(encoding="ascii")


def rendered(text: str) -> tuple[list[list[str]], list[str]]:
    """The cells of the table as a reader sees them, and every kind of token."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    rows: list[list[str]] = []
    for before, token in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif before.type in {"th_open", "td_open"}:
            rows[-1].append("".join(child.content for child in token.children or ()))
    kinds = [each.type for token in tokens for each in (token, *(token.children or ()))]
    return rows, kinds


#: Headings, lists and tables of plain text; no HTML, links, images, code or emphasis.
HARMLESS = frozenset(
    f"{name}_{side}"
    for name in "heading bullet_list list_item paragraph table thead tbody tr th td".split()
    for side in ("open", "close")
) | {"inline", "text", "text_special", "softbreak"}


@given(st.text(st.characters(codec="utf-8"), max_size=60))
@example("| x | y")
@example("\\| x \\")
@example("a\\|b\\\\|c")
@example("<script>alert(1)</script> <!-- -->")
@example("`|` **b** _i_ ~~s~~ ![a](b) [x]: y")
@example("&lt;b&gt; &#124; &copy;")
@example("line\n\n# heading\r\n- x")
@example("https://evil.example/ www.x.example mail@x.example")
def test_whatever_is_written_stays_text_in_its_cell(text: str) -> None:
    hostile = replace(ITEMS[0], comment=text, by=text, title=text)
    open_one = replace(ITEMS[5], title=text, hint=text)
    rows, kinds = rendered(markdown(replace(RECORD, items=(hostile, open_one, ITEMS[3]))))
    assert set(kinds) <= HARMLESS
    table = rows[:4]
    assert [len(row) for row in table] == [6] * 4
    seen = " ".join(clean(text).split())
    said = [" ".join(cell.split()) for cell in table[1]]
    assert said[2] == seen
    assert said[3] == f"yes: {seen}".strip() if text else "yes"
    assert table[3][3] == "11 checks are in order"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_breaks_nothing(text: str) -> None:
    hostile = replace(ITEMS[0], comment=text, by=text)
    rows, kinds = rendered(markdown(replace(RECORD, items=(hostile, ITEMS[3]))))
    assert set(kinds) <= HARMLESS
    assert [len(row) for row in rows[:3]] == [6] * 3
    assert "\x1b" not in markdown(replace(RECORD, items=(hostile,)))
