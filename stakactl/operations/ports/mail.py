"""The outbox, the letters and the transport that carries them."""

from datetime import datetime
from typing import Protocol

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Letter, MailKind, MailStatus, NewMail, QueuedMail


class Outbox(Protocol):
    def add(self, mail: NewMail, at: datetime) -> bool:
        """Queue a mail whose cause is no row of the store. False: its kind, subject and step are
        in the outbox already, and nothing was changed."""

    def add_again(self, mail: NewMail, at: datetime) -> QueuedMail:
        """Queue it under the first step that is free, whatever step it has: a person's decision.

        Raises Refused while another mail of its kind and subject is queued or being sent."""

    def claim(self, now: datetime, after: int = 0) -> QueuedMail | None:
        """Take the oldest queued mail that is due, with an id above `after`: queued → sending,
        one more attempt, marked with our process; one claimant only."""

    def settle(
        self, mail_id: int, status: MailStatus, at: datetime, error: str | None = None
    ) -> None:
        """End a claim. Queued again it is due at once."""

    def defer(self, mail_id: int, error: str, until: datetime) -> None:
        """End a claim with a passing refusal: queued, due at `until`, one more deferral."""

    def interrupted(self, now: datetime) -> list[QueuedMail]:
        """Mails left in `sending` by a process of this host that is no more, or claimed over
        15 minutes ago by one that cannot be asked."""

    def requeue(self, mail_id: int) -> bool:
        """A person's decision to send again; only from failed or unknown."""

    def get(self, mail_id: int) -> QueuedMail | None: ...

    def about(self, kind: MailKind, subject_id: str) -> list[QueuedMail]:
        """The mails of a kind about one thing, newest first."""

    def waiting(self, now: datetime) -> int:
        """How many mails are queued and due."""

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


class MailPace(Protocol):
    def wait(self) -> None:
        """Return when the next mail may leave (MAILS_PER_MINUTE)."""
