"""Invented data for letters that nobody gets: `config validate` and `mail preview` write them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from stakactl.domain.credit_notes import credit_snapshot
from stakactl.domain.invoicing import (
    Company,
    Invoice,
    InvoiceLine,
    InvoiceSnapshot,
    Payment,
    PdfStatus,
)
from stakactl.domain.letters import Language
from stakactl.domain.mail import MailKind, NewMail, QueuedMail, not_queued
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature
from stakactl.domain.vat import split_gross

_RATE = Decimal(20)


@dataclass(frozen=True, slots=True)
class Sampling:
    """Who writes the sample, in which language, and when."""

    company: Company
    language: Language
    now: datetime
    today: date

    @property
    def buyer(self) -> Customer:
        """A name beyond ASCII that HTML has to escape."""
        return Customer(
            email="customer@example.com",
            name="Zoë <O'Brien> & Łukasz",
            address=Address("1 rue de l'Exemple", "", "75001", "Paris", "FR"),
            locale=str(self.language),
        )

    def mail(self, kind: MailKind, recipient: str = "") -> QueuedMail:
        """The row of the outbox that there is not."""
        return not_queued(NewMail(kind, "sample", recipient or self.buyer.email), self.now)

    def invoice(self) -> Invoice:
        """A paid invoice of two lines, with VAT."""
        lines = (_line("Atlas <A–Z> & index", 1, 123_456), _line("Abonnement", 2, 900))
        vat = split_gross(Money.total((line.amount for line in lines), "eur"), _RATE)
        return _issued(
            InvoiceSnapshot(
                number=f"SAMPLE-{self.today.year}-000001",
                issued_on=self.today,
                supplied_on=self.today,
                order_id="sample",
                seller=self.company,
                buyer=self.buyer,
                nature=Nature.MIXED,
                lines=lines,
                vat=(vat,),
                total_net=vat.net,
                total_vat=vat.vat,
                total=vat.gross,
                payment=Payment(self.now, "card", "pi_sample"),
                legal_mentions=(),
                locale=str(self.language),
                specimen=True,
            ),
            self.now,
        )

    def credit_note(self) -> Invoice:
        """Takes a part of that invoice back."""
        note = credit_snapshot(
            self.invoice().snapshot,
            (),
            Money(4_200, "eur"),
            number=f"SAMPLE-CN-{self.today.year}-000001",
            issued_on=self.today,
            reason="Retour <abîmé>" if self.language is Language.FRENCH else "Returned <damaged>",
        )
        return _issued(note, self.now)


def _issued(snapshot: InvoiceSnapshot, at: datetime) -> Invoice:
    return Invoice(
        invoice_id="sample",
        number=snapshot.number,
        series="SAMPLE",
        order_id=snapshot.order_id,
        customer_id="sample",
        issued_at=at,
        snapshot=snapshot,
        pdf_status=PdfStatus.STORED,
        object_key="",
        sha256=None,
        run_id="",
        credits_id="sample" if snapshot.credited else None,
    )


def _line(title: str, quantity: int, unit: int) -> InvoiceLine:
    amount = Money(unit * quantity, "eur")
    net = split_gross(amount, _RATE).net
    return InvoiceLine(title, quantity, Money(unit, "eur"), amount, net, _RATE)
