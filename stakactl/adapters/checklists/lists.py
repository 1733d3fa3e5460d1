"""The checklists: `data/checklists.toml`, and what a person's own file changes of them."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stakactl.adapters.checklists.fields import Fields, item_of, misfits, problems_of
from stakactl.adapters.resources import data_file
from stakactl.domain.checklists import Checklist, ListName
from stakactl.errors import ConfigurationError

BUNDLED = "checklists.toml"
SETTING = "CHECKLISTS_PATH"
_TITLES = {
    ListName.PRE_DEPLOY: "Before deploying",
    ListName.DEPLOY: "Deploying",
    ListName.POST_DEPLOY: "After deploying",
    ListName.ROLLBACK: "Rollback",
}

#: Items by id, in their order.
Items = dict[str, Fields]


def load_checklists(own: Path | None = None) -> dict[ListName, Checklist]:
    """`own` is the file that CHECKLISTS_PATH names. Raises ConfigurationError with every mistake
    in it."""
    text = data_file(BUNDLED).read_text(encoding="utf-8")
    lists = {ListName(name): dict(items) for name, items in tomllib.loads(text).items()}
    problems = [] if own is None else list(_changed(lists, _read(own)))
    lists = {name: _enabled(items) for name, items in lists.items()}
    problems += _unfit(lists)
    if problems:
        raise ConfigurationError(
            f"the checklists in {own or BUNDLED} cannot be used: {'; '.join(problems)}",
            hint=f"correct the file, or leave {SETTING} out to use the bundled checklists",
        )
    return {
        name: Checklist(name, _TITLES[name], tuple(item_of(*item) for item in items.items()))
        for name, items in lists.items()
    }


def _read(own: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(own.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            f"the checklists in {own} cannot be read: {reason}",
            hint=f"correct the path in {SETTING}, or the file, which is TOML",
        ) from error


def _changed(lists: dict[ListName, Items], own: Mapping[str, Any]) -> Iterator[str]:
    """Put what `own` says into `lists`; every mistake, with its place."""
    for name, items in own.items():
        if name not in set(ListName):
            yield f"[{name}] is no checklist; there are {', '.join(ListName)}"
        elif not isinstance(items, Mapping) or not all(
            isinstance(fields, Mapping) for fields in items.values()
        ):
            yield f"{name} has no items; write [{name}.load-test] and its fields below"
        else:
            for item_id, fields in items.items():
                wrong = problems_of(item_id, fields)
                yield from (f"[{name}.{item_id}] {problem}" for problem in wrong)
                if not wrong:
                    yield from _put(lists[ListName(name)], name, item_id, dict(fields))


def _put(items: Items, name: str, item_id: str, fields: Fields) -> Iterator[str]:
    """With a kind it is an item of its own; without, only what is written differs."""
    before = fields.pop("before", None)
    if "kind" not in fields:
        fields = {**items.get(item_id, {}), **fields}
    items[item_id] = fields
    if before is None:
        return
    if before not in items or before == item_id:
        yield f"[{name}.{item_id}] before: there is no item {before}"
        return
    ids = [each for each in items if each != item_id]
    ids.insert(ids.index(before), item_id)
    ordered = {each: items[each] for each in ids}
    items.clear()
    items.update(ordered)


def _enabled(items: Items) -> Items:
    """What is left when items are switched off: nothing waits for those."""
    left = {each: fields for each, fields in items.items() if fields.get("enabled", True)}
    off = items.keys() - left.keys()
    return {
        each: {**fields, "after": [name for name in fields.get("after", ()) if name not in off]}
        for each, fields in left.items()
    }


def _unfit(lists: Mapping[ListName, Items]) -> Iterator[str]:
    for name, items in lists.items():
        if not items:
            yield f"[{name}] has no item left"
        ids = list(items)
        for place, (item_id, fields) in enumerate(items.items()):
            for problem in misfits(fields, ids[:place]):
                yield f"[{name}.{item_id}] {problem}"
