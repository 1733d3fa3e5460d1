"""The page of customers: tiles, who came when, and for each currency what a customer brings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from stakactl.domain.customer_figures import CustomerPeriod, PerCustomer, TopCustomer
from stakactl.domain.revenue import Grain, change_percent, share_percent
from stakactl.operations.customer_stats import CustomersReport
from stakactl.output.pages.bars import BarChart, bar_chart
from stakactl.output.pages.page import Page
from stakactl.output.pages.revenue import MOST_BARS, Frame, framed, told_tile
from stakactl.output.pages.words import Words, words
from stakactl.output.text import clean

Tile = Mapping[str, object]
_HEADS = ("customers", "new_customers", "paying_in_period", "first_time", "returning")
_FIELDS = {"new_customers": "new", "paying_in_period": "paying"}


def customers_page(report: CustomersReport, frame: Frame) -> Page:
    told = words(frame.language, frame.zone)
    compared = report.earlier
    known = bool(report.heads.customers or report.unknown)
    return Page(
        "figures.html.j2",
        {
            **framed(
                replace(frame, title="customers"),
                told,
                (report.since, report.until),
                (compared.since, compared.until) if compared else None,
            ),
            "facts": list(_heads(report, told)) if known else [],
            "chart": _chart(report, told),
            "table": _periods(report, told) if known else None,
            "nothing": "" if known else told["no_customers"],
            "currencies": [_currency(report, currency, told) for currency in report.revenue],
            "notes": [told["customer_note"]] if known else [],
        },
    )


def _heads(report: CustomersReport, told: Words) -> Iterator[Tile]:
    then = report.earlier.heads if report.earlier else None
    for name in _HEADS:
        field = _FIELDS.get(name, name)
        now: int = getattr(report.heads, field)
        before: int | None = None if then is None else getattr(then, field)
        change = None if before is None else change_percent(now, before)
        yield told_tile(
            told[name],
            told.number(now),
            "" if before is None else f"{told['before']} {told.number(before)}",
            "" if change is None else told.percent(change, signed=True),
        )
    yield told_tile(
        told["paying_rate"],
        _percent(report.heads.paying_rate, told),
        "" if then is None else f"{told['before']} {_percent(then.paying_rate, told)}",
    )


def _percent(value: Decimal | None, told: Words) -> str:
    return "–" if value is None else told.percent(value)


def _chart(report: CustomersReport, told: Words) -> BarChart | None:
    """Of the report's own periods, or of longer ones where those are too many to be seen."""
    grain, shown = report.grain, list(report.periods)
    while len(shown) > MOST_BARS and grain is not Grain.MONTH:
        grain = Grain.WEEK if grain is Grain.DAY else Grain.MONTH
        shown = _longer(shown, grain)
    return bar_chart(
        told[f"new_by_{grain}"],
        [
            (told.short(one.start, grain), told.period(one.start, one.end, grain), one.new)
            for one in shown
        ],
        told.number,
        told.number,
    )


def _longer(periods: Sequence[CustomerPeriod], grain: Grain) -> list[CustomerPeriod]:
    sums: dict[object, CustomerPeriod] = {}
    for period in periods:
        key = grain.start(period.start)
        known = sums.get(key)
        start, new = (known.start, known.new) if known else (period.start, 0)
        sums[key] = replace(period, start=start, new=new + period.new)
    return list(sums.values())


def _periods(report: CustomersReport, told: Words) -> Mapping[str, object]:
    return {
        "title": told[f"by_{report.grain}"],
        "head": [told["period"], told["customers_at_end"], told["new_customers"]],
        "rows": [
            [
                told.period(one.start, one.end, report.grain),
                told.number(one.customers),
                told.number(one.new) if one.new else "–",
            ]
            for one in report.periods
        ],
        "foot": [],
    }


def _currency(report: CustomersReport, currency: str, told: Words) -> Mapping[str, object]:
    now = report.revenue[currency]
    then = report.earlier.revenue.get(currency, PerCustomer()) if report.earlier else None
    tops = [one for one in report.top if one.currency == currency]
    return {
        "code": currency.upper(),
        "tiles": list(_tiles(report, currency, now, then, told)),
        "chart": None,
        "periods": None,
        "splits": [_best(tops, now.net, told)] if tops else [],
        "tie": None,
    }


def _tiles(
    report: CustomersReport,
    currency: str,
    now: PerCustomer,
    then: PerCustomer | None,
    told: Words,
) -> Iterator[Tile]:
    def amount(minor: int | None) -> str:
        return "–" if minor is None else told.amount(minor, currency)

    for name in ("net", "mean", "median"):
        minor: int | None = getattr(now, name)
        before: int | None = None if then is None else getattr(then, name)
        change = None if minor is None or before is None else change_percent(minor, before)
        yield told_tile(
            told[f"customer_{name}"],
            amount(minor),
            "" if then is None else f"{told['before']} {amount(before)}",
            "" if change is None else told.percent(change, signed=True),
            main=name == "mean",
        )
    count = "" if then is None else f"{told['before']} {told.number(then.paying)}"
    yield told_tile(told["paying_in_period"], told.number(now.paying), count)
    if (unknown := report.unknown.get(currency)) is not None:
        yield told_tile(told["customer_unknown"], amount(unknown.net))


def _best(tops: Sequence[TopCustomer], whole: int, told: Words) -> Mapping[str, object]:
    return {
        "title": told["best"],
        "head": [told["name_customer"], told["payments"], told["net"], told["share"]],
        "rows": [_top(one, whole, told) for one in tops],
    }


def _top(one: TopCustomer, whole: int, told: Words) -> Mapping[str, object]:
    percent = share_percent(one.net, whole)
    who = ", ".join(dict.fromkeys(filter(None, (one.customer_id, one.name, one.email))))
    return {
        "cells": [clean(who), told.number(one.payments), told.amount(one.net, one.currency)],
        "share": "" if percent is None else told.percent(percent),
        "width": 0 if percent is None else int(min(max(percent, Decimal(0)), Decimal(100)) * 10),
    }
