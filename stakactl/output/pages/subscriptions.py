"""The page of subscriptions: for each currency tiles, MRR over time, its periods and its plans."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from stakactl.domain.revenue import Grain, change_percent, share_percent
from stakactl.domain.subscriptions import (
    Flow,
    Plan,
    SubscriptionPeriod,
    Tally,
    rounded,
)
from stakactl.operations.subscriptions import SubscriptionReport
from stakactl.output.pages.bars import BarChart, bar_chart
from stakactl.output.pages.page import Page
from stakactl.output.pages.revenue import MOST_BARS, Frame, framed, told_tile
from stakactl.output.pages.words import Words, words
from stakactl.output.text import clean

Tile = Mapping[str, object]


def subscriptions_page(report: SubscriptionReport, frame: Frame) -> Page:
    told = words(frame.language, frame.zone)
    compared = report.earlier
    return Page(
        "figures.html.j2",
        {
            **framed(
                replace(frame, title="subscriptions"),
                told,
                (report.since, report.until),
                (compared.since, compared.until) if compared else None,
            ),
            "facts": list(_conversion(report, told)),
            "nothing": "" if report.flows else told["no_subscriptions"],
            "currencies": [_currency(report, currency, told) for currency in report.flows],
            "notes": list(_notes(report, told)),
        },
    )


def _notes(report: SubscriptionReport, told: Words) -> Iterator[str]:
    if report.flows:
        yield told["mrr_note"]
    if any(flow.end.vat_unknown for flow in report.flows.values()):
        yield told["mrr_vat_note"]
    if any(flow.end.unpriced for flow in report.flows.values()):
        yield told["unpriced_note"]


def _conversion(report: SubscriptionReport, told: Words) -> Iterator[Tile]:
    now = report.conversion
    then = report.earlier.conversion if report.earlier else None
    yield _number("customers", now.customers, None if then is None else then.customers, told)
    yield _number("paying", now.paying, None if then is None else then.paying, told)
    yield told_tile(
        told["conversion"],
        _percent(now.rate, told),
        "" if then is None else f"{told['before']} {_percent(then.rate, told)}",
    )


def _percent(value: Decimal | None, told: Words) -> str:
    return "–" if value is None else told.percent(value)


def _number(name: str, now: int, then: int | None, told: Words) -> Tile:
    return _compared(name, now, then, told, told.number)


def _compared(
    name: str,
    now: int,
    then: int | None,
    told: Words,
    write: Callable[[int], str],
    *,
    main: bool = False,
) -> Tile:
    change = None if then is None else change_percent(now, then)
    return told_tile(
        told[name],
        write(now),
        "" if then is None else f"{told['before']} {write(then)}",
        "" if change is None else told.percent(change, signed=True),
        main=main,
    )


def _currency(report: SubscriptionReport, currency: str, told: Words) -> Mapping[str, object]:
    own = [period for period in report.periods if period.currency == currency]
    plans = [plan for plan in report.plans if plan.currency == currency]
    return {
        "code": currency.upper(),
        "tiles": list(_tiles(report, currency, told)),
        "chart": _chart(own, report.grain, currency, told),
        "periods": _periods(own, report.grain, currency, told),
        "splits": [_plans(plans, report.flows[currency].end, told)] if plans else [],
        "tie": None,
    }


def _tiles(report: SubscriptionReport, currency: str, told: Words) -> Iterator[Tile]:
    now, standing = report.flows[currency], report.standing[currency]
    then = report.earlier.flows.get(currency, Flow()) if report.earlier else None

    def amount(minor: int) -> str:
        return told.amount(minor, currency)

    def count(name: str, now: Tally, then: Tally | None) -> Tile:
        return _number(name, now.subscriptions, None if then is None else then.subscriptions, told)

    before = None if then is None else rounded(then.end.mrr)
    yield _compared("mrr", rounded(now.end.mrr), before, told, amount, main=True)
    yield count("running", now.end, None if then is None else then.end)
    yield count("new", now.new, None if then is None else then.new)
    yield count("churned", now.churned, None if then is None else then.churned)
    yield count("net_change", now.net, None if then is None else then.net)
    yield told_tile(
        told["churn_rate"],
        _percent(now.churn_rate, told),
        "" if then is None else f"{told['before']} {_percent(then.churn_rate, told)}",
    )
    behind = standing.past_due
    yield told_tile(
        told["past_due"],
        told.number(behind.subscriptions),
        f"{told['mrr']} {amount(rounded(behind.mrr))}" if behind.subscriptions else "",
        attention=bool(behind.subscriptions),
    )
    yield count("trial", standing.trial, None)
    if now.end.vat_unknown:
        yield told_tile(told["mrr_vat_unknown"], amount(rounded(now.end.vat_unknown)))


def _chart(
    periods: Sequence[SubscriptionPeriod], grain: Grain, currency: str, told: Words
) -> BarChart | None:
    """Of the report's own periods, or of longer ones where those are too many to be seen."""
    shown = list(periods)
    while len(shown) > MOST_BARS and grain is not Grain.MONTH:
        grain = Grain.WEEK if grain is Grain.DAY else Grain.MONTH
        last = {grain.start(period.start): period for period in shown}  # what it ended with
        first = {grain.start(period.start): period.start for period in reversed(shown)}
        shown = [replace(period, start=first[key]) for key, period in last.items()]
    return bar_chart(
        told[f"mrr_by_{grain}"],
        [
            (
                told.short(period.start, grain),
                told.period(period.start, period.end, grain),
                rounded(period.flow.end.mrr),
            )
            for period in shown
        ],
        lambda minor: told.amount(minor, currency),
        lambda minor: told.axis(minor, currency),
    )


