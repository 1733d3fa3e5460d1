"""The notice to the company that a payment came in and got its invoice."""

from stakactl.domain.invoicing import Invoice, Payment
from stakactl.domain.letters import Language
from stakactl.domain.letters.payment_notice import PaymentNotice
from stakactl.domain.mail import MailKind, NewMail, QueuedMail
from stakactl.errors import MailRefused
from stakactl.operations.letters.invoice import known, of_order
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


def read(ports: Ports, mail: QueuedMail) -> PaymentNotice:
    invoice = known(ports, mail)
    payment = invoice.snapshot.payment
    if payment is None:
        raise MailRefused(f"{invoice.number} was issued without a payment")
    return _written(invoice, payment, ports.policy.admin.language)


def mail(ports: Ports, order: str) -> NewMail:
    """To ADMIN_EMAIL, or as a preview to an address that is none."""
    invoice = of_order(ports, order)
    address = ports.policy.admin.address or "admin@example.com"
    return NewMail(MailKind.PAYMENT_NOTICE, invoice.invoice_id, address)


def samples(sampling: Sampling) -> tuple[PaymentNotice, ...]:
    invoice = sampling.invoice()
    payment = Payment(sampling.now, "sepa_debit", "pi_sample")
    return (_written(invoice, payment, sampling.language),)


def _written(invoice: Invoice, payment: Payment, language: Language) -> PaymentNotice:
    return PaymentNotice(
        language=language,
        specimen=invoice.snapshot.specimen,
        snapshot=invoice.snapshot,
        payment=payment,
    )
