"""The fields of an item in a checklist file: what may stand there, and the Item made of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from stakactl.domain.checklists import Item, ItemKind, OwnCheck
from stakactl.errors import UsageError
from stakactl.operations.validate.catalogue import CHECKS
from stakactl.operations.validate.selection import select

Fields = dict[str, Any]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_ID = 24
_MAX_TEXT = 200
_TEXTS = ("title", "hint")
_SWITCHES = ("strict", "once", "enabled")
_LISTS = ("checks", "own_checks", "needed", "after")
#: Those that only what stakactl looks at by itself can have.
_AUTOMATIC = ("checks", "own_checks", "needed", "strict", "once")
FIELDS = (*_TEXTS, "kind", *_LISTS, *_SWITCHES, "before")


def problems_of(item_id: str, fields: Mapping[str, Any]) -> list[str]:
    """What is wrong with each field by itself."""
    found = [problem for name, value in fields.items() if (problem := _problem(name, value))]
    if not _ID.fullmatch(item_id) or len(item_id) > _MAX_ID:
        found.append(f"an id is made of a-z, 0-9 and -, with {_MAX_ID} characters at most")
    return found


def _problem(name: str, value: object) -> str:
    if name not in FIELDS:
        return f"there is no field {name}; there are {', '.join(FIELDS)}"
    if name in _SWITCHES:
        return "" if isinstance(value, bool) else f"{name} is true or false"
    if name in _LISTS:
        return _list_problem(name, value)
    if not isinstance(value, str) or not value.strip():
        return f"{name} is a text"
    if name == "kind" and value not in set(ItemKind):
        return f"kind is {' or '.join(ItemKind)}"
    return f"{name} is longer than {_MAX_TEXT} characters" if len(value) > _MAX_TEXT else ""


def _list_problem(name: str, value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return f'{name} is a list of texts, such as ["stripe.key"]'
    if name == "own_checks":
        strange = [part for part in value if part not in set(OwnCheck)]
        return f"there is no {strange[0]}; there are {', '.join(OwnCheck)}" if strange else ""
    if name == "needed":
        strange = sorted({*value} - {check.id for check in CHECKS})
        return f"needed: there is no check {strange[0]}" if strange else ""
    if name == "checks":
        try:
            select(CHECKS, value, ())
        except UsageError as error:
            pattern = error.message.removeprefix("--only ")
            return f"checks: {pattern} of config validate ({error.hint})"
    return ""


def misfits(fields: Mapping[str, Any], earlier: Sequence[str]) -> list[str]:
    """What does not fit together; `earlier` are the items before it."""
    missing = [name for name in ("title", "kind") if name not in fields]
    if missing:
        return [f"{' and '.join(missing)} must be there for an item of your own"]
    found = []
    looks = bool(fields.get("checks") or fields.get("own_checks"))
    if fields["kind"] == ItemKind.AUTOMATIC and not looks:
        found.append("an automatic item needs checks or own_checks")
    if fields["kind"] == ItemKind.MANUAL:
        found += [f"a manual item has no {name}" for name in _AUTOMATIC if fields.get(name)]
    found += [
        f"after: {name} is no earlier item"
        for name in fields.get("after", ())
        if name not in earlier
    ]
    return found


def item_of(item_id: str, fields: Mapping[str, Any]) -> Item:
    """Of checked fields."""
    return Item(
        item_id,
        " ".join(fields["title"].split()),
        ItemKind(fields["kind"]),
        tuple(fields.get("checks", ())),
        tuple(OwnCheck(name) for name in fields.get("own_checks", ())),
        fields.get("strict", False),
        tuple(fields.get("needed", ())),
        fields.get("once", False),
        tuple(fields.get("after", ())),
        " ".join(fields.get("hint", "").split()),
    )
