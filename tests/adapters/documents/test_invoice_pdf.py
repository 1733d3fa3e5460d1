"""What stands on the page: every number, date, amount and mention, in the customer's language."""

import os
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from stakactl.domain.invoicing import Credited, InvoiceSnapshot
from stakactl.domain.orders import Nature
from tests.adapters.documents.invoice_samples import (
    CARD,
    FRENCH_SHOP,
    READER,
    SELLER,
    apart,
    in_currency,
    invoice,
    line,
    reverse_charge,
    sixty_lines,
    two_rates,
)
from tests.adapters.documents.pages import misplaced, read, text_of

GOLDEN = Path(__file__).parents[2] / "golden"
RENDERER = PdfInvoiceRenderer()


def page_text(snapshot: InvoiceSnapshot) -> str:
    return text_of(RENDERER.render(snapshot))


@pytest.mark.parametrize(
    ("name", "snapshot"),
    [("invoice_fr_two_rates", two_rates()), ("invoice_en_reverse_charge", reverse_charge())],
)
def test_the_extracted_text_is_the_golden_one(name: str, snapshot: InvoiceSnapshot) -> None:
    """`UPDATE_GOLDEN=1 pytest …` writes the files anew; read the difference before you keep it."""
    path = GOLDEN / f"{name}.txt"
    seen = page_text(snapshot) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert seen == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("snapshot", "words", "penalties"),
    [
        (
            apart(invoice([line("Audit", 12345)], FRENCH_SHOP, payment=None)),
            ("À payer au plus tard le 12 décembre 2026", "01/10/2026 – 31/10/2026", "QUOTE-17"),
            True,
        ),
        (
            apart(invoice([line("Cours", 12345)], replace(READER, locale="en"), payment=None)),
            ("To be paid by 12 December 2026", "Period", "Reference"),
            False,
        ),
    ],
    ids=["business", "consumer"],
)
def test_what_is_to_be_paid_says_so(
    snapshot: InvoiceSnapshot, words: tuple[str, ...], penalties: bool
) -> None:
    text = page_text(snapshot)
    for word in words:
        assert word in text
    assert not {"Payée", "Paid", "Commande", "Order"} & set(text.split())
    assert ("majoré de 10 points" in text) is penalties
    assert not misplaced(lay_out(snapshot, Fonts()), Fonts())


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (two_rates(), ("AVOIR", "Avoir sur la facture FACT-2026-000001 du 3 mars 2026")),
        (
            reverse_charge(),
            ("CREDIT NOTE", "Credit note on invoice FACT-2026-000001 of 3 March 2026"),
        ),
    ],
)
def test_a_credit_note_says_so_and_names_its_invoice(
    snapshot: InvoiceSnapshot, words: tuple[str, str]
) -> None:
    credited = Credited("FACT-2026-000001", date(2026, 3, 3), "one copy damaged")
    text = page_text(replace(snapshot, payment=None, credited=credited))
    assert all(word in text for word in (*words, "— one copy damaged"))
    assert "FACTURE" not in text
    assert "INVOICE" not in text


def test_every_figure_of_the_snapshot_is_on_the_page() -> None:
    text = page_text(two_rates())
    for figure in (
        "FACT-2026-000123",
        "12 novembre 2026",
        "1er novembre 2026",
        "468,00 €",
        "1 548,00 €",
        "1 467,30 €",
        "soit 12,2275 € HT",
        "-25,00 €",
        "5,5 %",
        "694,17 €",
        "138,83 €",
        "2 189,90 €",
        "221,10 €",
        "2 411,00 €",
        "Mixte : biens et services",
        "Łukasz Wiśniewski",
        "SIREN 912 345 678",
        "N° TVA FR32912345678",
        "page 1/1",
    ):
        assert figure in text, figure


def test_amounts_carry_the_right_no_break_spaces() -> None:
    """reportlab draws U+00A0 as a plain space of the same width; U+202F stays itself."""
    text = read(RENDERER.render(two_rates())).pages[0].extract_text()
    assert "2\u202f411,00 €" in text


def test_payment_is_said_with_its_day_in_paris_and_its_reference() -> None:
    """23:30 UTC on the 11th is the 12th in Paris."""
    french, english = page_text(two_rates()), page_text(reverse_charge())
    assert "Payée le 12 novembre 2026 par carte" in french
    assert f"— réf. {CARD.reference}" in french
    assert "Paid on 12 November 2026 by card" in english
    assert f"— ref. {CARD.reference}" in english


def test_an_unknown_method_is_shown_as_stripe_spells_it() -> None:
    snapshot = invoice([line("Cours", 5000)], payment=replace(CARD, method="moon_pay"))
    assert "par moon pay" in page_text(snapshot)


def test_an_unpaid_invoice_says_so() -> None:
    text = page_text(invoice([line("Cours", 5000)], payment=None))
    assert "En attente de paiement" in text
    assert "Payée" not in text


