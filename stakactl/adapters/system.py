"""The clock of the machine."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from stakactl.errors import ConfigurationError


class SystemClock:
    """Now in UTC; civil dates in the reporting time zone, such as "Europe/Paris"."""

    def __init__(self, time_zone: str) -> None:
        try:
            self._zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigurationError(
                f"unknown time zone {time_zone!r}", hint="use a name such as Europe/Paris"
            ) from error

    def now(self) -> datetime:
        return datetime.now(UTC)

    def local_date(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()
