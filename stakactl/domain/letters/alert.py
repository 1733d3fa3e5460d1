"""The letter that tells an administrator of an alert."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import MailKind


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLetter(LetterContent):
    """`value` and `threshold` are texts with their unit. `is_repeated`: an earlier mail told of
    the same alert, which has not cleared since; `cleared_at` where it has before this was sent."""

    kind: ClassVar[MailKind] = MailKind.ALERT
    about_invoices: ClassVar[bool] = False

    rule_id: str
    title: str
    value: str
    threshold: str
    detail: str
    hint: str
    since: datetime
    seen_at: datetime
    is_repeated: bool = False
    cleared_at: datetime | None = None
