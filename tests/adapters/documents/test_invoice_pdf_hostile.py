"""Customers' text is data: whatever they typed, the invoice is drawn, complete and in place."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.page import Style, Text, Weight
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.orders import Address
from tests.adapters.documents.invoice_samples import (
    CARD,
    FRENCH_SHOP,
    SELLER,
    invoice,
    line,
)
from tests.adapters.documents.pages import misplaced, text_of

RENDERER = PdfInvoiceRenderer()
FONTS = Fonts()
HOSTILE = [
    "",
    " ",
    "\x00\x07\x1b[31mred\x1b[0m\x7f\x9b",
    '<img src="/etc/passwd"><b>bold</b> &amp; <para>',
    "(unbalanced \\ parentheses)) Tj ET Q",
    "a\r\nb\tc\u2028d\u2029e\x85f",
    "\u202eevil\u202c \u2066iso\u2069 \ufeff\u200b\u200d\xad",
    "שלום עולם مرحبا بالعالم",
    "東京都 株式会社 🎉👩‍👩‍👧‍👦 ✍🏽",
    "\ud800 lone surrogate \udfff",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "{number} %s %(x)s {0.__class__}",
    "n" * 10_000,
    "mot " * 2_500,
    "Ω Ж ẞ Ǆ ½ ﬁ １２３ 𝓜𝓪𝓻𝓲𝓮",
]


def filled_with(text: str) -> InvoiceSnapshot:
    """`text` wherever a person, an application or Stripe can put one."""
    snapshot = invoice([line(text, 100), line(text, 200, quantity=3)], buyer=FRENCH_SHOP)
    return replace(
        snapshot,
        number=text[:35],
        order_id=text,
        seller=replace(SELLER, name=text, email=text, siret=text, vat_number=text, phone=text),
        buyer=replace(
            FRENCH_SHOP,
            name=text,
            company=f"{text}!",
            email=text,
            siren=text,
            vat_number=text,
            address=Address(text, text, text, text, text),
        ),
        payment=replace(CARD, method=text, reference=text),
        legal_mentions=(text, "Identité"),
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_drawn_in_its_place(text: str) -> None:
    snapshot = filled_with(text)
    assert not misplaced(lay_out(snapshot, FONTS), FONTS)
    seen = text_of(RENDERER.render(snapshot))
    assert "Total TTC" in seen
    assert "7,00 €" in seen
    assert "Identité" in seen


def test_markup_is_printed_as_it_was_typed() -> None:
    markup = '<img src="/etc/passwd"> & <b>{x}</b> (\\)'
    assert markup in text_of(RENDERER.render(invoice([line(markup, 100)])))


def test_no_name_is_so_long_that_the_number_is_cut() -> None:
    number = "W" * 35
    snapshot = replace(filled_with("n" * 10_000), number=number)
    seen = text_of(RENDERER.render(snapshot)).split("\f")
    assert number in seen[0].splitlines()
    assert all(f"Facture {number}" in page for page in seen)


def test_what_the_typeface_lacks_is_visibly_replaced() -> None:
    assert FONTS.clean("東京 🎉") == "\ufffd\ufffd \ufffd"
    assert "\ufffd\ufffd" in text_of(RENDERER.render(invoice([line("東京", 100)])))


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("e\u0301te\u0301", "été"),
        ("a\nb\tc", "a b c"),
        ("x\u202ey\u200bz\xad", "xyz"),
        ("１２ ﬁ 𝓜", "12 fi M"),
        ("1\u202f234\xa0€", "1\u202f234\xa0€"),
    ],
)
def test_cleaning(typed: str, drawn: str) -> None:
    assert FONTS.clean(typed) == drawn


@pytest.mark.parametrize(
    "name", ["Łukasz Ćwikła", "Ștefan Țuțea", "Đặng Thị Hương", "Ελένη Νίκου", "Анна Ківшенко"]
)
def test_names_of_europe_are_drawn_as_they_are(name: str) -> None:
    assert FONTS.clean(name) == name


def test_more_characters_than_one_font_has_codes_are_all_drawn_and_read() -> None:
    letters = "".join(map(chr, [*range(0x100, 0x180), *range(0x391, 0x3A2), *range(0x410, 0x500)]))
    words = [part for part in re.findall(".{1,20}", letters) if FONTS.clean(part) == part]
    seen = text_of(RENDERER.render(invoice([line(" ".join(words), 100)])))
    assert len("".join(words)) > 300
    assert all(word in seen for word in words)


def test_a_title_of_10_kb_goes_over_pages_and_stays_whole() -> None:
    document = lay_out(invoice([line("t" * 10_000, 100)]), FONTS)
    drawn = "".join(
        item.text
        for page in document.pages
        for item in page
        if isinstance(item, Text) and set(item.text) == {"t"}
    )
    assert len(drawn) == 10_000
    assert len(document.pages) > 2


@given(st.text(max_size=300), st.floats(min_value=20, max_value=400))
@settings(max_examples=100, deadline=None)
def test_wrapping_keeps_every_character_and_the_width(text: str, width: float) -> None:
    style = Style(8.5, Weight.BOLD)
    lines = FONTS.wrap(text, style, width)
    assert "".join(lines).replace(" ", "") == FONTS.clean(text).replace(" ", "")
    assert all(FONTS.width(each, style) <= width for each in lines)
    cut = FONTS.wrap(text, style, width, most=2)
    assert len(cut) <= 2
    assert all(FONTS.width(each, style) <= width for each in cut)


@given(st.text(max_size=120))
@settings(max_examples=25, deadline=None)
def test_any_text_anywhere_is_drawn(text: str) -> None:
    snapshot = filled_with(text)
    assert not misplaced(lay_out(snapshot, FONTS), FONTS)
    assert RENDERER.render(snapshot).startswith(b"%PDF-")
