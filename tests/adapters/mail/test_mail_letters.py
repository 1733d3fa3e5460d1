"""The letters: golden files in both languages, hostile texts, templates of other people.

UPDATE_GOLDEN=1 pytest … writes the golden files anew.
"""

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.mail.letters import TemplateLetterWriter
from stakactl.adapters.mail.message import to_bytes
from stakactl.adapters.mail.values.invoice import MAX_LINES
from stakactl.adapters.resources import templates_dir
from stakactl.domain.invoicing import (
    Company,
    Invoice,
    InvoiceLine,
    InvoiceSnapshot,
    Payment,
    PdfStatus,
)
from stakactl.domain.letters.invoice import InvoiceLetter
from stakactl.domain.mail import Letter, MailKind, MailStatus, QueuedMail
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature
from stakactl.domain.vat import split_gross
from stakactl.errors import ConfigurationError, MailRefused
from stakactl.operations.letters.invoice import written
from stakactl.operations.ports import LetterWriter, SignedLink
from tests.adapters.mail.hostile import HOSTILE
from tests.fakes_delivery import FakeLetterWriter

GOLDEN = Path(__file__).parents[2] / "golden" / "letters"
NOW = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
PDF = b"%PDF-1.7\n"
PATH = SignedLink("/var/invoices/c1/inv_1.pdf", None)
COMPANY = Company(
    name="Staka Livres",
    address=Address("12 rue de la Paix", "", "75002", "Paris", "FR"),
    siret="12345678900012",
    vat_number="FR40123456789",
    legal_form="SAS",
    capital="10 000 €",
    rcs="Paris 123 456 789",
    phone="01 23 45 67 89",
    website="https://livrestaka.fr",
)
QUEUED = QueuedMail(
    mail_id=1,
    kind=MailKind.INVOICE,
    subject_id="inv_1",
    step=0,
    recipient="lea.martin@example.com",
    status=MailStatus.SENDING,
    message_id="<invoice.inv_1.0@stakactl.example>",
    queued_at=NOW,
    sent_at=None,
    attempts=1,
    error=None,
)


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def local_date(self, moment: datetime) -> date:
        return moment.date()


def a_line(title: str, quantity: int, unit: int, currency: str = "eur") -> InvoiceLine:
    total = Money(unit * quantity, currency)
    net = split_gross(total, Decimal(20)).net
    return InvoiceLine(title, quantity, Money(unit, currency), total, net, Decimal(20))


def an_invoice(
    *lines: InvoiceLine, rate: Decimal = Decimal(20), name: str = "Léa Martin", **fields: Any
) -> Invoice:
    lines = lines or (a_line("Correction complète", 1, 123456), a_line("Relecture", 1200, 25))
    currency = lines[0].amount.currency
    total = Money.total((line.amount for line in lines), currency)
    split = split_gross(total, rate)
    default = InvoiceSnapshot(
        number="FACT-2026-000042",
        issued_on=date(2026, 3, 15),
        supplied_on=date(2026, 3, 1),
        order_id="A-1",
        seller=COMPANY,
        buyer=Customer("lea.martin@example.com", name),
        nature=Nature.SERVICES,
        lines=lines,
        vat=(split,),
        total_net=split.net,
        total_vat=split.vat,
        total=total,
        payment=Payment(datetime(2026, 2, 28, 23, 30, tzinfo=UTC), "card", "pi_1"),
        legal_mentions=(),
        locale="fr",
        specimen=False,
    )
    snapshot = replace(default, **fields)
    return Invoice(
        invoice_id="inv_1",
        number=snapshot.number,
        series="FACT",
        order_id="A-1",
        customer_id="c1",
        issued_at=NOW,
        snapshot=snapshot,
        pdf_status=PdfStatus.STORED,
        object_key="invoices/c1/inv_1.pdf",
        sha256="0" * 64,
        run_id="run_1",
    )


def a_writer(**settings: Any) -> TemplateLetterWriter:
    defaults: dict[str, Any] = {
        "company": COMPANY,
        "sender": "factures@example.com",
        "sender_name": "Staka Livres",
        "support_email": "contact@example.com",
        "clock": FixedClock(),
    }
    return TemplateLetterWriter(templates_dir(), **(defaults | settings))


def content(invoice: Invoice, link: SignedLink = PATH) -> InvoiceLetter:
    return written(invoice, PDF, link, InvoiceLetter)


def the_letter(invoice: Invoice, mail: QueuedMail = QUEUED, **settings: Any) -> Letter:
    return a_writer(**settings).write(mail, content(invoice))