def _periods(
    periods: Sequence[SubscriptionPeriod], grain: Grain, currency: str, told: Words
) -> Mapping[str, object]:
    names = ("running", "new", "churned", "net_change", "churn_rate", "mrr")
    return {
        "title": told[f"by_{grain}"],
        "head": [told["period"], *(told[name] for name in names)],
        "rows": [
            [
                told.period(period.start, period.end, grain),
                told.number(period.flow.end.subscriptions),
                *(
                    told.number(one.subscriptions) if one.subscriptions else "–"
                    for one in (period.flow.new, period.flow.churned, period.flow.net)
                ),
                _percent(period.flow.churn_rate, told),
                told.amount(rounded(period.flow.end.mrr), currency),
            ]
            for period in periods
        ],
        "foot": [],
    }


def _plans(plans: Sequence[Plan], whole: Tally, told: Words) -> Mapping[str, object]:
    return {
        "title": told["plans"],
        "head": [
            told["name_plan"],
            *(told[name] for name in ("active", "past_due", "mrr", "past_due_mrr")),
            told["share"],
        ],
        "rows": [_plan(plan, rounded(whole.mrr), told) for plan in plans],
    }


def _plan(plan: Plan, whole: int, told: Words) -> Mapping[str, object]:
    def amount(value: Fraction) -> str:
        return told.amount(rounded(value), plan.currency) if value else "–"

    percent = share_percent(rounded(plan.tally.mrr), whole)
    behind = plan.past_due.subscriptions
    return {
        "cells": [
            f"{clean(plan.product) or told['unknown']} ({_interval(plan, told)})",
            told.number(plan.tally.subscriptions),
            told.number(behind) if behind else "–",
            amount(plan.tally.mrr),
            amount(plan.past_due.mrr),
        ],
        "share": "" if percent is None else told.percent(percent),
        "width": 0 if percent is None else int(min(percent, Decimal(100)) * 10),
    }


def _interval(plan: Plan, told: Words) -> str:
    if plan.interval_count == 1:
        return told.texts.get(f"every_{plan.interval}", clean(plan.interval))
    name = told.texts.get(f"{plan.interval}s", f"{{}} {clean(plan.interval)}")
    return name.format(plan.interval_count)
