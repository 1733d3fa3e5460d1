"""Reports of subscriptions for the tests of their table and their page."""

from datetime import date, timedelta
from fractions import Fraction

from stakactl.domain.revenue import Grain
from stakactl.domain.subscriptions import (
    NONE,
    Conversion,
    Flow,
    Plan,
    SubscriptionPeriod,
    Tally,
)
from stakactl.operations.subscriptions import EarlierSubscriptions, Standing, SubscriptionReport
from tests.output.revenue_samples import HOSTILE

SINCE, UNTIL = date(2026, 2, 25), date(2026, 4, 2)
ONE = Tally(1, Fraction(100_000, 3))
UNKNOWN = Tally(2, Fraction(), Fraction(120_000), 1)


def busy_subscriptions() -> SubscriptionReport:
    """Two currencies, churn, VAT that is not known, hostile names."""
    weeks = [(SINCE + timedelta(days=7 * n), SINCE + timedelta(days=7 * n + 6)) for n in range(5)]
    euro = Flow(ONE, Tally(12, Fraction(400_000)), ONE)
    steps = [euro, *(Flow(euro.end, NONE, NONE) for _ in weeks[1:])]
    periods = [
        SubscriptionPeriod(*week, "eur", step) for week, step in zip(weeks, steps, strict=True)
    ]
    periods += [SubscriptionPeriod(*week, "kwd", Flow(UNKNOWN)) for week in weeks]
    behind = Tally(1, Fraction(1_000))
    plans = tuple(
        Plan("eur", f"{HOSTILE} {number}", "month", number, Tally(2, Fraction(30_000)), behind)
        for number in range(1, 13)
    )
    before = SINCE - (UNTIL - SINCE) - timedelta(days=1)
    return SubscriptionReport(
        SINCE,
        UNTIL,
        Grain.WEEK,
        tuple(periods),
        {"eur": euro, "kwd": Flow(UNKNOWN)},
        {"eur": Standing(euro.end - behind, behind, ONE), "kwd": Standing(UNKNOWN, NONE, NONE)},
        (*plans, Plan("kwd", "", "fortnight", 2, UNKNOWN, NONE)),
        Conversion(30, 14),
        EarlierSubscriptions(
            before, SINCE - timedelta(days=1), {"eur": Flow(NONE, ONE, NONE)}, Conversion(0, 0)
        ),
    )


def all_cancelled() -> SubscriptionReport:
    gone = Flow(ONE, NONE, ONE)
    period = SubscriptionPeriod(SINCE, UNTIL, "eur", gone)
    nothing = Standing(NONE, NONE, NONE)
    return SubscriptionReport(
        SINCE,
        UNTIL,
        Grain.MONTH,
        (period,),
        {"eur": gone},
        {"eur": nothing},
        (),
        Conversion(1, 0),
        None,
    )


def no_subscriptions() -> SubscriptionReport:
    before = EarlierSubscriptions(SINCE, UNTIL, {}, Conversion(0, 0))
    return SubscriptionReport(SINCE, UNTIL, Grain.WEEK, (), {}, {}, (), Conversion(0, 0), before)
