"""The notice that a service will be closed for a while, and that it is open again.

The window is nowhere in the store when the mail is sent: it travels in the mail's `details`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from stakactl.domain.letters import Language, LetterContent
from stakactl.domain.mail import MailKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement(LetterContent):
    """`starts_at`, `ends_at` are aware; `ends_at` is None where nobody knows. `reason` is for
    the customer, in the letter's language."""

    about_invoices: ClassVar[bool] = False

    starts_at: datetime
    ends_at: datetime | None = None
    reason: str = ""

    def details(self) -> dict[str, str]:
        """For NewMail; `from_details` reads it."""
        return {
            "language": str(self.language),
            "name": self.name,
            "specimen": "yes" if self.specimen else "",
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat() if self.ends_at else "",
            "reason": self.reason,
        }

    @classmethod
    def from_details(cls, details: Mapping[str, str]) -> Self:
        """Raises KeyError or ValueError for what `details` did not write."""
        ends_at = details["ends_at"]
        return cls(
            language=Language(details["language"]),
            name=details["name"],
            specimen=bool(details["specimen"]),
            starts_at=datetime.fromisoformat(details["starts_at"]),
            ends_at=datetime.fromisoformat(ends_at) if ends_at else None,
            reason=details["reason"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceNotice(Announcement):
    """`ends_at` is when it should be over."""

    kind: ClassVar[MailKind] = MailKind.MAINTENANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceEnd(Announcement):
    """`ends_at` is when it was over."""

    kind: ClassVar[MailKind] = MailKind.MAINTENANCE_END
