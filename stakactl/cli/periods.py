"""Options that name days, and the aware times they mean."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.errors import UsageError

_TIMEFRAMES = {"7d": 7, "30d": 30, "90d": 90, "12m": 365}


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2026-01-31") from None


SinceOption = Annotated[
    date | None,
    typer.Option(
        "--since",
        parser=_day,
        metavar="<day>",
        help="First day, as 2026-01-31.",
        show_default=False,
    ),
]
UntilOption = Annotated[
    date | None,
    typer.Option(
        "--until", parser=_day, metavar="<day>", help="Last day, included.", show_default=False
    ),
]


def _days(text: str) -> timedelta:
    if not text.removesuffix("d").isdecimal() or not 1 <= int(text.removesuffix("d")) <= 3650:
        raise typer.BadParameter(f"{text!r} is no number of days; write it as 30d")
    return timedelta(days=int(text.removesuffix("d")))


NotifySinceOption = Annotated[
    timedelta,
    typer.Option(
        "--notify-since",
        parser=_days,
        metavar="<days>",
        help="Tell customers who were here within so many days, as 30d.",
    ),
]


def first_day(timeframe: str, last: date) -> date | None:
    """The first day of a time frame that ends with `last`; None for all."""
    if timeframe == "all":
        return None
    if timeframe not in _TIMEFRAMES:
        raise UsageError(
            f"--timeframe {timeframe!r} is not known", hint="one of 7d, 30d, 90d, 12m, all"
        )
    return last - timedelta(days=_TIMEFRAMES[timeframe] - 1)


def period(
    call: Call, since: date | None, until: date | None
) -> tuple[datetime | None, datetime | None]:
    """From the start of `since` to the end of `until` in the reporting time zone, aware UTC."""
    if since and until and until < since:
        raise UsageError(
            f"--until {until:%Y-%m-%d} is before --since {since:%Y-%m-%d}", hint="swap the two days"
        )
    start = midnight(call, since) if since else None
    end = midnight(call, until + timedelta(days=1)) if until else None
    return start, end


def midnight(call: Call, day: date) -> datetime:
    zone = call.container.settings.time_zone
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
