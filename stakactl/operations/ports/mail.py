"""The outbox, the letters and the transport that carries them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Letter, MailKind, MailStatus, NewMail, QueuedMail


class Outbox(Protocol):
    def add(self, mail: NewMail, at: datetime) -> bool:
        """Queue a mail whose cause is no row of the store. False: its kind, subject and step are
        in the outbox already, and nothing was changed."""

    def add_all(self, mails: Sequence[NewMail], at: datetime) -> int:
        """The same of many, in one transaction; how many were not there before."""

    def add_again(self, mail: NewMail, at: datetime) -> QueuedMail:
        """Queue it under the first step that is free, whatever step it has: a person's decision.

        Raises Refused while another mail of its kind and subject is queued or being sent."""

    def claim(
        self, now: datetime, after: int = 0, kind: MailKind | None = None
    ) -> QueuedMail | None:
        """Take the oldest queued mail that is due, with an id above `after`, of one kind or of
        any: queued → sending, one more attempt, marked with our process; one claimant only."""

    def claim_ahead(
        self, now: datetime, after: int, count: int, kind: MailKind | None = None
    ) -> list[QueuedMail]:
        """The same for up to `count` mails at once. They must be sent in the order of their ids,
        each settled before the next begins, and what is not begun given back with `release`: of
        what a dead process left, only the first may have been sent."""

    def release(self, mail_ids: Sequence[int]) -> None:
        """Give claimed mails back that nobody began to send: queued, and that was no attempt."""

    def settle(
        self, mail_id: int, status: MailStatus, at: datetime, error: str | None = None
    ) -> None:
        """End a claim. Queued again it is due at once."""

    def defer(self, mail_id: int, error: str, until: datetime) -> None:
        """End a claim with a passing refusal: queued, due at `until`, one more deferral."""

    def interrupted(self, now: datetime) -> list[QueuedMail]:
        """Mails that may have been sent: the first one left in `sending` of each claim by a
        process of this host that is no more, and all that were claimed over 15 minutes ago by one
        that cannot be asked. What else a dead process had claimed is given back first."""

    def requeue(self, mail_id: int) -> bool:
        """A person's decision to send again; only from failed or unknown."""

    def get(self, mail_id: int) -> QueuedMail | None: ...

    def about(self, kind: MailKind, subject_id: str) -> list[QueuedMail]:
        """The mails of a kind about one thing, newest first."""

    def notices(self, notice_id: str) -> list[QueuedMail]:
        """The mails that tell of a maintenance, not those of its end; oldest first."""

    def waiting(self, now: datetime, kind: MailKind | None = None) -> int:
        """How many mails are queued and due, of one kind or of any."""

    def find(self, status: MailStatus | None = None, limit: int = 50) -> list[QueuedMail]:
        """Newest first."""


class LetterWriter(Protocol):
    def write(self, mail: QueuedMail, content: LetterContent) -> Letter:
        """`content` in words, as a letter to the mail's recipient. Raises MailRefused for a
        hostile or impossible address, ConfigurationError for a template that does not work."""


def nothing() -> None:
    """What there is to do meanwhile."""


class Mailer(Protocol):
    """A transport. A permanent refusal raises MailRefused, a passing one MailDeferred, an
    outcome that nobody can know MailUncertain; anything else is a MailError."""

    def send(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> None:
        """`meanwhile` is called at most once, while the transport is waited for; what it raises
        leaves nobody knowing whether the mail arrived."""

    def prepare(self, letter: Letter) -> None:
        """Do beforehand what sending this letter takes and concerns nobody else."""

    def was_delivered(self, message_id: str) -> bool | None:
        """Whether an interrupted mail arrived; None when the transport cannot tell."""

    def close(self) -> None: ...


class MailPace(Protocol):
    @property
    def ahead(self) -> int:
        """So many mails may be claimed at once: one where they leave slowly."""

    def wait(self) -> None:
        """Return when the next mail may leave (MAILS_PER_MINUTE)."""
