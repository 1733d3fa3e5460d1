"""The page of revenue: what it says, that nobody's text is code in it, and its drawing."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.adapters.pages import render_page
from stakactl.domain.revenue import Grain
from stakactl.operations.revenue import RevenueReport
from stakactl.output.pages.bars import HEIGHT, bar_chart, ticks
from stakactl.output.pages.language import Language
from stakactl.output.pages.revenue import MOST_BARS, revenue_page
from stakactl.output.pages.words import ENGLISH, FRENCH
from stakactl.output.reports.revenue import revenue_view
from tests.output.revenue_samples import all_refunded, busy, empty, frame, one_day, report


def page(found: RevenueReport, language: Language = Language.FR, mode: str = "live") -> str:
    made = revenue_page(found, frame(language, mode))
    return render_page(made.template, made.values)


def test_french_is_written_as_the_french_write() -> None:
    text = page(busy(), mode="test")
    for said in (
        '<html lang="fr">',
        "du 25\xa0février\xa02026 au 2\xa0avril\xa02026",
        "1\u202f200,00\xa0€",
        "−1\u202f300,50\xa0€",  # a week of refunds is a loss
        "1\u202f234,567\xa0KWD",
        "L’écart est nul\u202f:",
        "Établi le 2\xa0avril\xa02026 à 12:05 (Europe/Paris)",
        "Mode test de Stripe",
        "11\xa0autres",
    ):
        assert said in text, said
    assert "1er\xa0avril" in page(report(until=busy().until.replace(day=1)))


def test_english() -> None:
    text = page(busy(), Language.EN)
    for said in ("25\xa0February\xa02026 to 2\xa0April\xa02026", "€1,200.00", "11 others"):
        assert said in text, said
    assert FRENCH.keys() == ENGLISH.keys()


def test_nobodys_text_is_code() -> None:
    text = page(busy())
    assert "<script" not in text
    assert "<img" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "Librairie &lt;Démo&gt;" in text
    assert re.findall(r"<[^<>]*(?:src=|href=|url\()", text) == []


def test_a_residual_is_said_aloud() -> None:
    assert "ces chiffres ne sont pas fiables" in page(busy(residual=-1))
    assert "ces chiffres ne sont pas fiables" not in page(busy())


@pytest.mark.parametrize("found", [one_day(), all_refunded(), empty()])
def test_little_and_nothing(found: RevenueReport) -> None:
    text = page(found)
    assert "None" not in text
    assert ("<figure" in text) is any(total.net for total in found.totals.values())
    view = revenue_view(found, chart=True)
    assert all(bar[1] is not None for chart in view.charts for bar in chart.bars)
    if not found.periods:
        assert FRENCH["nothing"] in text
        assert view.notes
        assert not view.charts


def test_a_chart_that_is_too_long_is_drawn_by_longer_periods() -> None:
    found = busy(grain=Grain.DAY)
    assert len(re.findall('<rect x|<rect class="loss" x', page(found))) == 2 * 37
    long = busy(grain=Grain.DAY, since=found.since.replace(year=2024))
    drawn = len(re.findall('<rect x|<rect class="loss" x', page(long)))
    assert drawn // 2 <= MOST_BARS
    assert FRENCH["net_by_week"] in page(long)


SIZES = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=400)


@given(SIZES)
def test_every_bar_is_in_the_drawing_and_as_long_as_it_is_large(sizes: list[int]) -> None:
    chart = bar_chart("", [("", "", size) for size in sizes], str, str)
    if chart is None:
        assert not any(sizes)
        return
    largest = max(sizes, key=abs)
    tallest = max(bar.height for bar in chart.bars)
    for bar, size in zip(chart.bars, sizes, strict=True):
        assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
        assert 0 <= bar.x < bar.x + bar.width <= chart.width
        assert bool(bar.height) is bool(size)
        assert bar.loss is (size < 0)
        assert abs(bar.height * abs(largest) - abs(size) * tallest) <= 10 * abs(largest)
    assert 0 <= chart.zero <= HEIGHT
    assert len(chart.labels) <= 8


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_few_round_ticks_hold_all(one: int, other: int) -> None:
    low, high = min(one, other), max(one, other)
    values = ticks(low, high)
    assert 2 <= len(values) <= 7
    assert values[0] <= min(low, 0) <= max(high, 0) <= values[-1]
    assert 0 in values
    assert len({after - before for before, after in pairwise(values)}) == 1
