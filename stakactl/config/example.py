"""`.env.example` and new `.env` files, both made from the fields of Settings."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from stakactl.config.env_file import quoted
from stakactl.config.settings import Settings

_WIDTH = 98


def render_env_example() -> str:
    """Every setting with its explanation, none of them set."""
    head = [
        "# Settings of stakactl. Copy this file to .env (chmod 600) or type `stakactl init`.",
        "# The environment wins over this file. Every command checks all of it first.",
    ]
    return _file(head, {})


def env_file_text(values: Mapping[str, str]) -> str:
    """A commented `.env` with `values` (names as in `.env`) set and all other settings listed.

    Raises ValueError for a name that is no setting.
    """
    unknown = values.keys() - {name.upper() for name in Settings.model_fields}
    if unknown:
        raise ValueError(f"no settings of stakactl: {', '.join(sorted(unknown))}")
    head = [
        "# Settings of stakactl. This file holds secrets: keep it readable for its owner only.",
        "# The environment wins over this file. Every command checks all of it first.",
    ]
    return _file(head, values)


def _file(head: list[str], values: Mapping[str, str]) -> str:
    lines = [*head]
    group = ""
    for field_name, field in Settings.model_fields.items():
        extra: Any = field.json_schema_extra
        if extra["group"] != group:
            group = extra["group"]
            lines += ["", f"## {group}"]
        name = field_name.upper()
        lines += ["", *(f"# {line}" for line in wrap(field.description or "", _WIDTH))]
        if name in values:
            lines.append(f"{name}={quoted(values[name])}")
        else:
            lines.append(f"#{name}={_default(field.default, extra['example'])}")
    return "\n".join(lines) + "\n"


def _default(default: Any, example: str) -> str:
    if default is None or default == "":
        return quoted(example) if example else ""
    return quoted(str(default).lower() if isinstance(default, bool) else str(default))
