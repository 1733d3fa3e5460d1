"""The content of a letter as its templates get it: plain texts and numbers, no objects of ours.

One module per kind of mail. Texts of other people go through `one_line` here; the HTML template
escapes them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.values.alert import alert_values
from stakactl.adapters.mail.values.invoice import credit_note_values, invoice_values
from stakactl.adapters.mail.values.nightly_report import nightly_report_values
from stakactl.adapters.mail.values.notices import announcement_values, payment_notice_values
from stakactl.adapters.mail.values.reminder import reminder_values
from stakactl.domain.letters import LetterContent
from stakactl.domain.letters.alert import AlertLetter
from stakactl.domain.letters.invoice import CreditNoteLetter, InvoiceLetter
from stakactl.domain.letters.maintenance import MaintenanceEnd, MaintenanceNotice
from stakactl.domain.letters.nightly_report import NightlyReportLetter
from stakactl.domain.letters.payment_notice import PaymentNotice
from stakactl.domain.letters.reminder import ReminderLetter

_VALUES: Mapping[type[LetterContent], Callable[[Any, Figures], dict[str, object]]] = {
    InvoiceLetter: invoice_values,
    CreditNoteLetter: credit_note_values,
    PaymentNotice: payment_notice_values,
    MaintenanceNotice: announcement_values,
    MaintenanceEnd: announcement_values,
    NightlyReportLetter: nightly_report_values,
    AlertLetter: alert_values,
    ReminderLetter: reminder_values,
}


def values_of(content: LetterContent, figures: Figures) -> dict[str, object]:
    return _VALUES[type(content)](content, figures)
