"""What `stats customers` says in a terminal and on its page."""

import re
from dataclasses import replace
from datetime import date

import pytest

from stakactl.adapters.pages import render_page
from stakactl.domain.customer_figures import CustomerPeriod
from stakactl.domain.money import Money
from stakactl.domain.revenue import Grain
from stakactl.operations.customer_stats import CustomersReport
from stakactl.output.pages.customer_stats import customers_page
from stakactl.output.pages.language import Language
from stakactl.output.pages.revenue import MOST_BARS
from stakactl.output.pages.words import FRENCH
from stakactl.output.reports.customer_stats import customers_view
from tests.output.customer_stats_samples import busy_customers, no_customers, one_customer
from tests.output.revenue_samples import frame


def page(found: CustomersReport, language: Language = Language.FR) -> str:
    made = customers_page(found, frame(language))
    return render_page(made.template, made.values)


def test_the_page_in_both_languages() -> None:
    french, english = page(busy_customers()), page(busy_customers(), Language.EN)
    for said in ("Clients", "526,32\xa0€", "50,01\xa0€", "−0,077\xa0KWD", "19,2\xa0%", "2,1\xa0%"):
        assert said in french, said
    for said in ("Customers", "€526.32", "guest@example.com", "Came back", "19.2%"):
        assert said in english, said
    assert "&lt;script&gt;alert(1)" in french
    assert "<script" not in french
    assert "\x1b" not in french


@pytest.mark.parametrize("found", [one_customer(), no_customers()])
def test_little_and_nothing(found: CustomersReport) -> None:
    text, view = page(found), customers_view(found, chart=True)
    assert "None" not in text
    assert "<figure" not in text
    assert view.charts == ()
    assert (FRENCH["no_customers"] in text) is not bool(found.heads.customers)
    assert bool(view.notes) is not bool(found.heads.customers)
    assert bool(list(view.items)) is bool(found.heads.customers)


def test_the_terminal() -> None:
    view = customers_view(busy_customers(), chart=True)
    lines = [line for section in view.sections for line in section.lines]
    assert all(len(line) <= 80 for line in lines), lines
    told = "\n".join(lines)
    for said in ("526.32 EUR", "50.01 EUR", "U-1", "guest@example.com ", "of nobody known"):
        assert said in told, said
    ((chart),) = view.charts
    assert [size for _, size in chart.bars] == [0, 1, 2, 3, 4]
    revenue = view.summary["revenue_per_customer"]
    assert isinstance(revenue, list)
    assert revenue[0]["mean"] == Money(52_632, "eur")
    assert revenue[0]["median"] == Money(5_001, "eur")


def test_a_long_chart_gathers_longer_periods() -> None:
    first = date(2024, 1, 1)
    days = [date.fromordinal(first.toordinal() + n) for n in range(500)]
    periods = tuple(CustomerPeriod(day, day, n, 1) for n, day in enumerate(days))
    text = page(replace(busy_customers(), grain=Grain.DAY, periods=periods))
    assert FRENCH["new_by_week"] in text
    bars = len(re.findall("<rect x", text))
    assert 70 < bars <= MOST_BARS
