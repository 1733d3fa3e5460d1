"""Zones and moments."""

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

from stakactl.config.problems import Invalid, shown


def parse_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        reason = f"{shown(value)} is no time zone"
        raise Invalid(reason, "write a name such as Europe/Paris") from None
    return value


def parse_moment(value: str, zone: tzinfo) -> datetime:
    """A date (midnight in `zone`) or an ISO 8601 time (in `zone` when it has no offset), as UTC."""
    text = value.strip()
    try:
        if len(text) == len("2026-01-31"):
            moment = datetime.combine(date.fromisoformat(text), time(), zone)
        else:
            moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{shown(value)} is no date", "write 2026-09-01 or 2026-09-01T08:00:00+02:00"
        ) from None
