"""The XML of an invoice: accepted by schema and rules, and saying what the snapshot says."""

from dataclasses import replace
from datetime import date

import pytest

from stakactl.adapters.documents.facturx import to_facturx
from stakactl.domain.invoicing import Credited, InvoiceSnapshot
from stakactl.domain.orders import Nature
from tests.adapters.documents.cii import frozen_amounts, read_amounts
from tests.adapters.documents.invoice_samples import (
    CARD,
    FRENCH_SHOP,
    PUBLISHER,
    SELLER,
    apart,
    in_currency,
    invoice,
    line,
    reverse_charge,
    sixty_lines,
    two_rates,
)
from tests.adapters.documents.validators import FRENCH_CTC, schematron_errors, xsd_errors

SMALL_SELLER = replace(SELLER, vat_number="")
HOSTILE = "A <b>&amp;\x00\x0b\ud800 ]]> \"quoted\" 'name'\n\ttwo"
CASES = {
    "consumer, two rates": two_rates(),
    "sixty lines": sixty_lines(),
    "French business": invoice(
        [line("Relecture", 12345), line("Livre", 999, "5.5", 7)], buyer=FRENCH_SHOP
    ),
    "franchise": invoice([line("Atelier", 12345, "0", 7)], seller=SMALL_SELLER),
    "zero rate": invoice([line("Cours", 12345, "0"), line("Livre", 999, "5.5")]),
    "reverse charge": reverse_charge(),
    "goods to a member state": invoice(
        [line("Books", 12345, "0")], buyer=PUBLISHER, nature=Nature.GOODS
    ),
    "to be paid": invoice([line("Relecture", 12345)], buyer=FRENCH_SHOP, payment=None),
    "to be paid by a business": apart(invoice([line("Audit", 12345)], FRENCH_SHOP, payment=None)),
    "to be paid by a consumer": apart(invoice([line("Cours", 999, "5.5")], payment=None)),
    "to be paid abroad": apart(invoice([line("Audit", 12345, "0")], PUBLISHER, payment=None)),
    "goods of a month": apart(
        invoice([line("Books", 12345, "0")], PUBLISHER, nature=Nature.GOODS, payment=None)
    ),
    "paid by transfer": apart(
        invoice([line("A", 100)], FRENCH_SHOP, payment=replace(CARD, method="bank_transfer")),
    ),
    "paid in cash": apart(
        invoice([line("A", 100)], FRENCH_SHOP, payment=replace(CARD, method="cash", reference="")),
    ),
    "credit note": replace(
        invoice([line("Relecture", 12345)], buyer=FRENCH_SHOP, payment=None),
        number="AVOIR-2026-000001",
        credited=Credited("FACT-2026-000123", date(2026, 11, 12), "commande annulée"),
    ),
    "yen": in_currency("jpy", 1234),
    "dinars": in_currency("kwd", 12345),
    "dinars, a credit note": replace(
        in_currency("kwd", 12345), payment=None, credited=Credited("FACT-1", date(2026, 11, 12))
    ),
    "dollars of a small seller": invoice(
        [line("Atelier", 12345, "0", 7, "usd")], seller=SMALL_SELLER, buyer=FRENCH_SHOP
    ),
    "dollars, reverse charge": invoice([line("Books", 12345, "0", 7, "usd")], buyer=PUBLISHER),
    "direct debit": invoice([line("A", 100)], payment=replace(CARD, method="sepa_debit")),
    "hostile text": invoice([line(HOSTILE, 100), line("\x00", 100)]),
}


@pytest.mark.parametrize("snapshot", CASES.values(), ids=CASES.keys())
def test_schema_and_rules_accept_it_and_every_amount_is_the_snapshots(
    snapshot: InvoiceSnapshot,
) -> None:
    xml = to_facturx(snapshot)
    assert xsd_errors(xml) == []
    assert schematron_errors(xml) == []
    if snapshot.buyer.siren:
        assert schematron_errors(xml, FRENCH_CTC) == []
    assert read_amounts(xml) == frozen_amounts(snapshot)


def test_a_credit_note_names_its_invoice() -> None:
    xml = to_facturx(CASES["credit note"]).decode()
    assert "<ram:TypeCode>381</ram:TypeCode>" in xml
    assert "<ram:IssuerAssignedID>FACT-2026-000123</ram:IssuerAssignedID>" in xml
    assert "Avoir sur la facture FACT-2026-000123 du 12 novembre 2026" in xml


@pytest.mark.parametrize("case", ["to be paid by a business", "to be paid by a consumer"])
def test_what_is_to_be_paid_says_until_when(case: str) -> None:
    xml = to_facturx(CASES[case]).decode()
    assert "<ram:ID>S1</ram:ID>" in xml
    assert '<ram:DueDateDateTime><udt:DateTimeString format="102">20261212<' in xml
    assert "À payer au plus tard le 12 décembre 2026" in xml
    assert "<ram:IssuerAssignedID>QUOTE-17</ram:IssuerAssignedID>" in xml
    assert '<ram:StartDateTime><udt:DateTimeString format="102">20261001<' in xml
    assert ("BCE majoré de 10 points" in xml) is ("business" in case)


def test_the_judges_refuse_what_is_wrong() -> None:
    xml = to_facturx(CASES["French business"])
    assert xsd_errors(xml.replace(b"ram:InvoiceCurrencyCode", b"ram:Currency"))
    total = b"<ram:GrandTotalAmount>"
    assert schematron_errors(xml.replace(total, total + b"9"))
    assert schematron_errors(xml.replace(b"PMT", b"ABC"), FRENCH_CTC)


@pytest.mark.parametrize(
    ("case", "category", "code"),
    [
        ("franchise", "E", "VATEX-FR-FRANCHISE"),
        ("reverse charge", "AE", "VATEX-EU-AE"),
        ("goods to a member state", "K", "VATEX-EU-IC"),
    ],
)
def test_an_exemption_says_why(case: str, category: str, code: str) -> None:
    xml = to_facturx(CASES[case]).decode()
    assert f"<ram:CategoryCode>{category}</ram:CategoryCode>" in xml
    assert f"<ram:ExemptionReasonCode>{code}</ram:ExemptionReasonCode>" in xml


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("consumer, two rates", []),
        ("yen", []),
        ("dollars of a small seller", ["0.00"]),
        ("dollars, reverse charge", ["0.00"]),
    ],
)
def test_no_vat_is_said_in_euros_too(case: str, said: list[str]) -> None:
    """BT-111. Any other VAT of a foreign currency has no exchange rate that we could know."""
    euros = '<ram:TaxTotalAmount currencyID="EUR">'
    xml = to_facturx(CASES[case]).decode()
    assert ("<ram:TaxCurrencyCode>EUR" in xml) is bool(said)
    if CASES[case].total.currency != "eur":
        assert [part.split("<")[0] for part in xml.split(euros)[1:]] == said


def test_a_discount_is_a_negative_quantity_at_a_positive_price() -> None:
    xml = to_facturx(two_rates()).decode()
    assert "<ram:ChargeAmount>-" not in xml
    assert '<ram:BilledQuantity unitCode="C62">-1</ram:BilledQuantity>' in xml
