"""When people buy: more on weekdays and in the evening, hardly ever at four in the morning.

Chance is drawn without looking at the date; only here does it meet the calendar. So a world of
the same seed holds the same orders whatever the day it is built on.
"""

from bisect import bisect_right
from datetime import UTC, datetime

DAY = 86_400
HOUR = 3_600
SHORTEST = 14  # days; planted cases need room between an order and what became of it

#: Monday to Sunday.
WEEKDAYS = (1.10, 1.15, 1.10, 1.05, 1.00, 0.70, 0.80)
#: Midnight to 23 h, Paris time.
HOURS = (
    *(0.4, 0.2, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.2, 1.5, 1.6, 1.5),
    *(1.5, 1.4, 1.4, 1.4, 1.3, 1.3, 1.4, 1.6, 1.9, 1.8, 1.3, 0.8),
)


class Rhythm:
    """Turns a chance between 0 and 1 into a moment of the `days` before `now`."""

    def __init__(self, now: datetime, days: int) -> None:
        if now.tzinfo is None:
            raise ValueError("now must be an aware datetime")
        if days < SHORTEST:
            raise ValueError(f"a world lasts at least {SHORTEST} days, not {days}")
        self.days = days
        self.now = int(now.timestamp())
        self._start = self.now - days * DAY
        total = 0.0
        self._mass = [total]
        for hour in range(days * 24):
            paris = datetime.fromtimestamp(self._start + (hour + 1) * HOUR, UTC)
            total += WEEKDAYS[paris.weekday()] * HOURS[paris.hour]
            self._mass.append(total)

    def moment(self, chance: float, oldest: float, youngest: float) -> int:
        """Unix time between `oldest` and `youngest` days before now."""
        low = self._mass_at(self.now - min(oldest, self.days) * DAY)
        high = self._mass_at(self.now - youngest * DAY)
        wanted = low + chance * (high - low)
        hour = min(bisect_right(self._mass, wanted), len(self._mass) - 1) - 1
        share = (wanted - self._mass[hour]) / (self._mass[hour + 1] - self._mass[hour])
        return self._start + int((hour + share) * HOUR)

    def _mass_at(self, time: float) -> float:
        hour, rest = divmod((time - self._start) / HOUR, 1)
        index = min(int(hour), len(self._mass) - 1)
        following = self._mass[min(index + 1, len(self._mass) - 1)]
        return self._mass[index] + rest * (following - self._mass[index])


def iso(time: int) -> str:
    """Unix time as the import format wants it."""
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")
