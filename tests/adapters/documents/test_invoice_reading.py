"""The XML inside an issued PDF, read back and compared with what was frozen."""

import re
from dataclasses import replace
from datetime import date

import pytest

from stakactl.adapters.documents import attachment, reading
from stakactl.adapters.documents.attachment import Unreadable, attached_xml
from stakactl.adapters.documents.facturx import to_facturx
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from stakactl.domain.invoicing import Credited, InvoiceSnapshot
from stakactl.domain.restores import PdfFacts
from tests.adapters.documents.corpus import corpus
from tests.adapters.documents.invoice_samples import FRENCH_SHOP, invoice, line, two_rates
from tests.adapters.documents.pages import read

RENDERER = PdfInvoiceRenderer()
READER = reading.XmlInvoiceReader()
INVOICE = two_rates()
CREDIT_NOTE = replace(
    invoice([line("Relecture", 12345)], buyer=FRENCH_SHOP, payment=None),
    number="AVOIR-2026-000001",
    credited=Credited("FACT-2026-000123", date(2026, 11, 12), "commande annulée"),
)


def pdf_with(xml: bytes, snapshot: InvoiceSnapshot = INVOICE) -> bytes:
    """The page of an invoice with another XML inside."""
    return RENDERER._draw(lay_out(snapshot, RENDERER._fonts), xml)


def changed(snapshot: InvoiceSnapshot, old: str, new: str) -> tuple[str, ...]:
    xml = to_facturx(snapshot).decode()
    assert old in xml
    return READER.differences(pdf_with(xml.replace(old, new, 1).encode(), snapshot), snapshot)


def test_every_invoice_says_to_machines_what_was_frozen() -> None:
    for snapshot in [*corpus(25), CREDIT_NOTE]:
        pdf = RENDERER.render(snapshot)
        assert attached_xml(pdf) == read(pdf).attachments["factur-x.xml"][0] != b""
        assert READER.differences(pdf, snapshot) == ()
        assert READER.differences(pdf, replace(snapshot, number="FACT-2026-999999"))


def test_what_a_restored_store_must_know_of_a_pdf() -> None:
    for snapshot in [*corpus(25), CREDIT_NOTE]:
        facts = READER.facts(RENDERER.render(snapshot))
        assert facts == PdfFacts(
            snapshot.number,
            snapshot.issued_on,
            snapshot.order_id or snapshot.reference,
            snapshot.credited.number if snapshot.credited else "",
            snapshot.total,
        )
    assert READER.facts(b"%PDF-1.7 of somebody else") is None
    for xml in (b"<!DOCTYPE x><x/>", b"<x", to_facturx(INVOICE).replace(b"20261112", b"soon")):
        assert READER.facts(pdf_with(xml)) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<ram:ID>FACT-2026-000123", "<ram:ID>FACT-2026-000124", "number FACT-2026-000124, not"),
        ("TypeCode>380", "TypeCode>381", "type 381, not 380"),
        ('"102">20261112', '"102">20261212', "issue date 20261212, not 20261112"),
        ("Łukasz Wiśniewski", "Somebody Else", "buyer's name Somebody Else, not Łukasz"),
        ("<ram:Name>Staka Éditions", "<ram:Name>Other", "seller's name Other"),
        (">FR32912345678<", ">FR00000000000<", "seller's tax number FR00000000000"),
        ("<ram:CityName>Nantes", "<ram:CityName>Paris", "buyer's address (CityName) Paris"),
        ("RateApplicablePercent>5.5<", "RateApplicablePercent>20<", "line 3: VAT rate 20, not 5.5"),
        ("<ram:CalculatedAmount>", "<ram:CalculatedAmount>9", "VAT group 1: VAT 9"),
        ("<ram:BasisAmount>", "<ram:BasisAmount>9", "VAT group 1: HT 9"),
        ("<ram:GrandTotalAmount>", "<ram:GrandTotalAmount>9", "total TTC 9"),
        ("<ram:DuePayableAmount>0.00", "<ram:DuePayableAmount>1.00", "due 1, not 0"),
        ("Livre numérique", "Livre", "line 4: title Livre (EPUB et PDF), not Livre numérique"),
        ("CurrencyCode>EUR", "CurrencyCode>USD", "currency USD, not EUR"),
    ],
)
def test_what_differs_is_named(old: str, new: str, said: str) -> None:
    (difference,) = changed(INVOICE, old, new)
    assert said in difference


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "<ram:IssuerAssignedID>FACT-2026-000123",
            "<ram:IssuerAssignedID>FACT-2026-000001",
            "credited invoice FACT-2026-000001, not FACT-2026-000123",
        ),
        ('"102">20261112</qdt', '"102">20251112</qdt', "date of the credited invoice 20251112"),
        ("TypeCode>381", "TypeCode>380", "type 380, not 381"),
    ],
)
def test_a_credit_note_is_compared_with_its_invoice(old: str, new: str, said: str) -> None:
    (difference,) = changed(CREDIT_NOTE, old, new)
    assert said in difference


