"""Amounts, dates and charts as people read them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rich.cells import cell_len

from stakactl.domain.money import CurrencyMismatch, Money
from stakactl.output.charts import bars
from stakactl.output.formats import People
from stakactl.output.view import ByteCount, Chart

FR, EN = People("fr"), People("en")


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        (Money(46800, "eur"), "468,00 €", "€468.00"),
        (Money(-123456789, "eur"), "-1 234 567,89 €", "-€1,234,567.89"),
        (Money(0, "eur"), "0,00 €", "€0.00"),
        (Money(500, "jpy"), "500 JPY", "¥500"),
        (Money(1500, "isk"), "15,00 ISK", "ISK 15.00"),
        (Money(1230, "kwd"), "1,230 KWD", "KWD 1.230"),
    ],
)
def test_money(amount: Money, french: str, english: str) -> None:
    def plain(text: str) -> str:
        return text.replace("\u202f", " ").replace("\xa0", " ")

    assert plain(EN.money(amount)) == english
    assert plain(FR.money(amount)).replace("¥", "JPY") == french


def test_moments_are_shown_in_the_zone() -> None:
    moment = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    assert EN.moment(moment) == "2026-03-30 00:30"
    assert FR.moment(moment) == "30/03/2026 00:30"
    assert People("en", "America/New_York").moment(moment) == "2026-03-29 18:30"
    with pytest.raises(ValueError, match="without zone"):
        EN.moment(datetime(2026, 3, 29))  # noqa: DTZ001


def test_other_cells() -> None:
    assert EN.cell(date(2026, 3, 1)) == "2026-03-01"
    assert EN.cell(None) == ""
    assert EN.cell(True) == "yes"
    assert EN.cell(2026) == "2026"
    assert EN.cell(12345, grouped=True) == "12,345"
    assert EN.cell(Decimal("5.50")) == "5.50"
    assert EN.cell({"a": ["x", Money(100, "eur")]}) == "a: x, €1.00"


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "0 o", "0 B"),
        (999, "999 o", "999 B"),
        (1000, "1,0 ko", "1.0 kB"),
        (1234, "1,2 ko", "1.2 kB"),
        (999_949, "999,9 ko", "999.9 kB"),
        (999_950, "1,0 Mo", "1.0 MB"),
        (40_000_000_000, "40,0 Go", "40.0 GB"),
        (1_234_567_000_000_000, "1 234,6 To", "1,234.6 TB"),
    ],
)
def test_sizes(count: int, french: str, english: str) -> None:
    cell = ByteCount(count)
    for people, wanted in ((People("fr"), french), (People("en"), english)):
        shown = people.cell(cell).replace("\u202f", " ").replace("\xa0", " ")
        assert shown == wanted
    assert json.dumps({"bytes": cell}) == f'{{"bytes": {count}}}'


def test_the_language_is_the_terminals() -> None:
    assert People.from_environment({"LANG": "fr_FR.UTF-8"}).locale == "fr"
    assert People.from_environment({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}).locale == "en"
    assert People.from_environment({}).locale == "en"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_bars_fit_and_compare(ascii_only: bool) -> None:
    chart = Chart("", (("a" * 60, Money(100_000_000, "eur")), ("é", Money(50_000_000, "eur"))))
    lines = bars(chart, FR, width=80, ascii_only=ascii_only)
    assert [cell_len(line) for line in lines] == [80, 80]
    block = "#" if ascii_only else "█"
    assert abs(lines[0].count(block) - 2 * lines[1].count(block)) <= 1


def test_a_chart_of_two_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        bars(Chart("", (("a", Money(1, "eur")), ("b", Money(1, "usd")))), EN)


def test_a_chart_without_bars_or_amounts() -> None:
    assert bars(Chart("", ()), EN) == []
    assert bars(Chart("", (("a", 0),)), EN, width=20)[0].split() == ["a", "0"]
