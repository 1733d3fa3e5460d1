"""The pages in a browser: nothing on its console, nothing asked of the network, nothing cut."""

from collections.abc import Callable
from pathlib import Path

import pytest

from stakactl.adapters.pages import render_page
from stakactl.output.pages.annual import annual_page
from stakactl.output.pages.customer_stats import customers_page
from stakactl.output.pages.language import Language
from stakactl.output.pages.page import Page
from stakactl.output.pages.revenue import Frame, revenue_page
from stakactl.output.pages.subscriptions import subscriptions_page
from tests.browser import open_page
from tests.output.customer_samples import a_year, hostile_year
from tests.output.customer_stats_samples import busy_customers
from tests.output.revenue_samples import all_refunded, busy, empty, frame
from tests.output.subscription_samples import busy_subscriptions

PAGES: dict[str, Callable[[Frame], Page]] = {
    "busy": lambda frame: revenue_page(busy(), frame),
    "all-refunded": lambda frame: revenue_page(all_refunded(), frame),
    "empty": lambda frame: revenue_page(empty(), frame),
    "customers": lambda frame: customers_page(busy_customers(), frame),
    "subscriptions": lambda frame: subscriptions_page(busy_subscriptions(), frame),
    "year": lambda frame: annual_page(a_year(), frame),
    "hostile-year": lambda frame: annual_page(hostile_year(), frame),
}
DARK = "--blink-settings=preferredColorScheme=0"


@pytest.mark.parametrize(
    ("name", "language", "options"),
    [
        ("busy", Language.FR, []),
        ("busy", Language.EN, [DARK, "--window-size=390,800"]),
        ("subscriptions", Language.FR, [DARK]),
        ("customers", Language.FR, ["--window-size=390,800"]),
        ("customers", Language.EN, [DARK]),
        ("subscriptions", Language.EN, ["--window-size=390,800"]),
        ("all-refunded", Language.FR, []),
        ("empty", Language.FR, []),
        ("year", Language.EN, [DARK]),
        ("hostile-year", Language.FR, ["--window-size=390,800"]),
    ],
)
def test_a_page_is_whole_by_itself(
    name: str, language: Language, options: list[str], tmp_path: Path
) -> None:
    seen = open_page(written(name, language, tmp_path), tmp_path, *options)
    assert seen.console == []
    assert seen.requests == []
    assert f'<html lang="{language}">' in seen.dom
    assert "<footer>" in seen.dom


def written(name: str, language: Language, folder: Path) -> Path:
    made = PAGES[name](frame(language))
    path = folder / "page.html"
    path.write_text(render_page(made.template, made.values), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "sabotage",
    ['<img src="http://evil.example/x.png">', "<script>undefined_function()</script>"],
)
def test_control_what_a_page_must_not_do_is_noticed(sabotage: str, tmp_path: Path) -> None:
    """The page's own policy stops it, and says so on the console."""
    path = written("busy", Language.FR, tmp_path)
    text = path.read_text(encoding="utf-8").replace("</body>", f"{sabotage}</body>")
    path.write_text(text, encoding="utf-8")
    seen = open_page(path, tmp_path)
    assert len(seen.console) == 1
    assert "Content Security Policy" in seen.console[0]
    assert seen.requests == []


def test_control_a_request_is_noticed_without_the_policy(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text('<img src="http://evil.example/x.png">', encoding="utf-8")
    assert open_page(path, tmp_path).requests == ["http://evil.example/x.png"]
