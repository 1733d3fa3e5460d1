"""The letters as `config validate` sees them: each one written with sample data, none sent."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from stakactl.domain.invoicing import (
    Company,
    Invoice,
    InvoiceLine,
    InvoiceSnapshot,
    Payment,
    PdfStatus,
)
from stakactl.domain.mail import MailKind, MailStatus, QueuedMail
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature
from stakactl.domain.vat import split_gross
from stakactl.errors import ConfigurationError, StakactlError
from stakactl.operations.ports import Clock, LetterWriter
from stakactl.operations.ports.inspection.here import LetterFacts, LetterSample

_LANGUAGES = ("fr", "en")
_SUFFIX = ".j2"
_RATE = Decimal(20)


class LetterInspection:
    """A LetterInspector. `folder` is the user's own, `bundled` the one of ours; `open_writer`
    raises ConfigurationError where the settings of letters are no good."""

    def __init__(
        self,
        open_writer: Callable[[], LetterWriter],
        company: Company,
        clock: Clock,
        bundled: Path,
        folder: Path | None,
    ) -> None:
        self._open_writer = open_writer
        self._company = company
        self._clock = clock
        self._bundled = bundled
        self._folder = folder

    def letters(self) -> LetterFacts:
        writer = self._open_writer()
        own = _templates(self._folder) if self._folder else ()
        known = set(_templates(self._bundled))
        return LetterFacts(
            samples=tuple(self._sample(writer, language) for language in _LANGUAGES),
            folder=str(self._folder) if self._folder else None,
            folder_exists=self._folder is not None and self._folder.is_dir(),
            own=own,
            taken=tuple(name for name in own if name in known),
        )

    def _sample(self, writer: LetterWriter, language: str) -> LetterSample:
        name = f"invoice.{language}"
        invoice = self._invoice(language)
        try:
            writer.invoice_letter(_queued(invoice), invoice, b"%PDF-1.7\n")
        except StakactlError as error:
            return LetterSample(name, error.message, error.hint or "")
        return LetterSample(name)

    def _invoice(self, language: str) -> Invoice:
        """Two lines, VAT, a payment, and characters that HTML must escape."""
        now = self._clock.now()
        lines = (_line("Atlas <A–Z> & index", 1, 4_200), _line("Abonnement", 2, 900))
        gross = Money.total((line.amount for line in lines), "eur")
        vat = split_gross(gross, _RATE)
        day = self._clock.local_date(now)
        number = f"SAMPLE-{day.year}-000001"
        snapshot = InvoiceSnapshot(
            number=number,
            issued_on=day,
            supplied_on=day,
            order_id="sample",
            seller=self._company,
            buyer=_buyer(language),
            nature=Nature.MIXED,
            lines=lines,
            vat=(vat,),
            total_net=vat.net,
            total_vat=vat.vat,
            total=gross,
            payment=Payment(now, "card", "pi_sample"),
            legal_mentions=(),
            locale=language,
            specimen=True,
        )
        return Invoice(
            invoice_id="sample",
            number=number,
            series="SAMPLE",
            order_id="sample",
            customer_id="sample",
            issued_at=now,
            snapshot=snapshot,
            pdf_status=PdfStatus.RENDERED,
            object_key="",
            sha256=None,
            run_id="",
        )


def _buyer(language: str) -> Customer:
    """A name beyond ASCII that HTML has to escape."""
    return Customer(
        email="customer@example.com",
        name="Zoë <O'Brien> & Łukasz",
        address=Address("1 rue de l'Exemple", "", "75001", "Paris", "FR"),
        locale=language,
    )


def _line(title: str, quantity: int, unit: int) -> InvoiceLine:
    amount = Money(unit * quantity, "eur")
    net = split_gross(amount, _RATE).net
    return InvoiceLine(title, quantity, Money(unit, "eur"), amount, net, _RATE)


def _queued(invoice: Invoice) -> QueuedMail:
    return QueuedMail(
        mail_id=0,
        kind=MailKind.INVOICE,
        subject_id=invoice.invoice_id,
        step=0,
        recipient=invoice.snapshot.buyer.email,
        status=MailStatus.QUEUED,
        message_id="<sample@stakactl.invalid>",
        queued_at=invoice.issued_at,
        sent_at=None,
        attempts=0,
        error=None,
    )


def _templates(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.name for path in folder.glob(f"*{_SUFFIX}")))
    except OSError as error:
        raise ConfigurationError(
            f"the templates in {folder} cannot be read: {error.strerror}",
            hint="check NOTIFICATION_TEMPLATES_PATH and who may read the folder",
        ) from error
