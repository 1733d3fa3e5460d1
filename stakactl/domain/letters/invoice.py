"""The letters that bring a document: an invoice, or a credit note."""

from dataclasses import dataclass
from typing import ClassVar

from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Attachment, MailKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLetter(LetterContent):
    """`link` opens the PDF for `link_seconds` after the letter was written; "" where the store
    gives no link that others could open."""

    snapshot: InvoiceSnapshot
    pdf: bytes
    link: str = ""
    link_seconds: int = 0

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return (Attachment(f"{self.snapshot.number}.pdf", self.pdf),)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLetter(DocumentLetter):
    kind: ClassVar[MailKind] = MailKind.INVOICE


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditNoteLetter(DocumentLetter):
    """Its snapshot names the invoice that it takes back."""

    kind: ClassVar[MailKind] = MailKind.CREDIT_NOTE
