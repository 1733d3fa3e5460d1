"""The bridge fits a terminal of 80 columns, and programs get every amount of it."""

import io
import json
from datetime import timedelta
from typing import Any

from stakactl.domain.bridge import Bridge, Presentment
from stakactl.domain.money import Money
from stakactl.operations.bridge import BridgeReport
from stakactl.output.render import render
from stakactl.output.reports.bridge import bridge_sections, bridge_summary
from stakactl.output.view import View
from tests.builders import NOW


def a_bridge(currency: str, closing: int = 4510, size: int = 1) -> Bridge:
    parts = (500, 10_000, 2_000, 1_500, 490, -100, 1_900)
    opening, gross, refunds, disputes, fees, other, payouts = (
        Money(size * minor, currency) for minor in parts
    )
    since = NOW - timedelta(days=31)
    end = Money(size * closing, currency)
    return Bridge(since, NOW, opening, gross, refunds, disputes, fees, other, payouts, end)


def shown(*bridges: Bridge) -> str:
    text = io.StringIO()
    report = BridgeReport(bridges)
    view = View(title="t", sections=bridge_sections(report), summary=bridge_summary(report))
    render(view, "table", text)
    return text.getvalue()


def record_of(bridge: Bridge) -> dict[str, Any]:
    text = io.StringIO()
    render(View(summary=bridge_summary(BridgeReport((bridge,)))), "json", text)
    (record,) = json.loads(text.getvalue())["summary"]["bridge"]
    assert isinstance(record, dict)
    return record


def test_a_column_for_each_currency() -> None:
    assert shown(a_bridge("eur"), a_bridge("jpy", 4500), a_bridge("kwd")) == (
        "t\n"
        "\n"
        "Bridge from 2026-02-12 03:00 UTC to 2026-03-15 03:00 UTC\n"
        "                         EUR     JPY      KWD\n"
        "  opening balance       5.00     500    0.500\n"
        "  + gross             100.00   10000   10.000\n"
        "  - refunds            20.00    2000    2.000\n"
        "  - disputes           15.00    1500    1.500\n"
        "  - fees                4.90     490    0.490\n"
        "  + other              -1.00    -100   -0.100\n"
        "  - payouts            19.00    1900    1.900\n"
        "  = closing balance    45.10    4500    4.510\n"
        "  residual              0.00     -10    0.000\n"
    )


def test_many_currencies_and_large_amounts_fit_into_80_columns() -> None:
    currencies = ("chf", "eur", "gbp", "jpy", "kwd", "usd", "xof")
    text = shown(*(a_bridge(currency, size=10**10) for currency in currencies))
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("closing balance") > 1
    assert all(f" {currency.upper()}" in text for currency in currencies)
    assert "1000000000000.00" in text


def test_what_was_sold_in_another_currency() -> None:
    yen = Presentment(
        Money(5000, "jpy"), Money(2000, "jpy"), Money(3051, "eur"), Money(1221, "eur")
    )
    bridge = a_bridge("eur")
    beside = Bridge(
        bridge.since, bridge.until, bridge.opening, bridge.gross, bridge.refunds, bridge.disputes,
        bridge.fees, bridge.other, bridge.payouts, bridge.closing, (yen,),
    )  # fmt: skip
    text = shown(beside)
    assert "sold in 5000 JPY, settled as 30.51 EUR" in text
    assert "given back 2000 JPY, settled as 12.21 EUR" in text
    assert record_of(beside)["presentment"] == [
        {
            "gross": {"minor": 5000, "currency": "jpy"},
            "refunds": {"minor": 2000, "currency": "jpy"},
            "settled_gross": {"minor": 3051, "currency": "eur"},
            "settled_refunds": {"minor": 1221, "currency": "eur"},
        }
    ]


def test_why_there_is_none() -> None:
    report = BridgeReport((), "the record was not read; run stakactl sync")
    text = io.StringIO()
    render(View(title="t", sections=bridge_sections(report)), "table", text)
    assert "not drawn: the record was not read; run stakactl sync" in text.getvalue()
    assert bridge_summary(report) == {"bridge": [], "bridge_missing": report.missing}
    assert bridge_sections(None) == bridge_sections(BridgeReport(())) == ()


def test_for_programs_every_amount_has_its_currency() -> None:
    record = record_of(a_bridge("kwd"))
    assert record["closing"] == {"minor": 4510, "currency": "kwd"}
    assert record["residual"] == {"minor": 0, "currency": "kwd"}
    assert (record["currency"], record["until"]) == ("kwd", "2026-03-15T03:00:00Z")
