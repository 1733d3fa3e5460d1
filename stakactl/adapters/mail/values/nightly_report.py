"""Values of `nightly-report.*`."""

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.text import one_line
from stakactl.adapters.mail.values.times import hour
from stakactl.domain.letters.nightly_report import NightlyReportLetter

_MAX_CLASSES = 12
_MAX_TROUBLE = 300


def nightly_report_values(content: NightlyReportLetter, figures: Figures) -> dict[str, object]:
    """`good`: nothing remains for a person to do. Figures are texts, `remaining` and `failed`
    counts to choose words by."""
    classes = list(content.classes.items())
    return {
        "run_id": one_line(content.run_id),
        "day": figures.paris_day(content.started_at),
        "started_at": hour(content.started_at, content.language),
        "finished_at": hour(content.finished_at, content.language),
        "outcome": str(content.outcome),
        "good": content.outcome.exit_code == 0,
        "figures": {name: figures.quantity(count) for name, count in content.figures.items()},
        "has_page": content.page is not None,
        "remaining": content.figures.get("remaining", 0),
        "classes": [
            {"name": one_line(name), "count": figures.quantity(count)}
            for name, count in classes[:_MAX_CLASSES]
        ],
        "more_classes": max(0, len(classes) - _MAX_CLASSES),
        "troubles": [
            {"stage": one_line(stage), "text": one_line(text, _MAX_TROUBLE)}
            for stage, text in content.troubles.items()
        ],
    }
