"""Reports of the `reminders` commands."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from stakactl.domain.mail import MailStatus
from stakactl.domain.receivables import PastReminder
from stakactl.domain.reminders import Judgement, ReminderRules
from stakactl.operations.reminders import (
    DueReminder,
    ReminderPlan,
    ReminderPreview,
    RemindersReport,
)
from stakactl.output.view import Cell, Column, Item, Kind, Section, View

_SEND = "stakactl reminders send"
_TONES: Mapping[str, str] = {"friendly": "green", "firm": "yellow", "formal": "red"}

_LISTED = (
    Column("number", "invoice", min_width=16, max_width=24),
    Column("source", "source", priority=5),
    Column("due_on", "due", Kind.DATE, priority=1),
    Column("days_late", "late", Kind.NUMBER),
    Column("outstanding", "owed", Kind.MONEY),
    Column("recipient", "to", min_width=14, max_width=30, priority=3),
    Column("sent", "sent", priority=4),
    Column("reminder", "today", min_width=10),
    Column("why", "why not", min_width=16, max_width=40),
    Column("next_on", "next", Kind.DATE, priority=2),
    Column("order_id", "order", priority=None),
)
_DUE = (
    Column("number", "invoice", min_width=16, max_width=24),
    Column("due_on", "due", Kind.DATE, priority=1),
    Column("days_late", "late", Kind.NUMBER),
    Column("outstanding", "owed", Kind.MONEY),
    Column("recipient", "to", min_width=14, max_width=30),
    Column("step", "step", Kind.NUMBER, priority=2),
    Column("tone", "tone", style=_TONES),
)


def list_view(
    judgements: Iterable[Judgement],
    rules: ReminderRules,
    now: datetime,
    mail_since: datetime | None,
) -> View:
    """Every overdue claim; the items are read once."""
    opens = rules.hours.opens_at(now)
    summary: dict[str, Cell] = {
        "steps": ",".join(map(str, rules.steps)) or "none",
        "mail_since": mail_since,
        "open_now": rules.hours.is_open(now),
        "opens_at": opens,
    }
    return View(
        summary=summary,
        items=_listed(judgements),
        columns=_LISTED,
        title="Overdue",
        empty="Nothing is overdue.",
        notes=_list_notes(rules, now, mail_since),
        zone=str(rules.hours.zone),
    )


def _listed(judgements: Iterable[Judgement]) -> Iterator[Item]:
    return (judgement_item(judgement) for judgement in judgements)


def _list_notes(
    rules: ReminderRules, now: datetime, mail_since: datetime | None
) -> tuple[str, ...]:
    if mail_since is None:
        return ("MAIL_SINCE is not set: nobody is reminded before it is",)
    if not rules.steps:
        return ("REMINDER_STEPS is none: nobody is reminded",)
    when = "" if rules.hours.is_open(now) else f" from {_moment(rules.hours.opens_at(now))} on"
    return (f"{_SEND} sends what is due today{when}", "stakactl reminders preview INVOICE")


def judgement_item(judgement: Judgement) -> Item:
    claim = judgement.claim
    past = claim.history
    return {
        "number": claim.number,
        "source": claim.source,
        "subject_id": claim.subject_id,
        "order_id": claim.order_id,
        "due_on": judgement.due_on,
        "days_late": judgement.days_late,
        "total": claim.total,
        "outstanding": claim.outstanding,
        "recipient": claim.recipient,
        "sent": ", ".join(f"{one.step} on {one.at:%Y-%m-%d}" for one in past if _left(one)) or None,
        "reminder": f"{judgement.step} {judgement.tone}" if judgement.step else None,
        "step": judgement.step,
        "tone": judgement.tone,
        "reason": judgement.reason,
        "why": _why(judgement),
        "next_on": judgement.next_on,
        "history": [
            {"step": one.step, "status": one.status, "at": one.at, "error": one.error}
            for one in past
        ],
    }


def _left(past: PastReminder) -> bool:
    return past.status in {MailStatus.SENT, MailStatus.UNKNOWN}


def _why(judgement: Judgement) -> str | None:
    reason, detail = judgement.reason, judgement.detail
    if reason is None or detail == str(reason):
        return detail or None
    return f"{reason}: {detail}"


def _moment(when: datetime) -> str:
    return f"{when:%a %Y-%m-%d %H:%M}"


def plan_view(plan: ReminderPlan) -> View:
    """What would be queued and sent: the dry run."""
    return View(
        summary={**_counts(plan), "dry_run": True},
        items=[_due_item(due) for due in plan.due],
        columns=_DUE,
        title="Reminders that are due",
        sections=_reasons(plan),
        empty="No reminder is due.",
        notes=_plan_notes(plan),
        zone=str(plan.opens_at.tzinfo),
    )


def _counts(plan: ReminderPlan) -> dict[str, Cell]:
    return {
        "due": plan.count,
        "not_due": sum(plan.reasons.values()),
        "open_now": plan.is_open,
        "opens_at": plan.opens_at,
    }


def _due_item(due: DueReminder) -> Item:
    return {
        "number": due.number,
        "subject_id": due.subject_id,
        "due_on": due.due_on,
        "days_late": due.days_late,
        "outstanding": due.outstanding,
        "recipient": due.recipient,
        "step": due.step,
        "tone": due.tone,
    }


def _reasons(plan: ReminderPlan) -> tuple[Section, ...]:
    if not plan.reasons:
        return ()
    width = len(str(max(plan.reasons.values())))
    ordered = sorted(plan.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return (Section("No reminder now", tuple(f"{n:>{width}} {why}" for why, n in ordered)),)


def _plan_notes(plan: ReminderPlan) -> tuple[str, ...]:
    if not plan.is_open:
        when = _moment(plan.opens_at)
        return (f"outside of REMINDER_HOURS and REMINDER_DAYS: nothing leaves before {when}",)
    return (f"{_SEND} --yes sends them",) if plan.due else ()


def send_view(report: RemindersReport) -> View:
    plan, mail = report.plan, report.mail
    if plan is None:
        return View(
            outcome=report.outcome,
            run_id=report.run_id,
            summary={"queued": 0, "sent": 0, "unread": list(report.unread)},
            sections=(Section("Could not be read", report.unread),),
            notes=("nobody was reminded: type it again when Stripe can be read",),
        )
    results = mail.results if mail else ()
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            **_counts(plan),
            "queued": report.queued,
            **{
                str(status): mail.count(status) if mail else 0
                for status in (
                    MailStatus.SENT,
                    MailStatus.WITHDRAWN,
                    MailStatus.FAILED,
                    MailStatus.UNKNOWN,
                )
            },
            "stopped": mail.stopped if mail else None,
        },
        items=[
            {
                "mail_id": result.mail_id,
                "recipient": result.recipient,
                "status": result.status,
                "error": result.error,
                "next_attempt_at": result.next_attempt_at,
            }
            for result in results
        ],
        columns=(
            Column("mail_id", "id", Kind.NUMBER),
            Column("recipient", "to", min_width=16),
            Column("status", "status"),
            Column("error", "why", priority=1, min_width=16),
        ),
        title="Mails",
        sections=_reasons(plan),
        empty="No reminder is due." if plan.is_open else "Nothing was queued.",
        notes=_plan_notes(plan) if not plan.is_open else (),
        zone=str(plan.opens_at.tzinfo),
    )


def preview_view(preview: ReminderPreview, html: Path | None) -> View:
    letter, judgement = preview.letter, preview.judgement
    today = f"step {judgement.step}" if judgement.step else _why(judgement)
    return View(
        summary={
            "number": judgement.claim.number,
            "step": preview.step,
            "tone": preview.content.tone,
            "to": letter.recipient,
            "subject": letter.subject,
            "today": today,
            "attachments": [attachment.filename for attachment in letter.attachments],
            "html_file": str(html) if html else None,
        },
        items=[{"part": "text", "content": letter.text}, {"part": "html", "content": letter.html}],
        columns=(Column("part", "part"), Column("content", "content", min_width=40)),
        brief=True,
        sections=(Section("Text", tuple(letter.text.rstrip().split("\n"))),),
        notes=() if html else ("--html FILE writes the HTML part",),
    )
