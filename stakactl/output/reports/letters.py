"""Reports of `mail preview` and `invoices send`."""

from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.domain.mail import Letter, MailStatus
from stakactl.output.view import STATES, Cell, Column, Kind, Section, View

if TYPE_CHECKING:
    from stakactl.operations.preview import LetterPreview
    from stakactl.operations.send_invoice import SendInvoiceReport


def preview_view(made: "LetterPreview", html: Path | None) -> View:
    """The plain text, whole for people and line by line for programs."""
    letter = made.letter
    lines = tuple(letter.text.splitlines())
    return View(
        summary={
            "kind": made.kind,
            "language": made.language,
            "sample": made.sample,
            **_envelope(letter),
            "file": str(html) if html else None,
        },
        labels={"sample": "sample data", "reply_to": "answers to"},
        items=[{"line": line} for line in lines],
        columns=(Column("line", "line"),),
        brief=True,
        sections=(Section("Text", lines),),
        notes=() if html else ("--html FILE writes it as a mail program shows it",),
    )


def send_invoice_view(report: "SendInvoiceReport") -> View:
    queued = report.queued
    return View(
        run_id=report.run_id,
        summary={
            "number": report.invoice.number,
            "mail_id": queued.mail_id if queued else None,
            "step": queued.step if queued else None,
            "status": MailStatus.QUEUED if queued else "planned",
            **_envelope(report.letter),
        },
        labels={"reply_to": "answers to", "mail_id": "mail"},
        items=[
            {
                "mail_id": mail.mail_id,
                "recipient": mail.recipient,
                "status": mail.status,
                "sent_at": mail.sent_at,
                "error": mail.error,
            }
            for mail in report.earlier
        ],
        columns=(
            Column("mail_id", "id", Kind.NUMBER),
            Column("recipient", "to", min_width=16),
            Column("status", "status", style=STATES),
            Column("sent_at", "sent", Kind.DATE, priority=1),
            Column("error", "why", priority=2, min_width=16),
        ),
        title="Mailed before",
        empty="It was never mailed before.",
        notes=("stakactl mail send sends it",) if queued else (),
    )


def _envelope(letter: Letter) -> dict[str, Cell]:
    return {
        "sender": letter.sender,
        "recipient": letter.recipient,
        "reply_to": letter.reply_to or None,
        "subject": letter.subject,
        "attachments": [attachment.filename for attachment in letter.attachments],
    }
