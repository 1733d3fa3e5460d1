"""Form parameters: `a[b][c]=1&a[0]=x&a[]=y` → a tree of text → values of the declared types.

Stripe refuses what it does not know and what has the wrong type; a client that gets away with a
typo here would fail in production.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from urllib.parse import parse_qsl

from stakactl.demo.offline_stripe import refusals

#: What a form says: text, or named parts of it.
Tree = dict[str, "str | Tree"]
#: What it means.
Values = dict[str, object]

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_METADATA_KEYS, _METADATA_KEY, _METADATA_VALUE = 50, 40, 500
_RANGE = ("gt", "gte", "lt", "lte")


class Type(Enum):
    TEXT = auto()
    INTEGER = auto()
    BOOLEAN = auto()
    RANGE = auto()  # an integer, or gt/gte/lt/lte
    HASH = auto()
    LIST = auto()
    METADATA = auto()


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    type: Type = Type.TEXT
    required: bool = False
    clearable: bool = False  # "" unsets it
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    fields: tuple["Param", ...] = field(default=())

    def needed(self) -> "Param":
        return replace(self, required=True)


def text(name: str, *, clearable: bool = False) -> Param:
    return Param(name, clearable=clearable)


def choice(name: str, *choices: str, clearable: bool = False) -> Param:
    return Param(name, choices=choices, clearable=clearable)


def integer(name: str, *, minimum: int | None = None, maximum: int | None = None) -> Param:
    return Param(name, Type.INTEGER, minimum=minimum, maximum=maximum)


def boolean(name: str) -> Param:
    return Param(name, Type.BOOLEAN)


def number_range(name: str) -> Param:
    return Param(name, Type.RANGE)


def hash_of(name: str, *fields: Param, clearable: bool = False) -> Param:
    return Param(name, Type.HASH, fields=fields, clearable=clearable)


def list_of(name: str, item: Param | None = None, *, maximum: int | None = None) -> Param:
    return Param(name, Type.LIST, fields=(item or text("item"),), maximum=maximum)


METADATA = Param("metadata", Type.METADATA, clearable=True)
EXPAND = list_of("expand")
ADDRESS = tuple(
    text(name, clearable=True)
    for name in ("city", "country", "line1", "line2", "postal_code", "state")
)


# -- decoding


def decode(*forms: str) -> Tree:
    """The tree that query strings and form bodies spell together."""
    tree: Tree = {}
    for form in forms:
        for key, value in parse_qsl(form, keep_blank_values=True):
            _plant(tree, key, value)
    return tree


def _plant(tree: Tree, key: str, value: str) -> None:
    match = _KEY.fullmatch(key)
    if match is None:
        raise refusals.parameters_unknown([key])
    names = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    for name in names[:-1]:
        branch = tree.setdefault(name or str(len(tree)), {})
        if isinstance(branch, str):
            raise refusals.value_invalid("object", names[0])
        tree = branch
    last = names[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise refusals.value_invalid("string", names[0])
    tree[last] = value


# -- reading


def read(tree: Tree, params: Sequence[Param], not_offered: Iterable[str] = ()) -> Values:
    """The values of a request, or the refusal that Stripe would answer."""
    return _read_fields(tree, params, frozenset(not_offered), prefix="")


def _read_fields(
    tree: Tree, params: Sequence[Param], not_offered: frozenset[str], prefix: str
) -> Values:
    known = {param.name: param for param in params}
    unknown = [name for name in tree if name not in known]
    strange = [_path(prefix, name) for name in unknown if name not in not_offered]
    if strange:
        raise refusals.parameters_unknown(strange)
    if unknown:
        raise refusals.parameter_not_offered(unknown[0])
    for param in params:
        if param.required and param.name not in tree:
            raise refusals.parameter_missing(_path(prefix, param.name))
    return {name: _value(known[name], raw, _path(prefix, name)) for name, raw in tree.items()}


def _path(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _value(param: Param, raw: "str | Tree", path: str) -> object:
    if raw == "":
        if param.clearable:
            return {} if param.type is Type.METADATA else None
        raise refusals.parameter_empty(path)
    if isinstance(raw, str):
        return _scalar(param, raw, path)
    match param.type:
        case Type.HASH:
            return _read_fields(raw, param.fields, frozenset(), path)
        case Type.RANGE:
            bounds = tuple(integer(name) for name in _RANGE)
            return _read_fields(raw, bounds, frozenset(), path)
        case Type.LIST:
            return _items(param, raw, path)
        case Type.METADATA:
            return _metadata(raw, path)
        case _:
            raise refusals.value_invalid("string", path, str(raw))


def _scalar(param: Param, raw: str, path: str) -> object:
    match param.type:
        case Type.INTEGER | Type.RANGE:
            return _integer(param, raw, path)
        case Type.BOOLEAN:
            if raw not in ("true", "false"):
                raise refusals.value_invalid("boolean", path, raw)
            return raw == "true"
        case Type.TEXT:
            if param.choices and raw not in param.choices:
                raise refusals.choice_invalid(path, param.choices)
            return raw
        case Type.LIST:
            raise refusals.value_invalid("array", path)
        case _:
            raise refusals.value_invalid("object", path)


def _integer(param: Param, raw: str, path: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", raw):
        raise refusals.integer_invalid(path, raw)
    value = int(raw)
    if param.minimum is not None and value < param.minimum:
        raise refusals.integer_out_of_range(path, value, param.minimum, above=False)
    if param.maximum is not None and value > param.maximum:
        raise refusals.integer_out_of_range(path, value, param.maximum, above=True)
    return value


def _items(param: Param, raw: Tree, path: str) -> list[object]:
    if not all(name.isdecimal() for name in raw):
        raise refusals.value_invalid("array", path)
    if param.maximum is not None and len(raw) > param.maximum:
        raise refusals.value_invalid("array", path, f"at most {param.maximum} values are allowed")
    (item,) = param.fields
    return [_value(item, raw[name], f"{path}[{name}]") for name in sorted(raw, key=int)]


def _metadata(raw: Tree, path: str) -> dict[str, str]:
    """Empty values stay in: on an update they remove the key."""
    if len(raw) > _METADATA_KEYS:
        raise refusals.value_invalid("metadata", path, f"at most {_METADATA_KEYS} keys are allowed")
    values: dict[str, str] = {}
    for name, value in raw.items():
        if not isinstance(value, str):
            raise refusals.value_invalid("metadata", f"{path}[{name}]", "values must be strings")
        if len(name) > _METADATA_KEY or len(value) > _METADATA_VALUE:
            raise refusals.value_invalid(
                "metadata",
                f"{path}[{name}]",
                f"keys hold at most {_METADATA_KEY} characters, values {_METADATA_VALUE}",
            )
        values[name] = value
    return values
