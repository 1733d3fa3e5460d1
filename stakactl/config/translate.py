"""What an existing application's `.env` means here."""

from collections.abc import Mapping
from dataclasses import dataclass

from stakactl.config.env_file import parse_env
from stakactl.config.names import ALIASES, RECOGNISED, is_slip, nearest
from stakactl.config.problems import as_message
from stakactl.config.reading import field_names
from stakactl.config.settings import Settings
from stakactl.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one recognised name; `taken` when its value stands in the new file."""

    name: str
    line: int
    taken: bool
    meaning: str


@dataclass(frozen=True, slots=True)
class Translation:
    """`values` for the new file, every recognised name explained, the other names listed."""

    values: Mapping[str, str]
    explained: tuple[Explanation, ...]
    ignored: tuple[str, ...]


def translate_env(text: str, label: str = ".env") -> Translation:
    """Translate the text of an application's `.env`; `label` is how messages call that file.

    Values of settings are kept, unchecked (`init` checks them before it writes); what this version
    does not use is left out, so that no secret is copied for nothing. Raises ConfigurationError
    when a line cannot be read.
    """
    file = parse_env(text, label)
    if file.problems:
        raise ConfigurationError(as_message(file.problems), hint=f"correct {label} and try again")
    fields = field_names()
    values: dict[str, str] = {}
    explained: list[Explanation] = []
    ignored: list[str] = []
    for entry in file.entries:
        name = ALIASES.get(entry.name, entry.name)
        if name in fields:
            taken = bool(entry.value.strip()) and name not in values
            if taken:
                values[name] = entry.value
            meaning = _meaning(entry.name, name, taken, values)
            explained.append(Explanation(entry.name, entry.line, taken, meaning))
        elif known := RECOGNISED.get(entry.name):
            meaning = f"{known.meaning} ({known.use})"
            explained.append(Explanation(entry.name, entry.line, False, meaning))
        elif is_slip(entry.name, fields) and (meant := nearest(entry.name, fields)):
            ignored.append(f"{entry.name} (did you mean {meant}?)")
        else:
            ignored.append(entry.name)
    return Translation(values, tuple(explained), tuple(ignored))


def _meaning(written: str, name: str, taken: bool, values: Mapping[str, str]) -> str:
    if not taken:
        return f"set already as {name}" if name in values else "empty, left out"
    description = Settings.model_fields[name.lower()].description or ""
    return description if written == name else f"{name} here: {description}"
