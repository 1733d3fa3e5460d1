"""Which reminder a claim gets today, and if none, why: a pure decision on what is known.

Steps count from the due date (by default 7, 15 and 30 days after it). Each is taken once; where
several have passed, only the newest is, because three letters in one day remind of nothing. No
step comes sooner after another than `min_days`.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from stakactl.domain.mail import MailStatus
from stakactl.domain.receivables import (
    Obstacle,
    PastReminder,
    Receivable,
    blocked,
    last_step,
    taken,
)
from stakactl.domain.working_hours import WorkingHours

DEFAULT_STEPS = (7, 15, 30)
DEFAULT_MIN_DAYS = 5


class Tone(StrEnum):
    FRIENDLY = "friendly"
    FIRM = "firm"
    FORMAL = "formal"


@dataclass(frozen=True, slots=True)
class ReminderRules:
    """`steps` are days after the due date, rising, each at least 1; none where nobody is to be
    reminded. `hours` also tells the time zone that days are counted in."""

    steps: tuple[int, ...] = DEFAULT_STEPS
    min_days: int = DEFAULT_MIN_DAYS
    hours: WorkingHours = field(default_factory=lambda: WorkingHours(UTC))

    def tone(self, step: int) -> Tone:
        """Of the step's letter (from 1): friendly first, and of three or more steps the last is
        the formal notice."""
        if step <= 1:
            return Tone.FRIENDLY
        return Tone.FORMAL if step >= len(self.steps) > 2 else Tone.FIRM


class Wait(StrEnum):
    """Why a claim that nothing stands in the way of gets no reminder today."""

    NOT_YET = "not yet"
    TOO_SOON = "too soon after the last"
    QUEUED = "in the outbox"
    DONE = "all steps taken"
    HISTORICAL = "due before MAIL_SINCE"
    NO_ADDRESS = "no e-mail address"
    RESTORED = "may have been sent"
    UNDELIVERABLE = "the last was refused"


Reason = Obstacle | Wait


@dataclass(frozen=True, slots=True)
class Judgement:
    """`step` is the reminder that is due now, None where there is none; then `reason` says why,
    `detail` what was seen, and `next_on` is the working day of the next step, if one comes.
    `doubtful` is a step that may have been taken before the store was restored."""

    claim: Receivable
    due_on: date
    days_late: int
    step: int | None = None
    tone: Tone | None = None
    reason: Reason | None = None
    detail: str = ""
    next_on: date | None = None
    doubtful: int | None = None


def judge(
    claim: Receivable,
    rules: ReminderRules,
    now: datetime,
    mail_since: datetime | None,
    restored_at: datetime | None = None,
) -> Judgement:
    """What today's reminder of a claim is. The hours of the day are not looked at here. A step
    whose day had come when the store was restored from a backup may have been taken since that."""
    zone = rules.hours.zone
    today = now.astimezone(zone).date()
    due_on = claim.due_on(zone)
    late = (today - due_on).days

    def no(reason: Reason, detail: str = "", next_on: date | None = None) -> Judgement:
        working = rules.hours.working_day(next_on) if next_on else None
        return Judgement(
            claim, due_on, late, reason=reason, detail=detail or str(reason), next_on=working
        )

    obstacle = blocked(claim)
    if obstacle is not None:
        return no(obstacle.obstacle, obstacle.detail)
    if mail_since is not None and claim.due_at < mail_since:
        return no(
            Wait.HISTORICAL, f"due before MAIL_SINCE ({mail_since.astimezone(zone):%Y-%m-%d})"
        )
    if not claim.recipient:
        return no(Wait.NO_ADDRESS)
    held = _held_by_history(claim)
    if held is not None:
        return no(*held)
    used = last_step(claim.history)
    newest = max((n for n, days in enumerate(rules.steps, 1) if days <= late), default=0)
    if newest <= used:
        coming = max(used, newest)
        if coming >= len(rules.steps):
            return no(Wait.DONE)
        next_on = _not_before(claim, rules, due_on + timedelta(days=rules.steps[coming]))
        return no(Wait.NOT_YET, next_on=next_on)
    earliest = _not_before(claim, rules, today)
    if earliest > today:
        return no(Wait.TOO_SOON, next_on=earliest)
    came_on = due_on + timedelta(days=rules.steps[newest - 1])
    if restored_at is not None and came_on <= restored_at.astimezone(zone).date():
        detail = f"step {newest} may have been sent before the restore of {restored_at:%Y-%m-%d}"
        return replace(no(Wait.RESTORED, detail), doubtful=newest)
    return Judgement(claim, due_on, late, newest, rules.tone(newest))


def _held_by_history(claim: Receivable) -> tuple[Wait, str] | None:
    """A reminder that has not left yet, or one that this very address refused."""
    waiting = (MailStatus.QUEUED, MailStatus.SENDING)
    for past in claim.history:
        if past.status in waiting:
            return Wait.QUEUED, f"step {past.step} is {past.status}"
    last = _latest(claim)
    if last and last.status is MailStatus.FAILED and last.recipient == claim.recipient:
        return Wait.UNDELIVERABLE, f"step {last.step} failed: {last.error or 'refused'}"
    return None


def _not_before(claim: Receivable, rules: ReminderRules, day: date) -> date:
    past = _latest(claim)
    if past is None:
        return day
    last_on = past.at.astimezone(rules.hours.zone).date()
    return max(day, last_on + timedelta(days=rules.min_days))


def _latest(claim: Receivable) -> PastReminder | None:
    return max(taken(claim.history), key=lambda past: (past.step, past.at), default=None)
