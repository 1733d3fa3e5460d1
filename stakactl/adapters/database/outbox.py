"""The outbox: who claims a mail has it alone, and nobody sends it twice by itself."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Update, and_, bindparam, func, or_, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.process import Fate, Process, this_process
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.store import store_info
from stakactl.domain.mail import MailKind, MailStatus, NewMail, QueuedMail
from stakactl.errors import NotFound, Refused

#: After this time a mail claimed by a process that cannot be asked counts as interrupted.
SILENCE = timedelta(minutes=15)
MESSAGE_DOMAIN = "stakactl.invalid"

#: What `queued_mail` reads, in its order.
QUEUED_MAIL = (
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
    outbox.c.deferrals,
    outbox.c.next_attempt_at,
    outbox.c.details,
)
_QUEUED = outbox.c.status == MailStatus.QUEUED.value

_THIS = outbox.c.mail_id == bindparam("this")
_OUTCOME: dict[str, Any] = {
    "status": bindparam("its_status"),
    "error": bindparam("its_error"),
    "next_attempt_at": None,
}
_SETTLED = (
    outbox.update().where(_THIS, outbox.c.status == MailStatus.SENDING.value).values(**_OUTCOME)
)
_SETTLED_AS_SENT = (
    outbox.update()
    .where(_THIS, outbox.c.status != MailStatus.SENT.value)
    .values(**_OUTCOME, sent_at=bindparam("its_time"))
)


class SqlOutbox:
    """`Outbox` on the table `outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, mail: NewMail, at: datetime) -> bool:
        with self._database.write() as connection:
            return enqueue(connection, mail, at)

    def add_all(self, mails: Sequence[NewMail], at: datetime) -> int:
        with self._database.write() as connection:
            return sum(enqueue(connection, mail, at) for mail in mails)

    def add_again(self, mail: NewMail, at: datetime) -> QueuedMail:
        same = and_(outbox.c.kind == mail.kind.value, outbox.c.subject_id == mail.subject_id)
        going = (MailStatus.QUEUED.value, MailStatus.SENDING.value)
        with self._database.write() as connection:
            query = select(*QUEUED_MAIL).where(same).order_by(outbox.c.step.desc())
            earlier = [queued_mail(row) for row in connection.execute(query)]
            for one in earlier:
                if one.status in going:
                    raise Refused(
                        f"mail {one.mail_id} of the same kind is {one.status} already",
                        hint="stakactl mail list shows it; stakactl mail send sends what is queued",
                    )
            new = replace(mail, step=earlier[0].step + 1 if earlier else 0)
            if not enqueue(connection, new, at):
                raise Refused(
                    "somebody else queued the same mail at this moment",
                    hint="stakactl mail list shows it",
                )
            written = query.where(outbox.c.step == new.step)
            return queued_mail(connection.execute(written).one())

    def claim(
        self, now: datetime, after: int = 0, kind: MailKind | None = None
    ) -> QueuedMail | None:
        claimed = self.claim_ahead(now, after, 1, kind)
        return claimed[0] if claimed else None

    def claim_ahead(
        self, now: datetime, after: int, count: int, kind: MailKind | None = None
    ) -> list[QueuedMail]:
        oldest = (
            select(*QUEUED_MAIL)
            .where(_QUEUED, _due(now), outbox.c.mail_id > after)
            .order_by(outbox.c.mail_id)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
        if kind is not None:
            oldest = oldest.where(outbox.c.kind == kind.value)
        process = this_process()
        with self._database.write() as connection:
            rows = connection.execute(oldest).all()
            claimed = {
                "status": MailStatus.SENDING.value,
                "claimed_at": now,
                "attempts": outbox.c.attempts + 1,
                "host": process.host,
                "machine": process.machine,
                "pid": process.pid,
                "process_started": process.started,
            }
            these = outbox.c.mail_id.in_([row.mail_id for row in rows])
            if rows:
                connection.execute(outbox.update().where(these).values(**claimed))
        return [
            replace(queued_mail(row), status=MailStatus.SENDING, attempts=row.attempts + 1)
            for row in rows
        ]

    def release(self, mail_ids: Sequence[int]) -> None:
        if not mail_ids:
            return
        with self._database.write() as connection:
            connection.execute(_released(outbox.c.mail_id.in_(mail_ids)))

    def settle(
        self, mail_id: int, status: MailStatus, at: datetime, error: str | None = None
    ) -> None:
        """A mail that was sent stays sent; any other outcome ends only a claim.

        What a power cut undoes of it is a mail that was being sent: unknown, and not sent again.
        """
        values: dict[str, Any] = {"this": mail_id, "its_status": status.value, "its_error": error}
        statement = _SETTLED
        if status is MailStatus.SENT:
            statement, values = _SETTLED_AS_SENT, {**values, "its_time": at}
        with self._database.write_relaxed() as connection:
            settled = connection.execute(statement, values)
            exists = select(outbox.c.mail_id).where(outbox.c.mail_id == mail_id)
            if settled.rowcount == 0 and connection.execute(exists).first() is None:
                raise NotFound(f"no mail {mail_id}", hint="stakactl mail list shows the outbox")

    def defer(self, mail_id: int, error: str, until: datetime) -> None:
        claimed = outbox.c.status == MailStatus.SENDING.value
        values = {
            "status": MailStatus.QUEUED.value,
            "error": error,
            "deferrals": outbox.c.deferrals + 1,
            "next_attempt_at": until,
        }
        deferred = outbox.update().where(outbox.c.mail_id == mail_id, claimed)
        with self._database.write() as connection:
            connection.execute(deferred.values(**values))

    def interrupted(self, now: datetime) -> list[QueuedMail]:
        sending = outbox.c.status == MailStatus.SENDING.value
        query = select(outbox).where(sending).order_by(outbox.c.mail_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        doubtful: list[Row[Any]] = []
        untouched: list[Row[Any]] = []
        begun: set[tuple[Process, datetime]] = set()
        for row in rows:
            claimant = _claimant(row)
            claim = (claimant, row.claimed_at)
            if claimant.fate is Fate.UNKNOWN:
                doubtful += [row] * (row.claimed_at < now - SILENCE)
            elif claimant.fate is Fate.DEAD:
                # without a start time nobody knows whether the machine went down with it
                may_be_sent = claim not in begun or not claimant.started
                (doubtful if may_be_sent else untouched).append(row)
                begun.add(claim)
        self._give_back(untouched)
        return [_named(row) for row in doubtful]

    def _give_back(self, rows: Sequence[Row[Any]]) -> None:
        """What a dead process claimed and did not begin; unless somebody else was quicker."""
        if not rows:
            return
        with self._database.write() as connection:
            for row in rows:
                same = and_(
                    outbox.c.mail_id == row.mail_id,
                    outbox.c.pid == row.pid,
                    outbox.c.process_started == row.process_started,
                    outbox.c.claimed_at == row.claimed_at,
                )
                connection.execute(_released(same))

    def requeue(self, mail_id: int) -> bool:
        decided = outbox.c.status.in_([MailStatus.FAILED.value, MailStatus.UNKNOWN.value])
        statement = outbox.update().where(outbox.c.mail_id == mail_id, decided)
        with self._database.write() as connection:
            values = {
                "status": MailStatus.QUEUED.value,
                "error": None,
                "deferrals": 0,
                "next_attempt_at": None,
            }
            return connection.execute(statement.values(**values)).rowcount == 1

    def get(self, mail_id: int) -> QueuedMail | None:
        query = select(*QUEUED_MAIL).where(outbox.c.mail_id == mail_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else queued_mail(row)

    def about(self, kind: MailKind, subject_id: str) -> list[QueuedMail]:
        same = and_(outbox.c.kind == kind.value, outbox.c.subject_id == subject_id)
        query = select(*QUEUED_MAIL).where(same).order_by(outbox.c.mail_id.desc())
        with self._database.read() as connection:
            return [queued_mail(row) for row in connection.execute(query)]

    def notices(self, notice_id: str) -> list[QueuedMail]:
        query = select(*QUEUED_MAIL).where(
            outbox.c.kind == MailKind.MAINTENANCE.value,
            outbox.c.subject_id.startswith(f"{notice_id}/", autoescape=True),
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(outbox.c.mail_id))
            return [queued_mail(row) for row in rows]

    def waiting(self, now: datetime, kind: MailKind | None = None) -> int:
        query = select(func.count()).select_from(outbox).where(_QUEUED, _due(now))
        if kind is not None:
            query = query.where(outbox.c.kind == kind.value)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def find(self, status: MailStatus | None = None, limit: int = 50) -> list[QueuedMail]:
        query = select(*QUEUED_MAIL).order_by(outbox.c.mail_id.desc()).limit(limit)
        if status is not None:
            query = query.where(outbox.c.status == status.value)
        with self._database.read() as connection:
            return [queued_mail(row) for row in connection.execute(query)]


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
        "details": json.dumps(dict(mail.details)) if mail.details else None,
    }
    return insert_missing(connection, outbox, row)


def message_id(mail: NewMail, store_id: str) -> str:
    """The Message-ID of a mail: the same for ever, another in every other store."""
    key = "\x1f".join([mail.kind.value, mail.subject_id, str(mail.step), store_id])
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{MESSAGE_DOMAIN}>"


def _due(now: datetime) -> ColumnElement[bool]:
    return or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= now)


def _released(these: ColumnElement[bool]) -> Update:
    values = {"status": MailStatus.QUEUED.value, "attempts": outbox.c.attempts - 1}
    claimed = outbox.c.status == MailStatus.SENDING.value
    return outbox.update().where(these, claimed).values(**values)


def _claimant(row: Row[Any]) -> Process:
    return Process(row.host or "", row.machine or "", row.pid or 0, row.process_started or "")


def _named(row: Row[Any]) -> QueuedMail:
    return queued_mail([getattr(row, column.name) for column in QUEUED_MAIL])


def queued_mail(row: Any) -> QueuedMail:
    mail_id, kind, subject_id, step, recipient, status, *times, details = row
    message, queued_at, sent_at, attempts, error, deferrals, next_attempt_at = times
    return QueuedMail(
        mail_id,
        MailKind(kind),
        subject_id,
        step,
        recipient,
        MailStatus(status),
        message,
        queued_at,
        sent_at,
        attempts,
        error,
        deferrals,
        next_attempt_at,
        json.loads(details) if details else {},
    )
