"""When something is told, and when not again: rules, what was read, and what was told before.

A rule fires while its value is above its threshold. It is told at most once per period until it
clears; when it fires again after that, it is told at once. A value that could not be read changes
nothing: silence of a service is neither an alarm nor the end of one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from stakactl.domain.findings import Discrepancy
from stakactl.domain.letters import Language

_NO_BREAK = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages. The terminal speaks English, mails and chat the administrator's
    language."""

    en: str = ""
    fr: str = ""

    def __bool__(self) -> bool:
        return bool(self.en)

    def said(self, language: Language) -> str:
        return self.fr if language is Language.FRENCH else self.en


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    HOURS = "hours"


class Measure(StrEnum):
    """What a rule looks at; how each is read is written in `operations/facts.py`."""

    UNDELIVERED_EVENTS = "undelivered_events"
    UNDELIVERED_PERCENT = "undelivered_percent"
    PAYMENT_FAILURE_PERCENT = "payment_failure_percent"
    FINDINGS = "findings"
    WAITING_PDFS = "waiting_pdfs"
    OLDEST_MAIL_HOURS = "oldest_mail_hours"
    UNKNOWN_MAILS = "unknown_mails"
    NIGHT_HOURS = "night_hours"
    DISK_PERCENT = "disk_percent"
    MEMORY_PERCENT = "memory_percent"

    @property
    def unit(self) -> Unit:
        ending = self.value.rpartition("_")[2]
        return {"percent": Unit.PERCENT, "hours": Unit.HOURS}.get(ending, Unit.COUNT)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `data/alert_rules.toml`, which explains every field.

    `threshold` None: nobody is told, the value only counts for the health. `degraded` and
    `critical` are the health's own thresholds. `margin` keeps a value that wavers around its
    threshold from clearing and firing all the time.
    """

    rule_id: str
    measure: Measure
    title: Words
    hint: Words
    threshold: Decimal | None
    degraded: Decimal | None = None
    critical: Decimal | None = None
    at_least: int = 0
    margin: Decimal = Decimal(0)
    period: timedelta = timedelta(hours=23)
    window: timedelta = timedelta(hours=24)
    grace: timedelta = timedelta()
    classes: tuple[Discrepancy, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What a measure is now. `value` is None where it is not known; `detail` says why, or what the
    value is made of, in a few words without personal data. `base` is how many things a percentage
    is a share of; `is_failure`: a service should have told, and did not."""

    value: Decimal | None
    detail: Words = Words()
    base: int | None = None
    is_failure: bool = False


class Level(StrEnum):
    """How a value stands to the health's thresholds."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AlertState:
    """What is remembered of a rule that fired, also after it cleared.

    `notices` counts what was told, over all times that it fired, so that each notice has a number
    of its own; `posted` is the last one that the webhook took. `value` and `detail` are as last
    read while it fired.
    """

    rule_id: str
    since: datetime
    value: Decimal
    detail: Words
    seen_at: datetime
    notices: int = 0
    noticed_at: datetime | None = None
    posted: int = 0
    cleared_at: datetime | None = None

    @property
    def is_firing(self) -> bool:
        return self.cleared_at is None

    @property
    def is_to_post(self) -> bool:
        """Whether a notice was made that the webhook does not have."""
        return self.is_firing and self.posted < self.notices


class Turn(StrEnum):
    """What a look makes of a rule: `due` is told now, `quiet` was told within its period."""

    OK = "ok"
    UNKNOWN = "unknown"
    DUE = "due"
    QUIET = "quiet"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule, what was read, and what follows. `before` is what the store holds, `after` what it
    is to hold (the same object where nothing changes)."""

    rule: Rule
    fact: Fact
    level: Level
    turn: Turn
    before: AlertState | None
    after: AlertState | None

    @property
    def is_firing(self) -> bool:
        """Whether the rule stands, told or not; what is unknown now stands as it did."""
        return self.after is not None and self.after.is_firing

    @property
    def is_news(self) -> bool:
        """Whether there is something to tell, or to note as over."""
        untold = self.before is not None and self.before.is_to_post
        return untold or self.turn in {Turn.DUE, Turn.CLEARED}


