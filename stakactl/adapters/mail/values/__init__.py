"""The content of a letter as its templates get it: plain texts and numbers, no objects of ours.

One module per kind of mail. Texts of other people go through `one_line` here; the HTML template
escapes them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.mail.values.invoice import invoice_values
from stakactl.adapters.mail.values.reminder import reminder_values
from stakactl.domain.letters import LetterContent
from stakactl.domain.letters.invoice import InvoiceLetter
from stakactl.domain.letters.reminder import ReminderLetter

_VALUES: Mapping[type[LetterContent], Callable[[Any, Figures], dict[str, object]]] = {
    InvoiceLetter: invoice_values,
    ReminderLetter: reminder_values,
}


def values_of(content: LetterContent, figures: Figures) -> dict[str, object]:
    return _VALUES[type(content)](content, figures)
