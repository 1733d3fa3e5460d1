"""The letter that reminds of a claim, in one of three tones."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Attachment, MailKind
from stakactl.domain.money import Money
from stakactl.domain.receivables import Source
from stakactl.domain.reminders import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderLetter(LetterContent):
    """`title` is what was bought, "" where the document says so itself; `answer_by` the day until
    which a formal notice asks for the money. `pay_url` is where it can be paid at once, "" where
    there is no such place; `legal` are the sentences of the law that apply to this customer.
    """

    kind: ClassVar[MailKind] = MailKind.REMINDER

    tone: Tone
    source: Source
    number: str
    total: Money
    outstanding: Money
    due_on: date
    days_late: int
    issued_on: date | None = None
    title: str = ""
    answer_by: date | None = None
    pay_url: str = ""
    legal: tuple[str, ...] = ()
    pdf: bytes | None = None

    @property
    def template(self) -> str:
        return f"reminder-{self.tone}"

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return () if self.pdf is None else (Attachment(f"{self.number}.pdf", self.pdf),)
