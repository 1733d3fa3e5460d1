"""What `stats subscriptions` says in a terminal and on its page."""

import re
from dataclasses import replace

import pytest

from stakactl.adapters.pages import render_page
from stakactl.domain.money import Money
from stakactl.domain.revenue import Grain
from stakactl.operations.subscriptions import SubscriptionReport
from stakactl.output.pages.language import Language
from stakactl.output.pages.revenue import MOST_BARS
from stakactl.output.pages.subscriptions import subscriptions_page
from stakactl.output.pages.words import FRENCH
from stakactl.output.reports.subscriptions import subscriptions_view
from stakactl.output.view import View
from tests.output.revenue_samples import frame
from tests.output.subscription_samples import all_cancelled, busy_subscriptions, no_subscriptions


def page(found: SubscriptionReport, language: Language = Language.FR) -> str:
    made = subscriptions_page(found, frame(language))
    return render_page(made.template, made.values)


def view(found: SubscriptionReport, *, chart: bool = True) -> View:
    return subscriptions_view(found, chart=chart)


def lines(found: SubscriptionReport) -> str:
    return "\n".join(line for section in view(found).sections for line in section.lines)


def test_the_page_in_both_languages() -> None:
    french, english = page(busy_subscriptions()), page(busy_subscriptions(), Language.EN)
    for said in (
        "Abonnements",
        "4\u202f000,00\xa0€",
        "tous les 12\xa0mois",
        "46,7\xa0%",
        "avant –",
    ):
        assert said in french, said
    for said in ("Subscriptions", "€4,000.00", "every 12 months", "46.7%", "before –"):
        assert said in english, said
    assert FRENCH["mrr_vat_note"] in french
    assert FRENCH["unpriced_note"] in french
    assert "&lt;script&gt;alert(1)" in french
    assert "<script" not in french
    assert "\x1b" not in french


@pytest.mark.parametrize("found", [all_cancelled(), no_subscriptions()])
def test_little_and_nothing(found: SubscriptionReport) -> None:
    text = page(found)
    assert "None" not in text
    assert "<figure" not in text
    assert view(found).charts == ()
    if not found.flows:
        assert FRENCH["no_subscriptions"] in text
        assert view(found).notes == ("stakactl sync reads them from Stripe",)


def test_what_is_left_out_of_mrr_is_said() -> None:
    told = view(busy_subscriptions())
    assert len(told.notes) == 2
    assert "VAT unknown on" in lines(busy_subscriptions())
    assert all(len(line) <= 80 for line in lines(busy_subscriptions()).splitlines())
    assert "2 more plans" in lines(busy_subscriptions())
    totals = told.summary["totals"]
    assert isinstance(totals, list)
    assert totals[1]["vat_unknown"] == Money(120_000, "kwd")
    assert totals[1]["mrr"] == Money(0, "kwd")


def test_one_chart_for_each_currency_with_a_price() -> None:
    (chart,) = view(busy_subscriptions()).charts
    assert chart.title == "MRR without VAT at the end of each week (EUR)"
    assert [value for _, value in chart.bars] == [Money(400_000, "eur")] * 5
    assert view(busy_subscriptions(), chart=False).charts == ()


def test_a_long_chart_is_drawn_by_what_longer_periods_end_with() -> None:
    found = busy_subscriptions()
    first = found.periods[0]
    days = tuple(
        replace(first, start=day, end=day)
        for day in map(first.start.fromordinal, range(first.start.toordinal(), 740_500))
    )
    long = replace(found, grain=Grain.DAY, periods=days)
    text = page(long)
    assert FRENCH["mrr_by_month"] in text or FRENCH["mrr_by_week"] in text
    assert len(re.findall("<rect x", text)) <= MOST_BARS
