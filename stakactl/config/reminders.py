"""How the settings of reminders are written: steps `7,15,30`, hours `9-18`, days `mon-fri`."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from stakactl.config.problems import Invalid, shown

if TYPE_CHECKING:
    from stakactl.config.settings import Settings
    from stakactl.domain.reminders import ReminderRules

MAX_STEPS = 6
_MAX_DAYS = 365
_HOURS = re.compile(r"(\d{1,2})(?::00)?\s*-\s*(\d{1,2})(?::00)?")
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_steps(value: str) -> tuple[int, ...]:
    """Days after the due date, rising; "none" is no step at all."""
    text = value.strip().lower()
    if text in {"none", "off"}:
        return ()
    pieces = [piece for piece in re.split(r"[\s,;]+", text) if piece]
    hint = "write 7,15,30, or none where nobody is to be reminded"
    if not pieces or not all(re.fullmatch(r"[1-9]\d{0,2}", piece) for piece in pieces):
        raise Invalid(f"{shown(value)} is no list of days after the due date", hint)
    days = tuple(map(int, pieces))
    if list(days) != sorted(set(days)) or days[-1] > _MAX_DAYS:
        raise Invalid(f"the days must rise, up to {_MAX_DAYS}", hint)
    if len(days) > MAX_STEPS:
        raise Invalid(f"more than {MAX_STEPS} reminders of one invoice", hint)
    return days


def parse_hours(value: str) -> tuple[int, int]:
    match = _HOURS.fullmatch(value.strip())
    first, last = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 0 <= first < last <= 24:
        raise Invalid(f"{shown(value)} are no hours of a day", "write 9-18 for 9:00 to 18:00")
    return first, last


def parse_days(value: str) -> frozenset[int]:
    """Names with commas between them, or from one to another: mon-fri, mon,wed,sat."""
    days: set[int] = set()
    for piece in re.split(r"[\s,]+", value.strip().lower()):
        begin, dash, end = piece.partition("-")
        if begin[:3] not in _NAMES or (dash and end[:3] not in _NAMES):
            raise Invalid(f"{shown(piece)} is no day of the week", "write mon-fri, or mon,tue,sat")
        first = _NAMES.index(begin[:3])
        last = _NAMES.index(end[:3]) if dash else first
        days.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return frozenset(days)


def rules(settings: "Settings") -> "ReminderRules":
    """When customers are reminded, from the settings."""
    from stakactl.domain.reminders import ReminderRules
    from stakactl.domain.working_hours import WorkingHours

    first, last = parse_hours(settings.reminder_hours)
    days = parse_days(settings.reminder_days)
    hours = WorkingHours(settings.time_zone, first, last, days)
    return ReminderRules(parse_steps(settings.reminder_steps), settings.reminder_min_days, hours)


def _checked(parse: Callable[[str], object]) -> AfterValidator:
    """The text itself, as `.env` shows it again, once it is known to make sense."""

    def check(value: str) -> str:
        parse(value)
        return value.strip()

    return AfterValidator(check)


Steps = Annotated[str, _checked(parse_steps)]
Hours = Annotated[str, _checked(parse_hours)]
Days = Annotated[str, _checked(parse_days)]
