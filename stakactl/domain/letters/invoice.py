"""The letter that brings an invoice."""

from dataclasses import dataclass
from typing import ClassVar

from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Attachment, MailKind


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLetter(LetterContent):
    kind: ClassVar[MailKind] = MailKind.INVOICE

    snapshot: InvoiceSnapshot
    pdf: bytes

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return (Attachment(f"{self.snapshot.number}.pdf", self.pdf),)
