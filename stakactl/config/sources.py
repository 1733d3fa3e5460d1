"""Where settings stand: the `.env` in use and the environment, which wins.

Empty values count as not set, as container files write them for what is missing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from stakactl.config.env_file import EnvFile, read_env_file
from stakactl.config.names import ALIASES, RECOGNISED, is_slip, nearest
from stakactl.config.problems import Problem

ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Value:
    """The text of one setting. `name` is the setting, `origin` "environment" or "FILE:LINE"."""

    name: str
    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that was found: one value per setting, and what is wrong with the names."""

    values: Mapping[str, Value]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    env_file: Path | None


def gather(
    fields: Collection[str], env_file: Path | None, environ: Mapping[str, str], folder: Path
) -> Gathered:
    """Read `env_file`, else `.env` in `folder` when there is one, and the environment.

    `fields` are the names of the settings. Raises ConfigurationError when a file that was asked
    for is missing, or one cannot be read.
    """
    path = folder / (env_file or ".env")
    found = env_file is not None or path.exists()
    file = read_env_file(path) if found else EnvFile((), ())
    in_file = [Value(e.name, e.value, f"{path}:{e.line}") for e in file.entries]
    outside = [Value(name, text, ENVIRONMENT) for name, text in environ.items()]
    problems = list(file.problems)
    values: dict[str, Value] = {}
    for source in (in_file, outside):
        chosen = _settings_of(source, fields, problems)
        values.update(chosen)
        problems += [_slip(v, fields) for v in source if is_slip(v.name, fields)]
    warnings = _warnings(in_file, fields)
    return Gathered(values, tuple(problems), warnings, path.absolute() if found else None)


def _settings_of(
    source: list[Value], fields: Collection[str], problems: list[Problem]
) -> dict[str, Value]:
    chosen: dict[str, Value] = {}
    for value in source:
        name = ALIASES.get(value.name, value.name)
        if name not in fields or not value.text.strip():
            continue
        other = chosen.get(name)
        if other is not None and other.text != value.text:
            problems.append(
                Problem(
                    value.name,
                    value.origin,
                    f"says something else than {name} or another name of it ({other.origin})",
                    f"keep {name} only",
                )
            )
        chosen.setdefault(name, Value(name, value.text, value.origin))
    return chosen


def _slip(value: Value, fields: Collection[str]) -> Problem:
    meant = nearest(value.name, fields)
    hint = f"did you mean {meant}?" if meant else "remove it; .env.example lists every setting"
    return Problem(value.name, value.origin, "is no setting of stakactl", hint)


def _warnings(in_file: list[Value], fields: Collection[str]) -> tuple[str, ...]:
    warnings = []
    for value in in_file:
        unknown = value.name not in {*fields, *RECOGNISED, *ALIASES}
        if unknown and not is_slip(value.name, fields):
            meant = nearest(value.name, fields, cutoff=0.9)
            if meant:
                warnings.append(f"{value.name} ({value.origin}) is ignored; did you mean {meant}?")
    return tuple(warnings)
