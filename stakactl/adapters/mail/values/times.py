"""Hours and durations as a letter writes them; days are written by `Figures`."""

from datetime import datetime

from stakactl.adapters.documents.figures import PARIS, Figures
from stakactl.domain.letters import Language

_NBSP = "\N{NO-BREAK SPACE}"
_UNITS = (
    (86_400, {Language.FRENCH: "jour", Language.ENGLISH: "day"}),
    (3_600, {Language.FRENCH: "heure", Language.ENGLISH: "hour"}),
    (60, {Language.FRENCH: "minute", Language.ENGLISH: "minute"}),
)


def moment(at: datetime, figures: Figures, language: Language) -> str:
    """15 mars 2026 à 14 h 30, 15 March 2026 at 14:30: Paris time."""
    word = "à" if language is Language.FRENCH else "at"
    return f"{figures.paris_day(at)} {word} {hour(at, language)}"


def hour(at: datetime, language: Language) -> str:
    """14 h 30, 14 h, 14:30: Paris time."""
    local = at.astimezone(PARIS)
    if language is Language.ENGLISH:
        return f"{local:%H:%M}"
    minutes = f"{_NBSP}{local:%M}" if local.minute else ""
    return f"{local.hour}{_NBSP}h{minutes}"


def same_day(first: datetime, second: datetime) -> bool:
    """In Paris."""
    return first.astimezone(PARIS).date() == second.astimezone(PARIS).date()


def duration(seconds: int, language: Language) -> str:
    """7 jours, 1 hour: rounded down to the largest unit that fits, at least a minute."""
    size, names = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    count = max(1, seconds // size)
    return f"{count}{_NBSP}{names[language]}{'s' if count > 1 else ''}"