def test_the_date_of_supply_is_left_out_when_it_is_the_date_of_issue() -> None:
    same = invoice([line("Cours", 5000)])
    other = replace(same, supplied_on=date(2026, 10, 3))
    assert "Date de la prestation" not in page_text(same)
    assert "3 octobre 2026" in page_text(other)
    assert "Date de la prestation" in page_text(other)
    assert "Date de livraison" in page_text(replace(other, nature=Nature.GOODS))


def test_a_business_gets_penalties_and_identifiers_a_consumer_does_not() -> None:
    consumer = page_text(invoice([line("Cours", 5000)]))
    business = page_text(invoice([line("Cours", 5000)], buyer=FRENCH_SHOP))
    for mention in ("40 €", "Pénalités de retard", "escompte"):
        assert mention not in consumer
        assert mention in business
    for identifier in ("SIREN 552 100 554", "N° TVA FR40552100554", "À l’attention de Aïcha"):
        assert identifier in business


def test_mentions_stand_at_the_foot_of_the_page() -> None:
    snapshot = invoice([line("Cours", 5000, "0")], seller=replace(SELLER, vat_number=""))
    assert "TVA non applicable, art. 293 B du CGI" in page_text(snapshot)
    assert "SAS au capital de 10 000 €" in page_text(snapshot)
    assert "Reverse charge" in page_text(reverse_charge())


@pytest.mark.parametrize(
    ("currency", "minor", "expected"),
    [
        ("jpy", 1234567, "2 469 134 JPY"),
        ("kwd", 1234565, "2 469,130 KWD"),
        ("usd", 1234567, "24 691,34 $US"),
        ("isk", 150000, "3 000 ISK"),
        ("isk", 150050, "3 001 ISK"),
        ("isk", 150075, "3 001,50 ISK"),
    ],
)
def test_currencies_are_written_with_their_own_decimals(
    currency: str, minor: int, expected: str
) -> None:
    assert expected in page_text(in_currency(currency, minor))


def test_a_long_title_is_wrapped_and_complete() -> None:
    title = ("Relecture approfondie d’un manuscrit " * 14).strip()
    text = page_text(invoice([line(title, 123456)]))
    assert len(title) > 500
    assert title in " ".join(text.split())


def test_sixty_lines_take_several_pages_with_the_header_on_each() -> None:
    pages = [
        page.extract_text().replace("\xa0", " ")
        for page in read(RENDERER.render(sixty_lines())).pages
    ]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"page {number}/{len(pages)}" in page
        assert "Désignation" in page
        assert "FACT-2026-000123" in page
    whole = "\n".join(pages)
    assert all(f"Séance {number} du" in whole for number in range(1, 61))
    assert "Total TTC" not in "".join(pages[:-1])
    assert "Séance 60 du" in pages[-1], "the totals keep the last row with them"


def test_hundreds_of_rates_go_over_pages() -> None:
    belgian = replace(READER, address=replace(READER.address, country="BE"))
    rates = [Decimal(number) / 10 for number in range(1, 121)]
    snapshot = invoice([line(f"Cours {rate}", 1000, str(rate)) for rate in rates], buyer=belgian)
    text = page_text(snapshot)
    assert all(f"{str(rate).replace('.', ',').replace(',0', '')} %" in text for rate in rates[:9])
    assert not misplaced(lay_out(snapshot, Fonts()), Fonts())


@pytest.mark.parametrize("locale", ["fr", "fr-CA", "de", ""])
def test_french_is_spoken_unless_english_was_asked_for(locale: str) -> None:
    assert "FACTURE" in page_text(replace(two_rates(), locale=locale))


@pytest.mark.parametrize("locale", ["en", "en-US", "en_GB"])
def test_english_regions_are_english(locale: str) -> None:
    assert "INVOICE" in page_text(replace(two_rates(), locale=locale))


def test_a_specimen_is_marked_on_every_page() -> None:
    marked = RENDERER.render(replace(sixty_lines(), specimen=True))
    assert all("SPÉCIMEN" in page.extract_text() for page in read(marked).pages)
    assert "SPECIMEN" in page_text(replace(reverse_charge(), specimen=True))
    assert "SPÉCIMEN" not in page_text(two_rates())


@pytest.mark.parametrize(
    "snapshot",
    [
        two_rates(),
        reverse_charge(),
        sixty_lines(),
        in_currency("kwd", 99_999_999_995),
        replace(reverse_charge(), specimen=True),
    ],
)
def test_nothing_leaves_the_margins_or_runs_into_its_neighbour(snapshot: InvoiceSnapshot) -> None:
    assert not misplaced(lay_out(snapshot, Fonts()), Fonts())


def test_an_amount_is_never_cut() -> None:
    text = page_text(in_currency("kwd", 99_999_999_995))
    assert "199 999 999,990 KWD" in text
    assert "…" not in text
