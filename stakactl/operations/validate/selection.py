"""Which checks a person wants: `--only` and `--skip` take ids, areas and globs."""

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from stakactl.errors import UsageError
from stakactl.operations.validate.checks import Check


def select(checks: Sequence[Check], only: Iterable[str], skip: Iterable[str]) -> list[Check]:
    """The checks of `only` (all where it is empty) without those of `skip`, in their order.

    Each text may hold several patterns with commas between them. Raises UsageError for one that
    fits no check.
    """
    wanted = _patterns("--only", only, checks)
    unwanted = _patterns("--skip", skip, checks)
    return [
        check
        for check in checks
        if (not wanted or _fits_any(check.id, wanted)) and not _fits_any(check.id, unwanted)
    ]


def _patterns(option: str, texts: Iterable[str], checks: Sequence[Check]) -> list[str]:
    patterns = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    for pattern in patterns:
        if not any(_fits(check.id, pattern) for check in checks):
            raise UsageError(f"{option} {pattern!r} fits no check", hint=_near(pattern, checks))
    return patterns


def _fits_any(check_id: str, patterns: Iterable[str]) -> bool:
    return any(_fits(check_id, pattern) for pattern in patterns)


def _fits(check_id: str, pattern: str) -> bool:
    """`stripe` and `stripe.key` are everything below them."""
    return fnmatchcase(check_id, pattern) or check_id.startswith(f"{pattern}.")


def _near(pattern: str, checks: Sequence[Check]) -> str:
    ids = dict.fromkeys(check.id for check in checks)
    areas = dict.fromkeys(name.partition(".")[0] for name in ids)
    close = difflib.get_close_matches(pattern, [*areas, *ids], n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"the areas are {', '.join(areas)}"
