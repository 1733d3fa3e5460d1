"""The rules of alerts: `data/alert_rules.toml`, and what a person's own file changes of them."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from stakactl.adapters.resources import data_file
from stakactl.domain.alerts import Measure, Rule, Words
from stakactl.domain.findings import Discrepancy
from stakactl.errors import ConfigurationError

BUNDLED = "alert_rules.toml"
_NUMBERS = ("threshold", "degraded", "critical", "margin")
_HOURS = {"period_hours": "period", "window_hours": "window", "grace_hours": "grace"}
_OURS = ("title", "title_fr", "hint", "hint_fr", "measure", "classes")
#: What a person may change; what a rule looks at is ours.
CHANGEABLE = frozenset({*_NUMBERS, *_HOURS, "at_least", "enabled"})
_FIELDS = CHANGEABLE | frozenset(_OURS)
#: Ten years: an interval beyond is a slip of the keyboard.
_MOST_HOURS = 24 * 3653

Fields = dict[str, Any]


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """In the order of the bundled file; those with `enabled = false` are left out. `own` is the
    file that ALERT_RULES names. Raises ConfigurationError with every mistake in it."""
    rules = _read(data_file(BUNDLED))
    if own is not None:
        _change(rules, own)
    return tuple(
        _rule(rule_id, fields) for rule_id, fields in rules.items() if fields.get("enabled", True)
    )


def _read(path: Path) -> dict[str, Fields]:
    tables = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return {
        f"{area}.{name}": fields for area, table in tables.items() for name, fields in table.items()
    }


def _change(rules: dict[str, Fields], own: Path) -> None:
    problems: list[str] = []
    for rule_id, fields in _own_tables(own, problems).items():
        if rule_id not in rules:
            problems.append(f"there is no rule {rule_id}; the rules are {', '.join(rules)}")
            continue
        problems += (f"[{rule_id}] {problem}" for problem in _problems(fields))
        rules[rule_id] = {**rules[rule_id], **fields}
    if problems:
        raise ConfigurationError(
            f"the alert rules in {own} cannot be used: {'; '.join(problems)}",
            hint="correct the file, or leave ALERT_RULES out to use the bundled rules",
        )


def _own_tables(own: Path, problems: list[str]) -> dict[str, Fields]:
    try:
        tables = tomllib.loads(own.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            f"the alert rules in {own} cannot be read: {reason}",
            hint="correct the path in ALERT_RULES, or the file, which is TOML",
        ) from error
    found: dict[str, Fields] = {}
    for area, table in tables.items():
        rules = table if isinstance(table, Mapping) else {}
        if not rules or not all(isinstance(fields, Mapping) for fields in rules.values()):
            problems.append(f"{area} is no rule; write [disk.space] and its fields below")
            continue
        found |= {f"{area}.{name}": dict(fields) for name, fields in rules.items()}
    return found


def _problems(fields: Fields) -> list[str]:
    return [problem for name, value in fields.items() if (problem := _problem(name, value))]


def _problem(name: str, value: object) -> str:
    if name not in CHANGEABLE:
        return f"{name} cannot be changed; these can: {', '.join(sorted(CHANGEABLE))}"
    if name == "enabled":
        return "" if isinstance(value, bool) else "enabled is true or false"
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return f"{name} is no number"
    if not Decimal(value).is_finite() or value < 0:
        return f"{name} is no number from 0 on"
    if name in _HOURS and value > _MOST_HOURS:
        return f"{name} is more than ten years"
    if name == "period_hours" and value == 0:
        return "period_hours is 0: every look would tell it again"
    if name == "at_least" and not isinstance(value, int):
        return "at_least is no whole number"
    return ""


def _rule(rule_id: str, fields: Fields) -> Rule:
    """Of checked fields; what is wrong with the bundled file is a KeyError or ValueError."""
    unknown = set(fields) - _FIELDS
    if unknown:
        raise ValueError(f"{rule_id}: {unknown}")
    values: dict[str, Any] = {
        name: Decimal(fields[name]) for name in _NUMBERS if fields.get(name) is not None
    }
    values |= {
        field: timedelta(seconds=int(Decimal(fields[name]) * 3600))
        for name, field in _HOURS.items()
        if name in fields
    }
    return Rule(
        rule_id,
        Measure(fields["measure"]),
        Words(fields["title"], fields["title_fr"]),
        Words(fields["hint"], fields["hint_fr"]),
        values.pop("threshold", None),
        at_least=fields.get("at_least", 0),
        classes=tuple(Discrepancy(name) for name in fields.get("classes", ())),
        **values,
    )
