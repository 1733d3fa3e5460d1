"""The settings as `config validate` sees them: what is set and good, what is wrong, no secret."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from stakactl.config.reading import Reading, field_names
from stakactl.config.settings import Settings
from stakactl.operations.ports import Clock
from stakactl.operations.ports.inspection.here import (
    SettingProblem,
    SettingsFacts,
    SettingWarning,
)

MASK = "•••"
#: Shorter ones would be found in any sentence.
_LEAST_CHARACTERS = 4


class SettingsInspection:
    """A SettingsInspector of what was read."""

    def __init__(self, read: Reading, clock: Clock) -> None:
        self._read = read
        self._clock = clock
        # A secret may begin with another one.
        self._secrets = sorted(set(_secrets(read.settings)), key=len, reverse=True)

    def facts(self) -> SettingsFacts:
        settings = self._read.settings
        names = field_names()
        origins = {name: settings.origin(name) for name in names}
        origins |= {problem.setting: problem.origin for problem in self._read.problems}
        return SettingsFacts(
            given=tuple(name for name in names if _is_given(settings, name)),
            origins={n: origin for n, origin in origins.items() if origin not in {"", "default"}},
            problems=tuple(
                SettingProblem(problem.setting, problem.reason, problem.hint, problem.usable)
                for problem in self._read.problems
            ),
            warnings=tuple(SettingWarning(_named(text, names), text) for text in settings.warnings),
            demo=settings.is_demo,
            production=settings.is_production,
            company=settings.company(),
            tax_rate=settings.tax_rate,
            invoices_since=settings.invoices_since,
            now=self._clock.now(),
        )

    def masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


def _is_given(settings: Settings, name: str) -> bool:
    field = name.lower()
    if field not in settings.model_fields_set:
        return False
    return getattr(settings, field) is not None


def _named(text: str, names: tuple[str, ...]) -> str:
    """The first setting that a sentence is about."""
    words = re.findall(r"[A-Z][A-Z0-9_]+", text)
    return next((word for word in words if word in names), "")


def _secrets(settings: Settings) -> Iterator[str]:
    """Everything that must not be shown: secrets whole, and the passwords of URLs alone too."""
    for field in type(settings).model_fields:
        value = getattr(settings, field)
        if isinstance(value, SecretStr):
            text = value.get_secret_value()
            password = _password(text)
            yield from (each for each in (text, password, unquote(password)) if _is_long(each))


def _password(text: str) -> str:
    try:
        return urlsplit(text).password or ""
    except ValueError:
        return ""


def _is_long(secret: str) -> bool:
    return len(secret) >= _LEAST_CHARACTERS
