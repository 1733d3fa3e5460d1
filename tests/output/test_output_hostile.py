"""Foreign text in every cell of every format: no escape, no formula, no crash, no loss in JSON."""

import csv
import io
import json
import unicodedata

import pytest
from rich.cells import cell_len

from stakactl.domain.runs import Outcome
from stakactl.output.text import clean, plain, spreadsheet
from stakactl.output.view import Chart, Column, Section, View
from tests.output.view_samples import FINISHED, STARTED, written

HOSTILE = [
    # rich markup
    "[/]", "[bold]", "[/bold]", "[red]x[/red]", "[link=https://evil.example]click[/link]",
    "[@click=app.quit]x", "\\[x]", "[[[[", "]]]", "[not a tag", ":skull:", "[blink]x[/]",
    "[/red][/]", "[link=file:///etc/passwd]x", "[#ff0000]x", "\\", "\\\\[/]",
    # ANSI and other escapes
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1bPq\x1b\\", "\x1b[?1049h", "\x1bc", "\x1b",
    "\x9b31mred", "\x9d8;;https://evil.example\x9c", "\x90x\x9c", "\x1b[6n", "\x1b[1000;1Hx",
    # C0, C1, line breaks
    "\x00", "a\x00b", "\x07", "\x08\x08\x08x", "a\rb", "a\nb", "a\r\nb", "a\tb", "\x0b", "\x0c",
    "\x7f", "\x85", "\x80\x81\x8d\x8f", "\x1c\x1d\x1e\x1f", "\u2028\u2029",
    # bidi, invisible, wide, malformed
    "\u202egnp.exe", "\u2066x\u2069", "\u200f\u200e", "\u061cx", "\u200bx\u200b", "\ufeffx",
    "\U000e0041\U000e0042", "e" + "\u0301" * 50, "漢字" * 40, "👩‍👩‍👧‍👦" * 10, "\ud800", "x\udfff",
    # spreadsheet formulas
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", "  =1", "'=1",
    '=HYPERLINK("https://evil.example";"x")', "\x1b=1", "\u200b=1", "＝1+1", "a;=1+1", "-", "=",
    # CSV, JSON and length
    '"', '""', ",", ";", "a,b", '","=1', "'", "\\u001b[31m", "</script>", "{}", "null", "NaN",
    "", " ", "x" * 10_000, "a b " * 3000, "%s %d {0}", "${jndi:ldap://x}", "../../etc/passwd",
]  # fmt: skip
DANGEROUS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def _hostile_view(text: str) -> View:
    return View(
        command=text,
        outcome=Outcome.OK,
        started_at=STARTED,
        finished_at=FINISHED,
        run_id=text,
        summary={"text": text, text: text, "nested": {text: [text]}},
        items=[{"a": text, "b": "plain", "list": [text], "map": {text: text}}],
        columns=(
            Column("a", text),
            Column("b", "b"),
            Column("list", "l"),
            Column("map", "m"),
        ),
        title=text,
        sections=(Section(text, (text,)),),
        charts=(Chart(text, ((text, 3), ("other", -2))),),
        notes=(text,),
        labels={"text": text},
        empty=text,
    )


def _assert_harmless(text: str, *, joiners: bool) -> None:
    for character in text.replace("\n", ""):
        allowed = joiners and character in "\u200c\u200d"
        assert unicodedata.category(character) not in DANGEROUS or allowed, repr(character)


def test_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_table_shows_it_as_text(text: str) -> None:
    for encoding in ("utf-8", "ascii"):
        shown = written(_hostile_view(text), "table", encoding=encoding, verbose=True)
        _assert_harmless(shown, joiners=True)
        if encoding == "utf-8":  # elsewhere a `?` may be wider than what it stands for
            assert max(map(cell_len, shown.split("\n"))) <= 80


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_markup_stays_text(text: str) -> None:
    assert plain(text).plain == clean(text)
    assert not plain(text).spans


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_json_keeps_it_whole_and_shows_nothing_invisible(text: str) -> None:
    for encoding in ("utf-8", "ascii"):
        encoded = written(_hostile_view(text), "json", encoding=encoding)
        _assert_harmless(encoded, joiners=True)
        assert json.loads(encoded)["items"][0]["a"] == text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_csv_cell_is_a_formula(text: str) -> None:
    encoded = written(_hostile_view(text), "csv")
    _assert_harmless(encoded, joiners=True)
    rows = list(csv.reader(io.StringIO(encoded), strict=True))
    assert [len(row) for row in rows] == [4, 4]
    for cell in (cell for row in rows for cell in row):
        for part in cell.split(";"):
            assert not part.lstrip().startswith(FORMULA), cell


def test_ordinary_text_is_left_alone() -> None:
    for text in ("Éditions d'Œuvre & Cie", "a-b", "jean+tri@exemple.fr", "18 h – 20 h", "a; b"):
        assert clean(text) == text
        assert spreadsheet(text) == text
