"""Maintenance: while the flag is up, nothing that stakactl does may change anything.

A person raises it for a while; a rollback raises it for as long as it lasts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: How long a person's flag stands where none is named: what applications that read it expect.
DEFAULT_TTL = timedelta(hours=1)
MAX_TTL = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The flag as it was raised. `until` is None while `owner`, the run of a rollback, has it.
    `notice_id` names the mails that told customers of it, None where none did.

    Times are aware UTC; `raised_by` is the person's name on that machine.
    """

    reason: str
    raised_by: str
    since: datetime
    until: datetime | None
    owner: str | None = None
    notice_id: str | None = None

    def stands(self, now: datetime) -> bool:
        """A flag that a person raised comes down by itself at `until`."""
        return self.until is None or now < self.until

    def left(self, now: datetime) -> timedelta | None:
        """None where it does not come down by itself."""
        return None if self.until is None else max(self.until - now, timedelta(0))
