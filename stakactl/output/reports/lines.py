"""Lines of the sections that tell figures: a figure against the one before, and a share."""

from decimal import Decimal

from stakactl.domain.money import Money
from stakactl.domain.revenue import share_percent


def compared_line(
    label: str, now: str, then: str | None = None, change: Decimal | None = None
) -> str:
    growth = "" if change is None else f"{change:+} %"
    return f"{label:<16}{now:>20}{then or '':>20}{growth:>14}".rstrip()


def share_line(name: str, minor: int, whole: int, currency: str) -> str:
    """An amount and its part of the whole, in percent where there is a whole."""
    percent = share_percent(minor, whole)
    label = name if len(name) <= 40 else f"{name[:39]}…"
    told = "" if percent is None else f"{percent} %"
    return f"{label:<42}{Money(minor, currency)!s:>20}{told:>10}".rstrip()
