"""The outbox, the letters and the transport that carries them."""

from datetime import datetime
from typing import Protocol

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Letter, MailKind, MailStatus, QueuedMail


class Outbox(Protocol):
    def claim(
        self, now: datetime, after: int = 0, kind: MailKind | None = None
    ) -> QueuedMail | None:
        """Take the oldest queued mail with an id above `after`, of one kind or of any: queued →
        sending, one more attempt, marked with our process; one claimant only."""

    def settle(
        self, mail_id: int, status: MailStatus, at: datetime, error: str | None = None
    ) -> None: ...

    def interrupted(self, now: datetime) -> list[QueuedMail]:
        """Mails left in `sending` by a process of this host that is no more, or claimed over
        15 minutes ago by one that cannot be asked."""

    def requeue(self, mail_id: int) -> bool:
        """A person's decision to send again; only from failed or unknown."""

    def waiting(self) -> int:
        """How many mails are queued."""

    def find(self, status: MailStatus | None = None, limit: int = 50) -> list[QueuedMail]:
        """Newest first."""


class LetterWriter(Protocol):
    def write(self, mail: QueuedMail, content: LetterContent) -> Letter:
        """`content` in words, as a letter to the mail's recipient. Raises MailRefused for a
        hostile or impossible address, ConfigurationError for a template that does not work."""


class Mailer(Protocol):
    """A transport. A permanent refusal raises MailRefused, a passing one MailDeferred, an
    outcome that nobody can know MailUncertain; anything else is a MailError."""

    def send(self, letter: Letter) -> None: ...

    def was_delivered(self, message_id: str) -> bool | None:
        """Whether an interrupted mail arrived; None when the transport cannot tell."""

    def close(self) -> None: ...
