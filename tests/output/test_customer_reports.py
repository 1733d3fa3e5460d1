"""What `customers show`, `sync` and `annual` say, letter by letter, and the page of a year."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.cells import cell_len

from stakactl.adapters.pages import render_page
from stakactl.domain.runs import Mode, Outcome
from stakactl.operations.customers.annual import AnnualReport
from stakactl.operations.customers.live import LiveData
from stakactl.output.pages.annual import annual_page
from stakactl.output.pages.annual_words import ENGLISH, FRENCH
from stakactl.output.pages.language import Language
from stakactl.output.reports.annual import annual_view
from stakactl.output.reports.customer_sync import sync_view
from stakactl.output.reports.customers import CustomerPage, show_view
from stakactl.output.view import View
from tests.output.customer_samples import (
    a_year,
    asked,
    empty_year,
    hostile_year,
    read_again,
    shown,
)
from tests.output.revenue_samples import frame
from tests.output.test_output_golden import compare
from tests.output.view_samples import FINISHED, STARTED, written

ZONE = "Europe/Paris"
ALL = CustomerPage(1, 50)
VIEWS = {
    "customer-show": show_view(shown(asked()), ALL, zone=ZONE),
    "customer-offline": show_view(shown(), CustomerPage(2, 5), zone=ZONE),
    "customer-down": show_view(
        shown(LiveData(unread=("Stripe cannot be reached",))), ALL, zone=ZONE
    ),
    "customer-sync": sync_view(read_again()),
    "customer-year": annual_view(a_year(), page=Path("2026.html")),
    "customer-year-empty": annual_view(empty_year()),
}


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


def told(view: View, command: str) -> View:
    named = replace(view, command=command, mode=Mode.LIVE)
    return replace(named, started_at=STARTED, finished_at=FINISHED)


@pytest.mark.parametrize("name", VIEWS)
def test_the_table_is_what_it_was(name: str) -> None:
    text = written(told(VIEWS[name], "customers"), "table")
    compare(f"{name}.txt", text)
    assert max(map(cell_len, text.splitlines())) <= 80


@pytest.mark.parametrize("name", ["customer-show", "customer-sync", "customer-year"])
def test_the_json_is_what_it_was(name: str) -> None:
    compare(f"{name}.json", written(told(VIEWS[name], "customers"), "json"))


def test_the_csv_of_a_year_is_its_documents() -> None:
    compare("customer-year.csv", written(VIEWS["customer-year"], "csv"))


def test_json_has_every_row_whatever_the_page() -> None:
    rows = json.loads(written(show_view(shown(), None, zone=ZONE), "json"))["items"]
    pages = [show_view(shown(), CustomerPage(number, 5), zone=ZONE) for number in (1, 2, 3)]
    items = [json.loads(written(view, "json"))["items"] for view in pages]
    assert rows == [*items[0], *items[1]]
    assert items[2] == []
    assert pages[2].empty == "Nothing is on this page."


def test_stripe_down_is_incomplete() -> None:
    assert VIEWS["customer-down"].outcome is Outcome.INCOMPLETE


# The page


def page(report: AnnualReport, language: Language = Language.FR, mode: str = "live") -> str:
    made = annual_page(report, frame(language, mode))
    return render_page(made.template, made.values)


def test_french_is_written_as_the_french_write() -> None:
    text = page(a_year(), mode="test")
    for said in (
        '<html lang="fr">',
        "Récapitulatif annuel 2026",
        "Éditions &lt;Martin&gt;",
        "N°\xa0TVA FR32123456789",
        "5,5\xa0%",
        "−100,00\xa0€",  # the credit note
        "1\u202f234,560\xa0KWD",
        "facture (Stripe)",
        "Aux taux ci-dessus",
        "n’est pas une facture",
        "L’année n’est pas terminée\xa0:",
        "Mode test de Stripe",
    ):
        assert said in text, said
    assert "pas terminée" not in page(a_year(until=date(2026, 12, 31)))


def test_english() -> None:
    text = page(a_year(), Language.EN)
    for said in ("Summary of the year 2026", "5.5%", "29\xa0March\xa02026", "credit note"):
        assert said in text, said
    assert FRENCH.keys() == ENGLISH.keys()


def test_nobodys_text_is_code() -> None:
    text = page(hostile_year())
    assert "<script" not in text
    assert "<img" not in text
    assert not {"\x1b", "\u202e"} & set(text)
    assert re.findall(r"<[^<>]*(?:src=|href=|url\()", text) == []
    table = written(annual_view(hostile_year()), "table")
    assert not {"\x1b", "\u202e"} & set(table)


def test_a_year_without_anything() -> None:
    text = page(empty_year())
    assert FRENCH["nothing"] in text
    assert "None" not in text
    assert "<table" not in text
