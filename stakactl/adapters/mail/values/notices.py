"""Values of `payment-notice.*`, `maintenance.*` and `maintenance-end.*`."""

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.message import MAX_NAME
from stakactl.adapters.mail.text import one_line
from stakactl.adapters.mail.values.invoice import method
from stakactl.adapters.mail.values.times import hour, moment, same_day
from stakactl.domain.letters.maintenance import Announcement
from stakactl.domain.letters.payment_notice import PaymentNotice

_MAX_REASON = 300


def payment_notice_values(content: PaymentNotice, figures: Figures) -> dict[str, object]:
    snapshot, payment = content.snapshot, content.payment
    buyer = snapshot.buyer
    return {
        "number": one_line(snapshot.number),
        "order_id": one_line(snapshot.order_id),
        "total": figures.amount(snapshot.total),
        "paid_at": moment(payment.paid_at, figures, content.language),
        "method": method(payment.method, content.language),
        "reference": one_line(payment.reference),
        "customer": one_line(buyer.company or buyer.name, MAX_NAME),
        "customer_email": one_line(buyer.email),
        "title": one_line(snapshot.lines[0].title) if snapshot.lines else "",
        "more_lines": max(0, len(snapshot.lines) - 1),
    }


def announcement_values(content: Announcement, figures: Figures) -> dict[str, object]:
    """`ends_at` is only the hour where it is the same day in Paris."""
    starts_at, ends_at = content.starts_at, content.ends_at
    if ends_at is None:
        end = ""
    elif same_day(starts_at, ends_at):
        end = hour(ends_at, content.language)
    else:
        end = moment(ends_at, figures, content.language)
    return {
        "starts_on": figures.paris_day(starts_at),
        "starts_at": hour(starts_at, content.language),
        "ends_at": end,
        "one_day": ends_at is None or same_day(starts_at, ends_at),
        "over_at": moment(ends_at, figures, content.language) if ends_at else "",
        "reason": one_line(content.reason, _MAX_REASON),
    }
