"""Reports of the `mail` commands."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stakactl.domain.mail import MailStatus, QueuedMail
from stakactl.output.view import STATES, Column, Item, Kind, View

if TYPE_CHECKING:
    from stakactl.operations.mail import SendReport
    from stakactl.operations.sending import MailResult

_RETRY = "stakactl mail retry --id ID sends an unknown or failed one again"


def send_view(report: "SendReport") -> View:
    unsure = report.count(MailStatus.UNKNOWN) + report.count(MailStatus.FAILED)
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            **{str(status): report.count(status) for status in MailStatus if status != "sending"},
            "stopped": report.stopped,
        },
        items=sent_items(report.results),
        columns=sent_columns(report.results),
        title="Mails",
        empty="The outbox is empty.",
        notes=(_RETRY,) if unsure else (),
    )


def sent_items(results: Sequence["MailResult"]) -> list[Item]:
    """What became of each mail."""
    return [
        {
            "mail_id": result.mail_id,
            "recipient": result.recipient,
            "status": result.status,
            "error": result.error,
            "next_attempt_at": result.next_attempt_at,
        }
        for result in results
    ]


def sent_columns(results: Sequence["MailResult"]) -> tuple[Column, ...]:
    return (
        Column("mail_id", "id", Kind.NUMBER),
        Column("recipient", "to", min_width=16),
        Column("status", "status", style=STATES),
        Column("error", "why", priority=1, min_width=16),
        *_again(result.next_attempt_at is not None for result in results),
    )


def _again(waits: Iterable[bool]) -> tuple[Column, ...]:
    """When the next attempt is, in the table where a mail waits for one."""
    return (Column("next_attempt_at", "again at", Kind.DATE, 0 if any(waits) else None),)


def list_view(mails: list[QueuedMail]) -> View:
    return View(
        summary={"shown": len(mails)},
        items=[
            {
                "mail_id": mail.mail_id,
                "kind": mail.kind,
                "subject_id": mail.subject_id,
                "step": mail.step,
                "recipient": mail.recipient,
                "status": mail.status,
                "queued_at": mail.queued_at,
                "sent_at": mail.sent_at,
                "attempts": mail.attempts,
                "next_attempt_at": mail.next_attempt_at,
                "error": mail.error,
                "message_id": mail.message_id,
            }
            for mail in mails
        ],
        columns=(
            Column("mail_id", "id", Kind.NUMBER),
            Column("kind", "kind", priority=3),
            Column("recipient", "to", min_width=16),
            Column("status", "status", style=STATES),
            Column("sent_at", "sent", Kind.DATE, priority=1),
            Column("error", "why", priority=2, min_width=16),
            *_again(mail.next_attempt_at is not None for mail in mails),
            Column("queued_at", "queued", Kind.DATE, priority=None),
            Column("message_id", "Message-ID", priority=None),
        ),
        title="Mails",
        empty="No mail matches.",
    )


def retry_view(mail: QueuedMail, *, dry_run: bool = False) -> View:
    """The mail as it was, and with `dry_run` still is."""
    return View(
        summary={
            "mail_id": mail.mail_id,
            "kind": mail.kind,
            "recipient": mail.recipient,
            "was": mail.status,
            "error": mail.error,
            "status": mail.status if dry_run else MailStatus.QUEUED,
        },
        notes=() if dry_run else ("stakactl mail send sends it",),
    )
