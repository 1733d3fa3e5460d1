"""What the company itself is told of a payment that got its invoice."""

from dataclasses import dataclass
from typing import ClassVar

from stakactl.domain.invoicing import InvoiceSnapshot, Payment
from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import MailKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice(LetterContent):
    kind: ClassVar[MailKind] = MailKind.PAYMENT_NOTICE
    about_invoices: ClassVar[bool] = False

    snapshot: InvoiceSnapshot
    payment: Payment
