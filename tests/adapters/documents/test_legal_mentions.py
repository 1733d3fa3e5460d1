"""Which legal sentences an invoice carries, and that the data file holds all of them."""

import string
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from stakactl.adapters.documents.legal_texts import load_legal_texts
from stakactl.domain.invoicing import Company
from stakactl.domain.legal import Clause, LegalText, LegalTexts, legal_mentions
from stakactl.domain.orders import Customer, Nature
from tests.adapters.documents.invoice_samples import FRENCH_SHOP, PUBLISHER, READER, SELLER

TEXTS = load_legal_texts()
TODAY = date(2026, 11, 12)
FIELDS = {
    Clause.IDENTITY_CAPITAL: {"capital"},
    Clause.IDENTITY_RCS: {"rcs"},
    Clause.IDENTITY_SIRET: {"siret"},
    Clause.IDENTITY_VAT: {"vat_number"},
}


def mentions(
    buyer: Customer = READER,
    rate: str = "20",
    company: Company = SELLER,
    locale: str = "fr",
    nature: Nature = Nature.SERVICES,
    vat_on_debits: bool = False,
) -> str:
    return "\n".join(
        legal_mentions(
            TEXTS,
            company=company,
            buyer=buyer,
            vat_rates={Decimal(rate)},
            locale=locale,
            issued_on=TODAY,
            nature=nature,
            vat_on_debits=vat_on_debits,
        )
    )


@pytest.mark.parametrize("clause", Clause)
@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_clause_has_a_wording_with_the_fields_that_are_filled(
    clause: Clause, locale: str
) -> None:
    sentence = TEXTS.sentence(clause, locale, TODAY)
    fields = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
    assert sentence.strip() == sentence != ""
    assert fields == FIELDS.get(clause, set())


def test_a_consumer_only_reads_who_sold() -> None:
    assert mentions() == (
        "Staka Éditions, SAS au capital de 10 000 € – RCS Paris 912 345 678"
        " – SIRET 91234567800019 – TVA FR32912345678"
    )


def test_a_business_reads_the_terms_of_payment() -> None:
    text = mentions(FRENCH_SHOP)
    assert "Pénalités de retard" in text
    assert "recouvrement en cas de retard de paiement : 40 €" in text
    assert "Pas d’escompte" in text


def test_no_vat_without_a_vat_number_is_the_franchise() -> None:
    franchise = replace(SELLER, vat_number="")
    assert "TVA non applicable, art. 293 B du CGI" in mentions(rate="0", company=franchise)
    assert "293 B" not in mentions(rate="20", company=franchise)
    assert "293 B" not in mentions(rate="0")


@pytest.mark.parametrize(
    ("nature", "said", "unsaid"),
    [
        (Nature.SERVICES, ["Autoliquidation"], ["262 ter"]),
        (Nature.GOODS, ["262 ter"], ["Autoliquidation"]),
        (Nature.MIXED, ["Autoliquidation", "262 ter"], []),
    ],
)
def test_a_business_in_another_member_state_owes_the_vat_itself(
    nature: Nature, said: list[str], unsaid: list[str]
) -> None:
    text = mentions(PUBLISHER, rate="0", nature=nature)
    assert all(words in text for words in said)
    assert not any(words in text for words in unsaid)


@pytest.mark.parametrize(
    "buyer",
    [
        READER,
        FRENCH_SHOP,
        replace(PUBLISHER, vat_number=""),
        replace(PUBLISHER, address=replace(PUBLISHER.address, country="US")),
    ],
)
def test_the_reason_of_any_other_zero_is_not_guessed(buyer: Customer) -> None:
    text = mentions(buyer, rate="0")
    assert "Lignes à 0 %" in text
    assert "Autoliquidation" not in text


def test_the_debits_option_is_said_in_the_prescribed_words() -> None:
    words = "Option pour le paiement de la taxe d'après les débits"
    assert words in mentions(vat_on_debits=True)
    assert words in mentions(vat_on_debits=True, locale="en")
    assert words not in mentions()
    assert words not in mentions(vat_on_debits=True, rate="0")


def test_identity_says_only_what_is_known() -> None:
    sparse = Company(name="Anne Roy", address=SELLER.address, rcs="RCS Lyon 1", legal_form="EI")
    assert mentions(company=sparse) == "Anne Roy, EI – RCS Lyon 1"


def test_the_wording_in_force_on_the_day_is_taken() -> None:
    old = LegalText(Clause.FRANCHISE, date(2013, 1, 1), "ancien", "old")
    new = LegalText(Clause.FRANCHISE, date(2028, 1, 1), "nouveau", "new")
    texts = LegalTexts((new, old))
    assert texts.sentence(Clause.FRANCHISE, "fr", date(2027, 12, 31)) == "ancien"
    assert texts.sentence(Clause.FRANCHISE, "en", date(2028, 1, 1)) == "new"
    with pytest.raises(LookupError, match="franchise is in force on 2012-12-31"):
        texts.sentence(Clause.FRANCHISE, "fr", date(2012, 12, 31))
