"""The notice to the company that a payment came in and got its invoice."""

from stakactl.domain.invoicing import Invoice, Payment
from stakactl.domain.letters import Language
from stakactl.domain.letters.payment_notice import PaymentNotice
from stakactl.domain.mail import QueuedMail
from stakactl.errors import MailRefused
from stakactl.operations.letters.invoice import known
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


def read(ports: Ports, mail: QueuedMail) -> PaymentNotice:
    invoice = known(ports, mail)
    payment = invoice.snapshot.payment
    if payment is None:
        raise MailRefused(f"{invoice.number} was issued without a payment")
    return _written(invoice, payment, ports.policy.admin.language)


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
