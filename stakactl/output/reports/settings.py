"""`config show`: every setting, masked, with where it came from; those that are set in full."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stakactl.domain.runs import Mode
from stakactl.output.view import Column, Item, Section, View

_COLUMNS = tuple(
    Column(key, key, priority=None) for key in "name value origin group problem description".split()
)
_STYLES = {
    r"^[A-Z0-9_]+": "bold",
    r"^[A-Z0-9_]+:.*": "red",
    r"\([^()]*\)$": "dim",
    r"^Not set:.*": "dim",
}


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """`value` holds no secret and is "" where nothing is set; `problem` says what is wrong."""

    name: str
    value: str
    origin: str
    group: str
    description: str
    problem: str = ""


def settings_view(
    settings: Sequence[ShownSetting], mode: Mode | None, env_file: Path | None
) -> View:
    wrong = sum(bool(each.problem) for each in settings)
    return View(
        mode=mode,
        summary={
            "file": str(env_file) if env_file else None,
            "set": sum(each.origin != "default" for each in settings),
            "wrong": wrong,
        },
        items=[_item(each) for each in settings],
        columns=_COLUMNS,
        title="Settings",
        sections=tuple(_sections(settings)),
        notes=("stakactl config validate says what is wrong and what to type",) if wrong else (),
    )


def _item(setting: ShownSetting) -> Item:
    return {
        "name": setting.name,
        "value": setting.value or None,
        "origin": setting.origin,
        "group": setting.group,
        "problem": setting.problem or None,
        "description": setting.description,
    }


def _sections(settings: Sequence[ShownSetting]) -> Iterator[Section]:
    for group in dict.fromkeys(each.group for each in settings):
        members = [each for each in settings if each.group == group]
        yield Section(group, tuple(_lines(members)), _STYLES)


def _lines(members: Iterable[ShownSetting]) -> Iterator[str]:
    unset = []
    for each in members:
        if each.problem:
            yield f"{each.name}: {each.problem} ({_short(each.origin)})"
        elif each.value:
            yield f"{each.name} = {each.value} ({_short(each.origin)})"
        else:
            unset.append(each.name)
    if unset:
        yield f"Not set: {', '.join(unset)}"


def _short(origin: str) -> str:
    """The file's name and the line; the whole path is in the other formats."""
    file, colon, line = origin.rpartition(":")
    return f"{Path(file).name}{colon}{line}" if colon else origin
