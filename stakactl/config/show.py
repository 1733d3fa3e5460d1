"""The settings in use as rows for people: secrets masked, with where each came from."""

from dataclasses import dataclass

from pydantic import SecretStr

from stakactl.config.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingRow:
    """`value` is "" where nothing is set; `origin` as in `Settings.origin`."""

    name: str
    value: str
    origin: str
    description: str


def setting_rows(settings: Settings) -> tuple[SettingRow, ...]:
    """One row per setting, in the order of `.env.example`."""
    return tuple(
        SettingRow(
            name.upper(),
            _masked(getattr(settings, name)),
            settings.origin(name.upper()),
            field.description or "",
        )
        for name, field in type(settings).model_fields.items()
    )


def _masked(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        head = next((p for p in ("sk_live_", "sk_test_", "rk_live_", "rk_test_") if p in text), "")
        return f"{head}•••"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
