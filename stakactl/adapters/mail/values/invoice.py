"""Values of the templates `invoice.*` and `credit-note.*`."""

import re

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.documents.wording import ENGLISH, FRENCH, method_name
from stakactl.adapters.mail.message import safe_filename
from stakactl.adapters.mail.text import one_line
from stakactl.adapters.mail.values.times import duration
from stakactl.domain.invoicing import InvoiceLine
from stakactl.domain.letters import Language
from stakactl.domain.letters.invoice import CreditNoteLetter, DocumentLetter, InvoiceLetter

#: A letter names this many lines of the invoice; the PDF has them all.
MAX_LINES = 8
_MAX_TITLE = 120
#: A signed link is long. Anything else than a web address is no link.
_WEB_ADDRESS = re.compile(r"https?://[!#-;=?-~]{1,4000}")


def invoice_values(content: InvoiceLetter, figures: Figures) -> dict[str, object]:
    payment = content.snapshot.payment
    return {
        **_document(content, figures),
        "paid_on": figures.paris_day(payment.paid_at) if payment else "",
        "method": method(payment.method, content.language) if payment else "",
    }


def credit_note_values(content: CreditNoteLetter, figures: Figures) -> dict[str, object]:
    credited = content.snapshot.credited
    return {
        **_document(content, figures),
        "credits": one_line(credited.number) if credited else "",
        "credits_on": figures.day(credited.issued_on) if credited else "",
        "reason": one_line(credited.reason, _MAX_TITLE) if credited else "",
    }


def method(stripes_word: str, language: Language) -> str:
    """card is "carte bancaire"."""
    words = ENGLISH if language is Language.ENGLISH else FRENCH
    return one_line(method_name(words, stripes_word))


def _document(content: DocumentLetter, figures: Figures) -> dict[str, object]:
    snapshot = content.snapshot
    return {
        "number": one_line(snapshot.number),
        "issued_on": figures.day(snapshot.issued_on),
        "order_id": one_line(snapshot.order_id),
        "lines": [_line(line, figures) for line in snapshot.lines[:MAX_LINES]],
        "more_lines": max(0, len(snapshot.lines) - MAX_LINES),
        "net": figures.amount(snapshot.total_net),
        "vat": figures.amount(snapshot.total_vat) if snapshot.total_vat else "",
        "total": figures.amount(snapshot.total),
        "filename": safe_filename(content.attachments[0].filename),
        "link": content.link if _WEB_ADDRESS.fullmatch(content.link) else "",
        "link_for": duration(content.link_seconds, content.language),
    }


def _line(line: InvoiceLine, figures: Figures) -> dict[str, str]:
    return {
        "title": one_line(line.title, _MAX_TITLE),
        "quantity": figures.quantity(line.quantity),
        "amount": figures.amount(line.amount),
    }
