"""The revenue page: for each currency tiles, a chart, its periods, its splits and the tie."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from stakactl.domain.revenue import (
    NOTHING,
    Breakdown,
    Figures,
    Grain,
    RevenuePeriod,
    Share,
    Split,
    change_percent,
    share_percent,
    without_gaps,
)
from stakactl.operations.revenue import RevenueReport, Tie
from stakactl.output.pages.bars import BarChart, bar_chart
from stakactl.output.pages.language import Language
from stakactl.output.pages.page import Page
from stakactl.output.pages.words import Words, words
from stakactl.output.text import clean

#: A chart of more bars than this is drawn by the next longer period.
MOST_BARS = 190
_TILES = ("gross", "refunds", "disputes", "fees", "net", "vat", "without_vat")
_COLUMNS = ("gross", "refunds", "disputes", "fees", "net", "vat", "without_vat", "vat_unknown")
_SHARE_COLUMNS = ("gross", "refunds", "net")


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the figures: whose they are, when they were made, in which language.

    `facts` are told before the figures: a label, a value, and whether it asks for attention.
    """

    language: Language
    zone: str
    company: str
    mode: str
    made_at: datetime
    title: str = "title"
    facts: Sequence[tuple[str, str, bool]] = ()


def revenue_page(report: RevenueReport, frame: Frame) -> Page:
    told = words(frame.language, frame.zone)
    compared = report.earlier
    return Page(
        "figures.html.j2",
        {
            **framed(
                frame,
                told,
                (report.since, report.until),
                (compared.since, compared.until) if compared else None,
            ),
            "facts": [
                told_tile(told[label], told.texts.get(value, value), attention=attention)
                for label, value, attention in frame.facts
            ],
            "nothing": "" if report.periods else told["nothing"],
            "currencies": [_currency(report, currency, told) for currency in report.totals]
            if report.periods
            else [],
            "notes": _notes(report, told) if report.periods else [],
        },
    )


def framed(
    frame: Frame, told: Words, span: tuple[date, date], compared: tuple[date, date] | None
) -> Mapping[str, object]:
    """What surrounds the figures of any page; `chart` and `table` stand before all currencies."""
    return {
        "language": str(frame.language),
        "title": told[frame.title],
        "company": clean(frame.company),
        "span": told.span(*span),
        "against": f"{told['against']} {told.span(*compared)}" if compared else "",
        "made": f"{told['made']} {told.moment(frame.made_at)}",
        "mode": told[frame.mode] if frame.mode in ("demo", "test") else "",
        "chart": None,
        "table": None,
    }


def _notes(report: RevenueReport, told: Words) -> list[str]:
    unknown = any(total.vat_unknown for total in report.totals.values())
    return [told["vat_note"], *([told["unknown_note"]] if unknown else [])]


def _currency(report: RevenueReport, currency: str, told: Words) -> Mapping[str, object]:
    total = report.totals[currency]
    before = report.earlier.totals.get(currency, NOTHING) if report.earlier else None
    tie = next((one for one in report.ties if one.transactions.currency == currency), None)
    return {
        "code": currency.upper(),
        "tiles": _tiles(total, before, currency, told),
        "chart": _chart(report, currency, told),
        "periods": _periods(report, currency, told),
        "splits": [
            _split(one, total, told)
            for one in report.breakdowns
            if one.currency == currency and one.top
        ],
        "tie": _tie(tie, total, told) if tie else None,
    }


def _tiles(
    total: Figures, before: Figures | None, currency: str, told: Words
) -> list[Mapping[str, object]]:
    def amount(minor: int) -> str:
        return told.amount(minor, currency)

    names = (*_TILES, "vat_unknown") if total.vat_unknown else _TILES
    payments = _tile("payments", total, before, told, told.number)
    return [payments, *(_tile(name, total, before, told, amount) for name in names)]


def _tile(
    name: str, total: Figures, before: Figures | None, told: Words, write: Callable[[int], str]
) -> Mapping[str, object]:
    now: int = getattr(total, name)
    then: int | None = None if before is None else getattr(before, name)
    change = None if then is None else change_percent(now, then)
    return told_tile(
        told[name],
        write(now),
        "" if then is None else f"{told['before']} {write(then)}",
        "" if change is None else told.percent(change, signed=True),
        main=name == "net",
    )


def told_tile(
    label: str,
    value: str,
    before: str = "",
    change: str = "",
    *,
    main: bool = False,
    attention: bool = False,
) -> Mapping[str, object]:
    """A figure on its own, with what it was before."""
    return {
        "label": label,
        "value": value,
        "before": before,
        "change": change,
        "main": main,
        "attention": attention,
    }