CASES = {
    "invoice.fr": an_invoice(),
    "invoice.en": an_invoice(locale="en"),
    "specimen.fr": an_invoice(specimen=True, payment=None, number="TEST-2026-000001"),
    "specimen.en": an_invoice(
        a_line("Book", 1, 1999, "usd"), specimen=True, locale="en", rate=Decimal(0)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str) -> None:
    letter = the_letter(CASES[name])
    found = {
        f"{name}.txt": f"Subject: {letter.subject}\n\n{letter.text}",
        f"{name}.html": letter.html,
    }
    for file, expected in found.items():
        if os.environ.get("UPDATE_GOLDEN"):
            (GOLDEN / file).write_text(expected, encoding="utf-8")
        assert expected == (GOLDEN / file).read_text(encoding="utf-8")


def test_the_letter_around_the_words() -> None:
    letter = the_letter(an_invoice())
    assert letter.message_id == QUEUED.message_id
    assert (letter.sender, letter.sender_name) == ("factures@example.com", "Staka Livres")
    assert (letter.recipient, letter.recipient_name) == ("lea.martin@example.com", "Léa Martin")
    assert letter.sent_on == NOW
    (attachment,) = letter.attachments
    assert (attachment.filename, attachment.content) == ("FACT-2026-000042.pdf", PDF)
    assert to_bytes(letter)


def test_french_amounts_do_not_break() -> None:
    text = the_letter(an_invoice()).text
    assert "1\u202f534,56\u00a0€" in text
    assert "1\u202f200" in text, "quantities too"
    assert "1er mars 2026" in text, "paid at 23:30 UTC of the day before: Paris was a day ahead"


@pytest.mark.parametrize(
    ("locale", "greeting"),
    [
        ("fr", "Bonjour"),
        ("fr-FR", "Bonjour"),
        ("en", "Hello"),
        ("en_US", "Hello"),
        ("de", "Bonjour"),
        ("", "Bonjour"),
    ],
)
def test_the_language_of_the_invoice(locale: str, greeting: str) -> None:
    assert the_letter(an_invoice(locale=locale)).text.startswith(greeting)


def test_a_buyer_without_a_name_is_greeted_all_the_same() -> None:
    letter = the_letter(an_invoice(name=""))
    assert letter.text.startswith("Bonjour,\n")
    assert "Bonjour," in letter.html


def test_many_lines_are_left_to_the_pdf() -> None:
    lines = [a_line(f"Ligne {number}", 1, 100) for number in range(MAX_LINES + 3)]
    letter = the_letter(an_invoice(*lines))
    for body in (letter.text, letter.html):
        assert "3 autres lignes dans le PDF" in body
        assert f"Ligne {MAX_LINES}" not in body


def test_a_company_that_says_little() -> None:
    company = Company("Minimal", Address())
    text = the_letter(an_invoice(payment=None), company=company, support_email="").text
    assert text.endswith("-- \nMinimal\n")
    assert "factures@example.com" in text


class Skeleton(HTMLParser):
    """The tags and the attributes of a page, without its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    handle_startendtag = handle_starttag


def _skeleton(text: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    letter = the_letter(
        an_invoice(a_line(text, 1, 46800), name=text, order_id=text),
        company=replace(COMPANY, name=text),
    )
    assert to_bytes(letter)
    assert not any(char in letter.html + letter.text for char in "\x00\x1b\u202e\u2066\r")
    assert "\n" not in letter.subject + letter.recipient_name
    return Skeleton(letter.html).tags


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_adds_no_tag(text: str) -> None:
    assert _skeleton(text) == _skeleton("harmless")


def test_a_planted_bug_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without autoescape the comparison of skeletons fails."""
    from stakactl.adapters.mail import letters

    real = letters._environment
    monkeypatch.setattr(
        letters, "_environment", lambda folders, *, escape: real(folders, escape=False)
    )
    assert _skeleton("<script>alert(1)</script>") != _skeleton("harmless")


@pytest.mark.parametrize(
    "recipient", ["", "a@example.com\r\nBcc: b@example.com", "a@b@example.com"]
)
def test_an_impossible_address_is_refused(recipient: str) -> None:
    with pytest.raises(MailRefused):
        the_letter(an_invoice(), replace(QUEUED, recipient=recipient))


@pytest.mark.parametrize("setting", ["sender", "support_email"])
def test_an_impossible_address_of_ours_is_a_setting(setting: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used"):
        a_writer(**{setting: "not an address"})


def test_a_template_of_the_user_comes_first_and_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "invoice.fr.html.j2").write_text("<p>Salut {{ name }}</p>")
    letter = the_letter(an_invoice(name="<b>"), overrides=tmp_path)
    assert letter.html == "<p>Salut &lt;b&gt;</p>\n"
    assert letter.text.startswith("Bonjour <b>,")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% if %}", "invoice.fr.txt.j2 does not work"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ company.nothing }}", "nothing"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ lines.append(1) }}", "unsafe"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 1 + 'a' }}", "unsupported operand"),
        ("{{ range(10000000) | list }}", "Range too big"),
        ("{% include 'missing.j2' %}", "missing.j2 is missing"),
        ("{% include '../../etc/passwd' %}", "passwd is missing"),
    ],
)
def test_a_template_that_does_not_work_is_a_setting(
    tmp_path: Path, template: str, message: str
) -> None:
    (tmp_path / "invoice.fr.txt.j2").write_text(template)
    with pytest.raises(ConfigurationError, match=message) as caught:
        the_letter(an_invoice(), overrides=tmp_path)
    assert caught.value.hint


def test_the_fake_writer_is_one() -> None:
    writer: LetterWriter = FakeLetterWriter()
    assert to_bytes(writer.write(QUEUED, content(an_invoice())))
    with pytest.raises(MailRefused):
        writer.write(replace(QUEUED, recipient="nobody"), content(an_invoice()))
