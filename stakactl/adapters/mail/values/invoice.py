"""Values of the templates `invoice.*`."""

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.documents.wording import ENGLISH, FRENCH, method_name
from stakactl.adapters.mail.message import safe_filename
from stakactl.adapters.mail.text import one_line
from stakactl.domain.invoicing import InvoiceLine
from stakactl.domain.letters import Language
from stakactl.domain.letters.invoice import InvoiceLetter

#: A letter names this many lines of the invoice; the PDF has them all.
MAX_LINES = 8
_MAX_TITLE = 120


def invoice_values(content: InvoiceLetter, figures: Figures) -> dict[str, object]:
    snapshot = content.snapshot
    payment = snapshot.payment
    words = ENGLISH if content.language is Language.ENGLISH else FRENCH
    return {
        "number": one_line(snapshot.number),
        "issued_on": figures.day(snapshot.issued_on),
        "order_id": one_line(snapshot.order_id),
        "lines": [_line(line, figures) for line in snapshot.lines[:MAX_LINES]],
        "more_lines": max(0, len(snapshot.lines) - MAX_LINES),
        "net": figures.amount(snapshot.total_net),
        "vat": figures.amount(snapshot.total_vat) if snapshot.total_vat else "",
        "total": figures.amount(snapshot.total),
        "paid_on": figures.paris_day(payment.paid_at) if payment else "",
        "method": one_line(method_name(words, payment.method)) if payment else "",
        "filename": safe_filename(content.attachments[0].filename),
    }


def _line(line: InvoiceLine, figures: Figures) -> dict[str, str]:
    return {
        "title": one_line(line.title, _MAX_TITLE),
        "quantity": figures.quantity(line.quantity),
        "amount": figures.amount(line.amount),
    }