def _chart(report: RevenueReport, currency: str, told: Words) -> BarChart | None:
    """Of the report's own periods, or of longer ones where those are too many to be seen."""
    grain, found = report.grain, list(report.periods)
    whole = without_gaps(found, currency, grain, report.since, report.until)
    while len(whole) > MOST_BARS and grain is not Grain.MONTH:
        grain = Grain.WEEK if grain is Grain.DAY else Grain.MONTH
        whole = _longer(whole, grain, report)
    return bar_chart(
        told[f"net_by_{grain}"],
        [
            (
                told.short(period.start, grain),
                told.period(period.start, period.end, grain),
                period.figures.net,
            )
            for period in whole
        ],
        lambda minor: told.amount(minor, currency),
        lambda minor: told.axis(minor, currency),
    )


def _longer(
    whole: Sequence[RevenuePeriod], grain: Grain, report: RevenueReport
) -> list[RevenuePeriod]:
    """Shorter periods gathered; a week counts in the month that it begins in."""
    sums: dict[object, RevenuePeriod] = {}
    for period in whole:
        key = grain.start(period.start)
        known = sums.get(key)
        figures = period.figures + (known.figures if known else NOTHING)
        start = known.start if known else max(key, report.since)
        sums[key] = RevenuePeriod(start, period.end, period.currency, figures)
    return list(sums.values())


def _periods(report: RevenueReport, currency: str, told: Words) -> Mapping[str, object]:
    own = [period for period in report.periods if period.currency == currency]
    total = report.totals[currency]
    names = [name for name in _COLUMNS if name != "vat_unknown" or total.vat_unknown]
    return {
        "title": told[f"by_{report.grain}"],
        "head": [told["period"], told["payments"], *(told[name] for name in names)],
        "rows": [
            [
                told.period(period.start, period.end, report.grain),
                *_cells(period.figures, names, currency, told),
            ]
            for period in own
        ],
        "foot": [told["total"], *_cells(total, names, currency, told)],
    }


def _cells(figures: Figures, names: Sequence[str], currency: str, told: Words) -> list[str]:
    amounts = ((getattr(figures, name), currency) for name in names)
    return [
        told.number(figures.payments),
        *(told.amount(*one) if one[0] else "–" for one in amounts),
    ]


def _split(one: Breakdown, total: Figures, told: Words) -> Mapping[str, object]:
    rows = [
        _row(_named(share, one.split, told), share.figures, total, one, told) for share in one.top
    ]
    if one.others:
        name = told["one_other"] if one.others == 1 else told["others"].format(one.others)
        rows.append(_row(name, one.rest, total, one, told))
    if one.unknown.gross or one.unknown.net:
        rows.append(_row(told["unknown"], one.unknown, total, one, told))
    return {
        "title": told[one.split],
        "head": [
            told[f"name_{one.split}"],
            told["payments"],
            *(told[name] for name in _SHARE_COLUMNS),
            told["share"],
        ],
        "rows": rows,
    }


def _named(share: Share, split: Split, told: Words) -> str:
    name = told.country(share.name) if split is Split.COUNTRY else clean(share.name)
    if not share.detail:
        return name
    if split is Split.CITY:
        return f"{name} ({told.country(share.detail)})"
    return f"{name} ({told.texts.get(share.detail, clean(share.detail))})"


def _row(
    name: str, figures: Figures, total: Figures, one: Breakdown, told: Words
) -> Mapping[str, object]:
    percent = share_percent(figures.net, total.net)
    return {
        "cells": [name, *_cells(figures, _SHARE_COLUMNS, one.currency, told)],
        "share": "" if percent is None else told.percent(percent),
        "width": 0 if percent is None else int(min(max(percent, Decimal(0)), Decimal(100)) * 10),
    }


def _tie(tie: Tie, total: Figures, told: Words) -> Mapping[str, object]:
    currency = tie.transactions.currency

    def line(name: str, minor: int) -> tuple[str, str]:
        return told[name], told.amount(minor, currency)

    return {
        "title": told["tie"],
        "rows": [
            line("net", total.net),
            line("other", total.other),
            line("payouts", -total.payouts),
            line("explained", tie.explained.minor),
            line("transactions", tie.transactions.minor),
            line("residual", tie.residual.minor),
        ],
        "verdict": told["untied" if tie.residual else "tied"],
        "sound": not tie.residual,
    }
