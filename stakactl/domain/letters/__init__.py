"""What a letter says, before anybody put it into words.

Each kind of mail has one content: a frozen dataclass of domain values. An operation gathers it
(`operations/letters`), an adapter formats its values for the templates of the kind
(`adapters/mail/values`, `templates/letters`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from stakactl.domain.mail import Attachment, MailKind


class Language(StrEnum):
    FRENCH = "fr"
    ENGLISH = "en"


def language_of(locale: str) -> Language:
    """English for en, en_US, en-GB …; French for all others."""
    return Language.ENGLISH if locale.lower().startswith("en") else Language.FRENCH


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContent:
    """The base of every content: in which language, to whom, and whether it is only a test.

    `name` is who is greeted and stands in the To header; "" where nobody knows. Letters about
    invoices come from INVOICE_EMAIL_FROM, all others (`about_invoices` is False) from FROM_EMAIL.
    """

    kind: ClassVar[MailKind]
    about_invoices: ClassVar[bool] = True

    language: Language
    name: str = ""
    specimen: bool = False

    @property
    def template(self) -> str:
        """The stem of the three templates, `{template}.{language}.{subject|txt|html}.j2`."""
        return str(self.kind)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return ()
