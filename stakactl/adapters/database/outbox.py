"""The outbox: who claims a mail has it alone, and nobody sends it twice by itself."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.process import Fate, Process, this_process
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.store import store_info
from stakactl.domain.mail import MailKind, MailStatus, NewMail, QueuedMail
from stakactl.errors import NotFound

#: After this time a mail claimed by a process that cannot be asked counts as interrupted.
SILENCE = timedelta(minutes=15)
MESSAGE_DOMAIN = "stakactl.invalid"

_COLUMNS = (
    outbox.c.mail_id,
    outbox.c.kind,
    outbox.c.subject_id,
    outbox.c.step,
    outbox.c.recipient,
    outbox.c.status,
    outbox.c.message_id,
    outbox.c.queued_at,
    outbox.c.sent_at,
    outbox.c.attempts,
    outbox.c.error,
)


class SqlOutbox:
    """`Outbox` on the table `outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, now: datetime, after: int = 0, kind: MailKind | None = None
    ) -> QueuedMail | None:
        oldest = (
            select(*_COLUMNS)
            .where(outbox.c.status == MailStatus.QUEUED.value, outbox.c.mail_id > after)
            .order_by(outbox.c.mail_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if kind is not None:
            oldest = oldest.where(outbox.c.kind == kind.value)
        process = this_process()
        with self._database.write() as connection:
            row = connection.execute(oldest).first()
            if row is None:
                return None
            claimed = {
                "status": MailStatus.SENDING.value,
                "claimed_at": now,
                "attempts": row.attempts + 1,
                "host": process.host,
                "machine": process.machine,
                "pid": process.pid,
                "process_started": process.started,
            }
            this = outbox.c.mail_id == row.mail_id
            connection.execute(outbox.update().where(this).values(**claimed))
            return _mail(connection.execute(select(*_COLUMNS).where(this)).one())

    def settle(
        self, mail_id: int, status: MailStatus, at: datetime, error: str | None = None
    ) -> None:
        """A mail that was sent stays sent; any other outcome ends only a claim."""
        values: dict[str, Any] = {"status": status.value, "error": error}
        if status is MailStatus.SENT:
            values["sent_at"] = at
            allowed = outbox.c.status != MailStatus.SENT.value
        else:
            allowed = outbox.c.status == MailStatus.SENDING.value
        this = outbox.c.mail_id == mail_id
        with self._database.write() as connection:
            settled = connection.execute(outbox.update().where(this, allowed).values(**values))
            exists = select(outbox.c.mail_id).where(this)
            if settled.rowcount == 0 and connection.execute(exists).first() is None:
                raise NotFound(f"no mail {mail_id}", hint="stakactl mail list shows the outbox")

    def interrupted(self, now: datetime) -> list[QueuedMail]:
        sending = outbox.c.status == MailStatus.SENDING.value
        query = select(outbox).where(sending).order_by(outbox.c.mail_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [_named(row) for row in rows if _is_interrupted(row, now)]

    def requeue(self, mail_id: int) -> bool:
        decided = outbox.c.status.in_([MailStatus.FAILED.value, MailStatus.UNKNOWN.value])
        statement = outbox.update().where(outbox.c.mail_id == mail_id, decided)
        with self._database.write() as connection:
            values = {"status": MailStatus.QUEUED.value, "error": None}
            return connection.execute(statement.values(**values)).rowcount == 1

    def waiting(self) -> int:
        queued = outbox.c.status == MailStatus.QUEUED.value
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(outbox).where(queued)) or 0

    def find(self, status: MailStatus | None = None, limit: int = 50) -> list[QueuedMail]:
        query = select(*_COLUMNS).order_by(outbox.c.mail_id.desc()).limit(limit)
        if status is not None:
            query = query.where(outbox.c.status == status.value)
        with self._database.read() as connection:
            return [_mail(row) for row in connection.execute(query)]


def enqueue(connection: Connection, mail: NewMail, at: datetime) -> bool:
    """Put a mail into the outbox, in the transaction of its cause; once per unique key."""
    store_id = connection.execute(select(store_info.c.store_id)).scalar_one()
    row = {
        "kind": mail.kind.value,
        "subject_id": mail.subject_id,
        "step": mail.step,
        "recipient": mail.recipient,
        "status": MailStatus.QUEUED.value,
        "message_id": message_id(mail, store_id),
        "queued_at": at,
        "attempts": 0,
    }
    return insert_missing(connection, outbox, row)


def message_id(mail: NewMail, store_id: str) -> str:
    """The Message-ID of a mail: the same for ever, another in every other store."""
    key = "\x1f".join([mail.kind.value, mail.subject_id, str(mail.step), store_id])
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{MESSAGE_DOMAIN}>"


def _is_interrupted(row: Row[Any], now: datetime) -> bool:
    claimant = Process(row.host or "", row.machine or "", row.pid or 0, row.process_started or "")
    if claimant.fate is Fate.UNKNOWN:
        return bool(row.claimed_at < now - SILENCE)
    return claimant.fate is Fate.DEAD


def _named(row: Row[Any]) -> QueuedMail:
    return _mail([getattr(row, column.name) for column in _COLUMNS])


def _mail(row: Any) -> QueuedMail:
    mail_id, kind, subject_id, step, recipient, status, *rest = row
    return QueuedMail(
        mail_id, MailKind(kind), subject_id, step, recipient, MailStatus(status), *rest
    )
