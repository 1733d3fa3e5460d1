"""Values of the templates `alert.*`."""

from datetime import UTC, datetime

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.text import one_line
from stakactl.domain.letters.alert import AlertLetter

_LONGEST = 300


def alert_values(content: AlertLetter, figures: Figures) -> dict[str, object]:
    """Times are in UTC, as logs are read beside them."""
    texts = {
        name: one_line(getattr(content, name), _LONGEST)
        for name in ("rule_id", "title", "value", "threshold", "detail", "hint")
    }
    return {
        **texts,
        "since": _moment(content.since),
        "seen_at": _moment(content.seen_at),
        "cleared_at": _moment(content.cleared_at) if content.cleared_at else "",
        "is_repeated": content.is_repeated,
    }


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
