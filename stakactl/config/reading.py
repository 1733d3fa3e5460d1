"""Settings are read in one go, so that a person sees every problem at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stakactl.config import checks
from stakactl.config.problems import Invalid, Problem, as_message, shown
from stakactl.config.settings import Settings
from stakactl.config.sources import Gathered, gather
from stakactl.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings as far as they are good, and everything that is wrong with the rest."""

    settings: Settings
    problems: tuple[Problem, ...]

    def checked(self) -> Settings:
        """The settings. Raises ConfigurationError that lists every problem."""
        if self.problems:
            raise ConfigurationError(
                as_message(self.problems),
                hint="correct the settings named above; .env.example explains each",
            )
        return self.settings


def field_names() -> tuple[str, ...]:
    """The names of all settings, as `.env` writes them."""
    return tuple(name.upper() for name in Settings.model_fields)


def read_settings(
    env_file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Reading:
    """Read and check everything. Raises ConfigurationError only when a file cannot be read."""
    here = folder or Path.cwd()
    fields = field_names()
    gathered = gather(fields, env_file, os.environ if environ is None else environ, here)
    texts: dict[str, Any] = {name.lower(): value.text for name, value in gathered.values.items()}
    wrong: dict[str, Problem] = {}
    try:
        settings = Settings(**texts)
    except ValidationError as error:
        wrong = _translated(error, gathered)
        good = {name: text for name, text in texts.items() if name.upper() not in wrong}
        settings = Settings(**good)
    _place(settings, gathered, here)
    together = checks.problems(settings, wrong)
    return Reading(settings, (*gathered.problems, *wrong.values(), *together))


def _place(settings: Settings, gathered: Gathered, folder: Path) -> None:
    origins = {name: value.origin for name, value in gathered.values.items()}
    settings.remember(origins, gathered.env_file, folder)
    settings.warn((*gathered.warnings, *checks.warnings(settings)))


def _translated(error: ValidationError, gathered: Gathered) -> dict[str, Problem]:
    problems = {}
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0]).upper()
        value = gathered.values[name]
        context = detail.get("ctx", {})
        cause = context.get("error")
        if isinstance(cause, Invalid):
            reason, hint = cause.reason, cause.hint
        else:
            reason, hint = f"is {shown(value.text)}: {_expected(detail['type'], context)}", ""
        problems[name] = Problem(name, value.origin, reason, hint)
    return problems


def _expected(kind: str, context: Mapping[str, object]) -> str:
    words = {
        "int_parsing": "it must be a whole number",
        "int_from_float": "it must be a whole number",
        "bool_parsing": "it must be true or false",
        "enum": f"it must be one of {context.get('expected')}",
        "greater_than_equal": f"it must be at least {context.get('ge')}",
        "less_than_equal": f"it must be at most {context.get('le')}",
    }
    return words.get(kind, "stakactl cannot read it")