def test_a_credit_note_whose_xml_names_no_invoice() -> None:
    xml = to_facturx(replace(CREDIT_NOTE, credited=None))
    said = READER.differences(pdf_with(xml), CREDIT_NOTE)
    assert "credited invoice (none), not FACT-2026-000123" in said


def test_a_line_too_many_is_named() -> None:
    xml = to_facturx(two_rates())
    said = READER.differences(pdf_with(xml), replace(INVOICE, lines=INVOICE.lines[:-1]))
    assert any(each.startswith("line 5: title Remise") for each in said)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<ram:SubjectCode>", "<!-- older --><ram:SubjectCode>"),
        ("RateApplicablePercent>5.5<", "RateApplicablePercent>5.50<"),
        ("<ram:Information>", "<ram:Information>Par "),
    ],
)
def test_an_older_wording_is_no_difference(old: str, new: str) -> None:
    assert changed(INVOICE, old, new) == ()


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"", "no XML"),
        (b"<a>", "no XML"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "declares a document type"),
        (b"<a/>", "number (none), not FACT-2026-000123"),
    ],
)
def test_an_attachment_that_is_no_invoice(xml: bytes, said: str) -> None:
    assert said in READER.differences(pdf_with(xml), INVOICE)[0]


def test_a_pdf_that_is_not_ours_is_unreadable() -> None:
    pdf = RENDERER.render(INVOICE)
    start = pdf.index(b"stream\n", pdf.index(b"/EmbeddedFile ")) + len(b"stream\n")
    (length,) = re.findall(rb"/EmbeddedFile [^\n]* (/Length \d{3})\d", pdf)
    broken = {
        "no cross-reference": pdf[:-20],
        "not where the table says": pdf.replace(b"\n12 0 obj", b"\n19 0 obj"),
        "no list of attachments": pdf.replace(b"/EmbeddedFiles", b"/EmbeddedOther"),
        "is attached": pdf.replace(b"[(factur-x.xml) 12", b"[(factur-y.xml) 12"),
        "no attached file": pdf.replace(b"/EF <<", b"/XX <<"),
        "cannot be unpacked": pdf[:start] + b"\xff" + pdf[start + 1 :],
        "stored as ours": pdf.replace(b"/FlateDecode /Type /Emb", b"/LZWDecodeXY /Type /Emb", 1),
        "is cut": pdf.replace(length, b"/Length 111"),
    }
    for reason, content in broken.items():
        assert content != pdf
        with pytest.raises(Unreadable, match=reason):
            attached_xml(content)
        assert READER.differences(content, INVOICE)
    assert READER.differences(b"", INVOICE)


def test_an_attachment_that_unpacks_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachment, "MAX_XML_BYTES", 9000)
    with pytest.raises(Unreadable, match="far too long"):
        attached_xml(RENDERER.render(INVOICE))
