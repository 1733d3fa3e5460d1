"""Values of the templates `reminder-friendly.*`, `reminder-firm.*` and `reminder-formal.*`."""

from urllib.parse import urlsplit

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.message import safe_filename
from stakactl.adapters.mail.text import one_line
from stakactl.domain.letters.reminder import ReminderLetter
from stakactl.domain.receivables import Source

_MAX_TITLE = 120
_MAX_URL = 1000


def reminder_values(content: ReminderLetter, figures: Figures) -> dict[str, object]:
    """`partly_paid`: less is owed than the document asked for."""
    return {
        "number": one_line(content.number),
        "is_order": content.source is Source.ORDER,
        "title": one_line(content.title, _MAX_TITLE),
        "issued_on": figures.day(content.issued_on) if content.issued_on else "",
        "due_on": figures.day(content.due_on),
        "days_late": content.days_late,
        "amount": figures.amount(content.outstanding),
        "total": figures.amount(content.total),
        "partly_paid": content.outstanding != content.total,
        "answer_by": figures.day(content.answer_by) if content.answer_by else "",
        "pay_url": safe_url(content.pay_url),
        "legal": [one_line(sentence, 600) for sentence in content.legal],
        "filename": safe_filename(content.attachments[0].filename) if content.pdf else "",
    }


def safe_url(url: str) -> str:
    """An https address of printable ASCII without credentials; "" for anything else, because a
    letter without a link is better than a letter with somebody's script."""
    if not url or len(url) > _MAX_URL or not url.isascii() or not url.isprintable():
        return ""
    if any(char in url for char in " \"'<>\\`{}|^"):
        return ""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return url if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else ""
