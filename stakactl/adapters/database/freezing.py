"""The freeze after a restore, as everything that takes a number sees it in its own transaction.

A restored store may not know the last numbers that it gave. It is frozen by the transaction that
fills it, so that no crash leaves a restored store that issues.
"""

import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, or_, select

from stakactl.adapters.database.tables.invoices import number_series
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.restores import lost_numbers, restores
from stakactl.domain.mail import MailStatus
from stakactl.domain.restores import MAY_BE_SENT, Counter
from stakactl.errors import Refused

THAW = "stakactl backup thaw compares them with the stored PDFs"


def refuse_frozen(connection: Connection) -> None:
    """Raise Refused while a restore was not compared."""
    query = select(restores.c.made_at).where(restores.c.thawed_at.is_(None)).limit(1)
    made_at = connection.scalar(query)
    if made_at is not None:
        raise Refused(
            f"the store was restored from a backup of {made_at:%Y-%m-%d %H:%M} UTC and may not "
            "know its last invoice numbers: nothing is issued",
            hint=THAW,
        )


def is_lost(connection: Connection, subject: str) -> bool:
    """Whether an order or reference got its invoice after the backup, and the store has it not."""
    query = select(lost_numbers.c.number).where(
        lost_numbers.c.subject == subject, lost_numbers.c.credits == ""
    )
    return bool(subject) and connection.execute(query.limit(1)).first() is not None


def refuse_credited(connection: Connection, number: str) -> None:
    """Raise Refused where a lost credit note takes the invoice back."""
    query = select(lost_numbers.c.number).where(lost_numbers.c.credits == number).limit(1)
    note = connection.scalar(query)
    if note is not None:
        raise Refused(
            f"{note} credits {number}; it was issued before the store was restored and is not in "
            "it",
            hint=f"stakactl backup thaw tries to take {note} back from its PDF",
        )


def freeze(connection: Connection, backup: str, made_at: datetime, now: datetime) -> None:
    """Mark a store that was filled from a backup, and hold the mails that it brought: whether they
    have left since, it cannot know."""
    row = {
        "restore_id": f"res_{uuid.uuid4().hex[:20]}",
        "backup": backup,
        "made_at": made_at,
        "restored_at": now,
        "counters": counters_to_json(counters_of(connection)),
    }
    connection.execute(restores.insert(), row)
    waits = or_(
        outbox.c.status == MailStatus.QUEUED.value, outbox.c.status == MailStatus.SENDING.value
    )
    unknown = {"status": MailStatus.UNKNOWN.value, "error": MAY_BE_SENT, "next_attempt_at": None}
    connection.execute(outbox.update().where(waits).values(**unknown))


def counters_of(connection: Connection) -> dict[str, Counter]:
    rows = connection.execute(select(number_series))
    return {row.series: Counter(row.year, row.sequence, row.last_issued_on) for row in rows}


def counters_to_json(counters: Mapping[str, Counter]) -> str:
    return json.dumps(
        {
            series: [at.year, at.sequence, at.last_issued_on and at.last_issued_on.isoformat()]
            for series, at in counters.items()
        }
    )


def counters_from_json(text: str) -> dict[str, Counter]:
    return {
        series: Counter(year, sequence, date.fromisoformat(day) if day else None)
        for series, (year, sequence, day) in json.loads(text).items()
    }
