"""Values of the templates `alert.*`."""

from datetime import datetime

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.text import one_line
from stakactl.adapters.mail.values.times import moment
from stakactl.domain.letters.alert import AlertLetter

_LONGEST = 300


def alert_values(content: AlertLetter, figures: Figures) -> dict[str, object]:
    texts = {
        name: one_line(getattr(content, name), _LONGEST)
        for name in ("rule_id", "title", "value", "threshold", "detail", "hint")
    }

    def said(at: datetime | None) -> str:
        return "" if at is None else moment(at, figures, content.language)

    return {
        **texts,
        "since": said(content.since),
        "seen_at": said(content.seen_at),
        "cleared_at": said(content.cleared_at),
        "is_repeated": content.is_repeated,
    }
