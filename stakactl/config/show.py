"""The settings in use as rows for people: secrets masked, with where each came from."""

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from stakactl.config.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    """`value` is "" where nothing is set; `origin` as in `Settings.origin`; `group` is the
    heading in `.env.example`."""

    name: str
    value: str
    origin: str
    description: str
    group: str


def setting_rows(settings: Settings) -> tuple[SettingRow, ...]:
    """One row per setting, in the order of `.env.example`."""
    return tuple(
        SettingRow(
            name.upper(),
            _masked(getattr(settings, name)),
            settings.origin(name.upper()),
            field.description or "",
            _group(field),
        )
        for name, field in type(settings).model_fields.items()
    )


def _group(field: FieldInfo) -> str:
    extra: Any = field.json_schema_extra
    return str(extra["group"])


def _masked(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        head = next((p for p in ("sk_live_", "sk_test_", "rk_live_", "rk_test_") if p in text), "")
        return f"{head}•••"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
