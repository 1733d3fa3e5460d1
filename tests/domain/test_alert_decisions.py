"""At most once per period until it clears, whatever the values do and whenever one looks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.alerts import (
    AlertState,
    Fact,
    Level,
    Measure,
    Rule,
    Turn,
    Words,
    hours,
    judge,
    level_of,
    percent,
    quantity,
    untold,
    worst_level,
)
from stakactl.domain.letters import Language

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULE = Rule(
    "payments.failing",
    Measure.PAYMENT_FAILURE_PERCENT,
    Words("Share of payments that failed"),
    Words("look"),
    Decimal(5),
    degraded=Decimal(10),
    critical=Decimal(25),
    at_least=20,
    margin=Decimal(1),
    period=23 * HOUR,
)


def fact(value: int | str, base: int = 100) -> Fact:
    return Fact(Decimal(value), base=base)


def look(value: int | str, before: AlertState | None = None, after: timedelta = HOUR) -> Turn:
    return judge(RULE, fact(value), before, NOW + after).turn


def fired(value: int | str = 6) -> AlertState:
    state = judge(RULE, fact(value), None, NOW).after
    assert state is not None
    return state


def test_above_the_threshold_and_not_at_it() -> None:
    assert look(5) is Turn.OK
    assert look("5.1") is Turn.DUE
    assert fired() == AlertState(
        "payments.failing", NOW, Decimal(6), Words(), NOW, notices=1, noticed_at=NOW
    )


def test_few_things_are_no_alarm() -> None:
    assert judge(RULE, fact(100, base=1), None, NOW).turn is Turn.OK
    assert judge(RULE, fact(100, base=19), None, NOW).level is Level.HEALTHY
    assert judge(RULE, fact(100, base=20), None, NOW).turn is Turn.DUE


def test_quiet_within_the_period_and_due_after_it() -> None:
    state = fired()
    assert look(6, state, 23 * HOUR - timedelta(seconds=1)) is Turn.QUIET
    again = judge(RULE, fact(7), state, NOW + 23 * HOUR)
    assert again.turn is Turn.DUE
    assert again.after is not None
    assert (again.after.since, again.after.notices) == (NOW, 2)


def test_a_value_that_wavers_does_not_clear() -> None:
    state = fired()
    assert look("4.5", state) is Turn.QUIET
    assert look(4, state) is Turn.CLEARED
    assert look("4.5") is Turn.OK


def test_it_clears_and_fires_again_at_once() -> None:
    cleared = judge(RULE, fact(0), fired(), NOW + HOUR).after
    assert cleared is not None
    assert not cleared.is_firing
    assert judge(RULE, fact(0), cleared, NOW + 2 * HOUR).after is cleared
    again = judge(RULE, fact(6), cleared, NOW + 3 * HOUR)
    assert again.turn is Turn.DUE
    assert again.after is not None
    assert (again.after.since, again.after.notices) == (NOW + 3 * HOUR, 2)
    assert again.after.is_firing


def test_what_is_not_known_changes_nothing() -> None:
    state = fired()
    unknown = judge(RULE, Fact(None, Words("Stripe is down")), state, NOW + 48 * HOUR)
    assert (unknown.turn, unknown.after, unknown.level) == (Turn.UNKNOWN, state, Level.UNKNOWN)
    assert unknown.is_firing
    assert not judge(RULE, Fact(None), None, NOW).is_firing


def test_a_notice_that_nobody_can_get_is_not_used_up() -> None:
    muted = untold(judge(RULE, fact(6), None, NOW)).after
    assert muted is not None
    assert (muted.notices, muted.noticed_at, muted.since) == (0, None, NOW)
    heard = judge(RULE, fact(6), muted, NOW + HOUR)
    assert heard.turn is Turn.DUE
    assert heard.after is not None
    assert (heard.after.notices, heard.after.since) == (1, NOW)


def test_a_rule_without_threshold_is_never_told() -> None:
    rule = Rule(
        "x.y", Measure.UNDELIVERED_PERCENT, Words("t"), Words("h"), None, Decimal(5), Decimal(15)
    )
    found = judge(rule, fact(90), None, NOW)
    assert (found.turn, found.level, found.after) == (Turn.OK, Level.CRITICAL, None)


@pytest.mark.parametrize(
    ("value", "level"), [(10, Level.HEALTHY), (25, Level.DEGRADED), (26, Level.CRITICAL)]
)
def test_the_levels_of_the_health(value: int, level: Level) -> None:
    assert level_of(RULE, fact(value)) is level


def test_the_worst_level_counts_and_what_is_unknown_hides_nothing() -> None:
    assert worst_level([Level.HEALTHY, Level.UNKNOWN]) is Level.HEALTHY
    assert worst_level([Level.UNKNOWN, Level.DEGRADED, Level.CRITICAL]) is Level.CRITICAL
    assert worst_level([]) is worst_level([Level.UNKNOWN]) is Level.UNKNOWN


def test_figures_for_people() -> None:
    assert percent(1, 3) == Decimal("33.3")
    assert percent(1, 0) == 0
    assert hours(timedelta(minutes=90)) == Decimal("1.5")
    assert hours(-HOUR) == 0
    night = Rule("n.m", Measure.NIGHT_HOURS, Words("t"), Words("h"), Decimal(26))
    assert [quantity(night, Decimal(v)) for v in ("26", "0.0", "30.5")] == ["26 h", "0 h", "30.5 h"]
    assert quantity(RULE, Decimal("100.0")) == "100%"
    assert quantity(RULE, Decimal("12.5"), Language.FRENCH) == "12,5\N{NO-BREAK SPACE}%"
    assert (
        quantity(Rule("m.u", Measure.UNKNOWN_MAILS, Words("t"), Words("h"), None), Decimal(1200))
        == "1200"
    )


steps = st.lists(
    st.tuples(
        st.integers(min_value=0, max_value=40 * 60),
        st.one_of(st.none(), st.decimals(0, 20, places=1, allow_nan=False)),
    ),
    max_size=60,
)


@given(steps)
def test_at_most_once_per_period_until_it_clears(steps: list[tuple[int, Decimal | None]]) -> None:
    now, state = NOW, None
    told: list[datetime] = []
    was_clear = True
    for minutes, value in steps:
        now += timedelta(minutes=minutes)
        found = judge(RULE, Fact(value, base=100), state, now)
        if found.turn is Turn.DUE:
            assert value is not None
            assert value > RULE.threshold - RULE.margin  # type: ignore[operator]
            assert was_clear or now - told[-1] >= RULE.period
            told.append(now)
            was_clear = False
        elif value is not None and value > 5:
            assert found.turn is Turn.QUIET
            assert now - told[-1] < RULE.period
        if found.turn in {Turn.OK, Turn.CLEARED}:
            was_clear = True
        state = found.after
        assert (state.notices if state else 0) == len(told)
        assert found.is_firing == (not was_clear)


@given(steps)
def test_whoever_fires_is_told_when_it_began(steps: list[tuple[int, Decimal | None]]) -> None:
    """`since` is the first look of an unbroken stretch, whatever is unknown in between."""
    now, state, began = NOW, None, None
    for minutes, value in steps:
        now += timedelta(minutes=minutes)
        state = judge(RULE, Fact(value, base=100), state, now).after
        if state is None or not state.is_firing:
            began = None
        else:
            began = began or now
            assert state.since == began
