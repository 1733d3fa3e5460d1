"""What the company is told of the night.

The mail leaves within the run that it reports on, before the run is recorded as over: what it
says travels in the mail's `details`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from stakactl.domain.letters import Language, LetterContent
from stakactl.domain.mail import Attachment, MailKind
from stakactl.domain.runs import Outcome

_FIGURE, _CLASS, _TROUBLE = "figure.", "class.", "trouble."


def page_name(run_id: str) -> str:
    """The file of a night's page, in the archive and attached to the mail."""
    return f"nightly-{run_id}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightlyReportLetter(LetterContent):
    """`figures` are orders, repaired, remaining, invoices, mails; `classes` counts what remains
    by class, most urgent first; `troubles` says of each stage that did not end well why. `page` is
    the night's page as an HTML file, None where it could not be kept."""

    kind: ClassVar[MailKind] = MailKind.NIGHTLY_REPORT
    about_invoices: ClassVar[bool] = False

    run_id: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    figures: Mapping[str, int]
    classes: Mapping[str, int]
    troubles: Mapping[str, str]
    page: bytes | None = None

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        if self.page is None:
            return ()
        return (Attachment(page_name(self.run_id), self.page, "text/html; charset=utf-8"),)

    def details(self) -> dict[str, str]:
        """For NewMail; `from_details` reads it."""
        return {
            "language": str(self.language),
            "specimen": "yes" if self.specimen else "",
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "outcome": str(self.outcome),
            **{f"{_FIGURE}{name}": str(count) for name, count in self.figures.items()},
            **{f"{_CLASS}{name}": str(count) for name, count in self.classes.items()},
            **{f"{_TROUBLE}{name}": text for name, text in self.troubles.items()},
        }

    @classmethod
    def from_details(cls, run_id: str, details: Mapping[str, str], page: bytes | None) -> Self:
        """Raises KeyError or ValueError for what `details` did not write."""
        return cls(
            language=Language(details["language"]),
            specimen=bool(details["specimen"]),
            run_id=run_id,
            started_at=datetime.fromisoformat(details["started_at"]),
            finished_at=datetime.fromisoformat(details["finished_at"]),
            outcome=Outcome(details["outcome"]),
            figures={name: int(count) for name, count in _below(_FIGURE, details)},
            classes={name: int(count) for name, count in _below(_CLASS, details)},
            troubles=dict(_below(_TROUBLE, details)),
            page=page,
        )


def _below(prefix: str, details: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (name.removeprefix(prefix), value)
        for name, value in details.items()
        if name.startswith(prefix)
    ]
