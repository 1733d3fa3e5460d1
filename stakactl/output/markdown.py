"""The record of a checklist as Markdown, for a repository, a wiki or a pull request.

What people wrote stays text: it neither ends a cell nor becomes markup, a link or HTML.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from stakactl.output.stream import Sink, whole
from stakactl.output.text import clean
from stakactl.output.view import Cell, Item, View

#: What CommonMark and GitHub's tables take for markup. An underscore within a word is none.
_MARKUP = re.compile(r"[\\`*\[\]|~#$!]|(?<![^\W_])_|_(?![^\W_])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
_BOXES = {"done": "✓", "failed": "✗", "not applicable": "–"}


def write_markdown(view: View, sink: Sink) -> None:
    """`view` is that of a checklist."""
    lines = [*_head(view), "", *_table(view), *_unclosed(view)]
    with whole(sink) as spool:
        spool.write("\n".join(lines) + "\n")


def escaped(text: str) -> str:
    """On one line, and nothing but text."""
    return _MARKUP.sub(r"\\\g<0>", clean(text)).translate(_ENTITIES).strip()


def _head(view: View) -> Iterator[str]:
    summary = view.summary
    is_closed = summary.get("finished") is not None
    yield f"# {_text(view.title)}: {'done' if is_closed else 'not finished'}"
    yield ""
    yield f"- Checklist: {_text(summary['checklist'])}"
    yield f"- Record: {_text(summary['record'])}"
    if view.mode is not None:
        yield f"- Stripe: {_text(view.mode)}"
    yield f"- Begun: {_text(summary['started'])} by {_text(summary['started_by'])}"
    if is_closed:
        yield f"- Finished: {_text(summary['finished'])}"


def _table(view: View) -> Iterator[str]:
    yield "| | Item | What | Answer, or what was seen | By | At |"
    yield "|---|---|---|---|---|---|"
    for item in view.items:
        box = _BOXES.get(str(item["state"]), " ")
        cells = (item["item"], item["title"], _remark(item), _by(item), item["noted_at"])
        yield f"| {box} | {' | '.join(_text(cell) for cell in cells)} |"


def _remark(item: Item) -> str:
    """What is done is told without saying so: the box does."""
    state, answer = str(item["state"]), item["answer"]
    if answer is not None:
        parts = (answer if state != "not applicable" else state, item["comment"])
    else:
        parts = ("" if state == "done" else state, item["detail"])
    return ": ".join(str(part) for part in parts if part)


def _by(item: Item) -> Cell:
    """An automatic item was looked at by stakactl itself."""
    if item["noted_at"] is None:
        return None
    return item["by"] or "stakactl"


def _unclosed(view: View) -> Iterator[str]:
    for section in view.sections:
        yield ""
        yield f"## {_text(section.title)}"
        yield ""
        for line in section.lines:
            yield f"{'  - ' if line.startswith(' ') else '- '}{_text(line)}"


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return escaped(str(cell))
