"""Stretches of time, and which parts of one are still to be read.

A sync reads Stripe's lists by creation time. What it has read is kept as windows, so that one
that is interrupted goes on with the rest; windows that touch are one, so that there are few.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """Creation times from `since` (inclusive) to `until` (exclusive), aware UTC."""

    since: datetime
    until: datetime


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """The same time as windows that neither touch nor overlap, oldest first."""
    found: list[Window] = []
    for window in sorted(windows, key=lambda window: window.since):
        if window.since >= window.until:
            continue
        if found and window.since <= found[-1].until:
            found[-1] = Window(found[-1].since, max(found[-1].until, window.until))
        else:
            found.append(window)
    return tuple(found)


def without(whole: Window, covered: Iterable[Window]) -> tuple[Window, ...]:
    """The parts of `whole` that no window of `covered` holds, oldest first."""
    missing: list[Window] = []
    since = whole.since
    for window in merged(covered):
        if window.since >= whole.until:
            break
        if window.since > since:
            missing.append(Window(since, window.since))
        since = max(since, window.until)
    if since < whole.until:
        missing.append(Window(since, whole.until))
    return tuple(missing)


def before(windows: Iterable[Window], moment: datetime) -> tuple[Window, ...]:
    """What of the windows lies before a moment."""
    return merged(Window(window.since, min(window.until, moment)) for window in windows)


def cut(window: Window, last: timedelta) -> Iterator[Window]:
    """Parts of a long window, newest first: the newest is `last` long, each older one twice as
    long as the one before it, because a business is busier today than years ago."""
    until, length = window.until, last
    while window.since < until:
        since = until - length if until - window.since > length else window.since
        yield Window(since, until)
        until, length = since, 2 * length
