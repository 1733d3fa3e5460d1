"""Remind customers of what they owe: plan, queue, send.

The plan is a pure judgement of every claim that is overdue (`domain/reminders.py`). What is due
is queued at most once per step; the letter takes a last look at Stripe and the application before
it leaves (`letters/reminder.py`). Outside of working hours nothing is queued.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from stakactl.domain.letters.reminder import ReminderLetter
from stakactl.domain.mail import Letter, MailKind, MailStatus, NewMail, QueuedMail
from stakactl.domain.money import Money
from stakactl.domain.receivables import Receivable, last_step
from stakactl.domain.reminders import Judgement, Tone, judge
from stakactl.domain.runs import Outcome
from stakactl.errors import ConfigurationError, NotFound, Refused, UsageError
from stakactl.operations.letters.reminder import content
from stakactl.operations.mail import SendReport, send_outbox
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync import sync_stripe
from stakactl.operations.sync_orders import sync_orders


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder that the plan wants to send now."""

    subject_id: str
    number: str
    step: int
    tone: Tone
    recipient: str
    outstanding: Money
    due_on: date
    days_late: int

    @property
    def mail(self) -> NewMail:
        return NewMail(MailKind.REMINDER, self.subject_id, self.recipient, self.step)


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """`due` are held up to the ceiling of a run; `count` tells how many there are. `reasons` say
    how many others get none, and why; `opens_at` is when reminders may leave: now, or later.
    `doubtful` may have been sent before the store was restored."""

    due: tuple[DueReminder, ...]
    count: int
    reasons: dict[str, int]
    opens_at: datetime
    is_open: bool
    doubtful: tuple[NewMail, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindersReport:
    """`queued` of those that were due; `mail` is what was sent, None where nothing was to be.

    `unread` says what of Stripe could not be read: then nothing is queued.
    """

    outcome: Outcome
    plan: ReminderPlan | None
    queued: int
    mail: SendReport | None = None
    unread: tuple[str, ...] = ()
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReminderPreview:
    """A letter that is not sent. `judgement` says what today's reminder of the claim is."""

    judgement: Judgement
    step: int
    content: ReminderLetter
    letter: Letter


@dataclass(slots=True)
class _Planned:
    due: list[DueReminder] = field(default_factory=list)
    count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    doubtful: list[NewMail] = field(default_factory=list)


def mailing_since(ports: Ports) -> datetime:
    """MAIL_SINCE. Nobody is reminded without it."""
    since = ports.policy.mail_since
    if since is None:
        raise ConfigurationError(
            "MAIL_SINCE is not set: customers are only reminded of what was due after a date that "
            "you choose",
            hint="set MAIL_SINCE=2026-01-01 in .env (or INVOICES_SINCE, which it follows)",
        )
    return since


def judgements(ports: Ports) -> Iterator[Judgement]:
    """Every overdue claim with what becomes of it today, oldest first; streamed."""
    rules, since, now = ports.policy.reminders, ports.policy.mail_since, ports.clock.now()
    restored = ports.restores.last()
    restored_at = restored.restored_at if restored else None
    for claim in ports.receivables.overdue(now):
        yield judge(claim, rules, now, since, restored_at)


def plan_reminders(ports: Ports) -> ReminderPlan:
    """Who would be reminded now. Changes nothing."""
    ceiling, now = ports.policy.nightly_max_mails, ports.clock.now()
    hours = ports.policy.reminders.hours
    planned = _Planned()
    with ports.progress.stage("Looking through what is overdue") as stage:
        for judgement in judgements(ports):
            stage.advance()
            if judgement.step is None or judgement.tone is None:
                planned.reasons[str(judgement.reason)] += 1
                planned.doubtful += _doubtful(judgement)
                continue
            planned.count += 1
            if len(planned.due) < ceiling:
                planned.due.append(_due(judgement, judgement.step, judgement.tone))
    return ReminderPlan(
        tuple(planned.due),
        planned.count,
        dict(planned.reasons),
        hours.opens_at(now),
        hours.is_open(now),
        tuple(planned.doubtful),
    )


def _doubtful(judgement: Judgement) -> list[NewMail]:
    if judgement.doubtful is None:
        return []
    claim = judgement.claim
    return [NewMail(MailKind.REMINDER, claim.subject_id, claim.recipient, judgement.doubtful)]


def _due(judgement: Judgement, step: int, tone: Tone) -> DueReminder:
    claim = judgement.claim
    return DueReminder(
        claim.subject_id,
        claim.number,
        step,
        tone,
        claim.recipient,
        claim.outstanding,
        judgement.due_on,
        judgement.days_late,
    )


def queue_reminders(ports: Ports, *, complete: bool = True) -> tuple[ReminderPlan, int]:
    """Queue what is due, and say how many that were; nothing outside of working hours.

    Raises Refused, before the first, where it would be more than NIGHTLY_MAX_MAILS, or where
    Stripe and the orders were not read completely before. What may have been sent before a restore
    is put beside it as unknown: `mail retry` sends it.
    """
    mailing_since(ports)
    plan = plan_reminders(ports)
    if plan.is_open and complete and plan.doubtful:
        ports.restores.hold(plan.doubtful, ports.clock.now())
    if not plan.is_open or not plan.due:
        return plan, 0
    if not complete:
        raise Refused(
            f"{plan.count} reminders are due, but Stripe or the orders could not be read: nobody "
            "is reminded without",
            hint="see the stage above; the next run goes on",
        )
    now, ceiling = ports.clock.now(), ports.policy.nightly_max_mails
    total = plan.count + ports.outbox.waiting(now)
    if total > ceiling:
        raise Refused(
            f"{plan.count} reminders are due and {total - plan.count} mails wait, more than "
            f"NIGHTLY_MAX_MAILS ({ceiling}): no reminder was queued",
            hint="look at stakactl reminders list; then raise NIGHTLY_MAX_MAILS",
        )
    return plan, ports.receivables.queue([due.mail for due in plan.due], now)


def send_reminders(ports: Ports) -> RemindersReport:
    """Read what has changed, queue what is due and send the outbox, as a run of its own."""
    mailing_since(ports)
    if not ports.policy.reminders.hours.is_open(ports.clock.now()):
        return RemindersReport(Outcome.PENDING, plan_reminders(ports), 0)
    with recorded_run(ports, "reminders send", issues=True) as run:
        report = _send(ports, run.run_id)
        sent = report.mail.count(MailStatus.SENT) if report.mail else 0
        run.ended(report.outcome, queued=report.queued, sent=sent)
    return report


def _send(ports: Ports, run_id: str) -> RemindersReport:
    if ports.application is not None:
        sync_orders(ports)  # a row that cannot be read stands in nobody else's way
    unread = sync_stripe(ports).unread
    if unread:
        return RemindersReport(Outcome.INCOMPLETE, None, 0, unread=unread, run_id=run_id)
    plan, queued = queue_reminders(ports)
    mail = send_outbox(ports, run_id) if ports.outbox.waiting(ports.clock.now()) else None
    outcome = mail.outcome if mail else Outcome.OK
    return RemindersReport(outcome, plan, queued, mail, run_id=run_id)


def preview_reminder(ports: Ports, name: str, step: int | None = None) -> ReminderPreview:
    """The letter of a claim as it would be written now; Stripe is not asked whether it was paid.

    `step` is by default what is due, else what comes next. Raises NotFound, UsageError.
    """
    claim = ports.receivables.named(name)
    if claim is None:
        raise NotFound(
            f"nothing with a due date is called {name!r}",
            hint="stakactl reminders list shows what is overdue",
        )
    rules, now = ports.policy.reminders, ports.clock.now()
    if not rules.steps:
        raise UsageError("REMINDER_STEPS is none: nobody is reminded", hint="set 7,15,30")
    judgement = judge(claim, rules, now, ports.policy.mail_since)
    wanted = step or judgement.step or min(last_step(claim.history) + 1, len(rules.steps))
    if wanted > len(rules.steps):
        raise UsageError(
            f"there is no step {wanted}", hint=f"REMINDER_STEPS has {len(rules.steps)} steps"
        )
    written = content(ports, claim, wanted)
    letter = ports.letters.write(_unsent(claim, wanted, now), written)
    return ReminderPreview(judgement, wanted, written, letter)


def _unsent(claim: Receivable, step: int, now: datetime) -> QueuedMail:
    """The row of the outbox that there is not."""
    return QueuedMail(
        mail_id=0,
        kind=MailKind.REMINDER,
        subject_id=claim.subject_id,
        step=step,
        recipient=claim.recipient,
        status=MailStatus.QUEUED,
        message_id="<preview@stakactl.invalid>",
        queued_at=now,
        sent_at=None,
        attempts=0,
        error=None,
    )