def judge(rule: Rule, fact: Fact, before: AlertState | None, now: datetime) -> Judged:
    """What to do about a rule; pure, nothing is told by it."""
    level = level_of(rule, fact)
    stood = before is not None and before.is_firing
    fires = _fires(rule, fact, stood=stood)
    if fires is None:
        return Judged(rule, fact, level, Turn.UNKNOWN, before, before)
    if not fires:
        turn = Turn.CLEARED if stood else Turn.OK
        after = replace(before, cleared_at=now) if before is not None and stood else before
        return Judged(rule, fact, level, turn, before, after)
    after = _standing(rule, fact, before, now)
    if stood and after.noticed_at is not None and now - after.noticed_at < rule.period:
        return Judged(rule, fact, level, Turn.QUIET, before, after)
    told = replace(after, notices=after.notices + 1, noticed_at=now)
    return Judged(rule, fact, level, Turn.DUE, before, told)


def untold(judged: Judged) -> Judged:
    """The same where nobody can be told: the notice is not used up."""
    if judged.turn is not Turn.DUE or judged.after is None:
        return judged
    before = judged.before
    counted = (0, None) if before is None else (before.notices, before.noticed_at)
    if before is not None and not before.is_firing:
        counted = (before.notices, None)
    return replace(judged, after=replace(judged.after, notices=counted[0], noticed_at=counted[1]))


def level_of(rule: Rule, fact: Fact) -> Level:
    """What the value means for the health."""
    if fact.value is None:
        return Level.UNKNOWN
    if _too_few(rule, fact):
        return Level.HEALTHY
    if rule.critical is not None and fact.value > rule.critical:
        return Level.CRITICAL
    degraded = rule.threshold if rule.degraded is None else rule.degraded
    return Level.DEGRADED if degraded is not None and fact.value > degraded else Level.HEALTHY


def worst_level(levels: list[Level]) -> Level:
    """What is unknown neither hides nor makes a problem, unless nothing is known."""
    for level in (Level.CRITICAL, Level.DEGRADED, Level.HEALTHY):
        if level in levels:
            return level
    return Level.UNKNOWN


def percent(part: int, whole: int) -> Decimal:
    """A share in percent, to a tenth; 0 of nothing."""
    if whole == 0:
        return Decimal(0)
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def hours(span: timedelta) -> Decimal:
    """Hours, to a tenth; never negative, as a clock that was set back would make them."""
    seconds = max(span, timedelta()) // timedelta(seconds=1)
    return (Decimal(seconds) / 3600).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _fires(rule: Rule, fact: Fact, *, stood: bool) -> bool | None:
    """None where it is not known."""
    if rule.threshold is None or (fact.value is not None and _too_few(rule, fact)):
        return False
    if fact.value is None:
        return None
    limit = rule.threshold - rule.margin if stood else rule.threshold
    return fact.value > limit


def _too_few(rule: Rule, fact: Fact) -> bool:
    return fact.base is not None and fact.base < rule.at_least


def _standing(rule: Rule, fact: Fact, before: AlertState | None, now: datetime) -> AlertState:
    """The state of a rule that fires, before anything is told."""
    value = Decimal(0) if fact.value is None else fact.value
    if before is None:
        return AlertState(rule.rule_id, now, value, fact.detail, now)
    seen = replace(before, value=value, detail=fact.detail, seen_at=now)
    if before.is_firing:
        return seen
    return replace(seen, since=now, noticed_at=None, cleared_at=None)


def quantity(rule: Rule, value: Decimal, language: Language = Language.ENGLISH) -> str:
    """A value or a threshold of a rule with its unit: `3`, `12.5%` or `12,5 %`, `31 h`."""
    number = f"{value.normalize():f}"
    units = {Unit.COUNT: "", Unit.PERCENT: "%", Unit.HOURS: " h"}
    if language is Language.FRENCH:
        number = number.replace(".", ",")
        units |= {Unit.PERCENT: f"{_NO_BREAK}%", Unit.HOURS: f"{_NO_BREAK}h"}
    return number + units[rule.measure.unit]
