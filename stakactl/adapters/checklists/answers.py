"""Answers to manual items in a file, for CI: TOML, or JSON where the name ends so."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stakactl.domain.checklists import MAX_COMMENT, Answer, Checklist, ItemKind, Reply
from stakactl.errors import UsageError

_FIELDS = ("answer", "comment", "by")


def read_answers(path: Path, checklist: Checklist) -> dict[str, Answer]:
    """By item. Raises UsageError with every mistake and its place."""
    manual = [item.item_id for item in checklist.items if item.kind is ItemKind.MANUAL]
    automatic = {item.item_id for item in checklist.items} - set(manual)
    problems: list[str] = []
    answers: dict[str, Answer] = {}
    for item_id, value in _read(path).items():
        if item_id in automatic:
            problems.append(f"{item_id} is automatic: it is looked at, not answered")
        elif item_id not in manual:
            problems.append(f"{checklist.name} has no item {item_id}; it has {', '.join(manual)}")
        else:
            fields = value if isinstance(value, Mapping) else {"answer": value}
            wrong = list(_problems(item_id, fields))
            problems += wrong
            if not wrong:
                answers[item_id] = _answer(fields)
    if problems:
        raise UsageError(
            f"the answers in {path} cannot be used: {'; '.join(problems)}",
            hint='an answer is "yes", "no" or "skip" (it does not apply): '
            '[tests] answer = "yes", comment = "pipeline 1234"',
        )
    return answers


def _read(path: Path) -> Mapping[str, Any]:
    is_json = path.suffix.lower() == ".json"
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads(text) if is_json else tomllib.loads(text)
    except (OSError, ValueError) as error:  # also what is no UTF-8, JSON or TOML
        reason = error.strerror if isinstance(error, OSError) else str(error)
        kind = "JSON" if is_json else "TOML"
        raise UsageError(
            f"--assume {path} cannot be read: {reason}",
            hint=f"a {kind} file with an answer for each item",
        ) from error
    if not isinstance(found, Mapping):
        raise UsageError(
            f"--assume {path} is no JSON object", hint='{"tests": {"answer": "yes", "by": "ci"}}'
        )
    return found


def _problems(item_id: str, fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        if name not in _FIELDS:
            yield f"{item_id}.{name} is no field; there are {', '.join(_FIELDS)}"
        elif name != "answer" and not isinstance(value, str):
            yield f"{item_id}.{name} is a text"
        elif name != "answer" and len(value) > MAX_COMMENT:
            yield f"{item_id}.{name} is longer than {MAX_COMMENT} characters"
    if "answer" not in fields:
        yield f"{item_id} has no answer"
    elif _reply(fields["answer"]) is None:
        yield f"{item_id}.answer is {json.dumps(fields['answer'], default=str)}"


def _reply(value: object) -> Reply | None:
    """`true` and `false` are as good as yes and no."""
    if isinstance(value, bool):
        return Reply.YES if value else Reply.NO
    return Reply(value) if isinstance(value, str) and value in set(Reply) else None


def _answer(fields: Mapping[str, Any]) -> Answer:
    reply = _reply(fields["answer"])
    assert reply is not None  # noqa: S101 (it was checked)
    return Answer(reply, _line(fields, "comment"), _line(fields, "by"))


def _line(fields: Mapping[str, Any], name: str) -> str:
    return " ".join(str(fields.get(name, "")).split())
