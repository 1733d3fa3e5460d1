"""What a restore left open: the freeze, the numbers that it forgot, the mails it cannot know of."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.change_rows import write_change
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.freezing import counters_from_json, counters_of
from stakactl.adapters.database.issuing import insert_document
from stakactl.adapters.database.outbox import QUEUED_MAIL, enqueue, queued_mail
from stakactl.adapters.database.tables.invoices import invoices, number_series
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.restores import lost_numbers, restores
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, FieldValue
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.mail import MailStatus, NewMail, QueuedMail
from stakactl.domain.numbering import Position
from stakactl.domain.restores import MAY_BE_SENT, NO_COUNTER, Counter, LostNumber, Restore
from stakactl.errors import Refused

MAX_MISSING = 10_000


class SqlRestoreBook:
    """`RestoreBook` on the tables `restores` and `lost_numbers`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def frozen(self) -> Restore | None:
        query = select(restores).where(restores.c.thawed_at.is_(None))
        return self._restore(query.order_by(restores.c.restored_at))

    def last(self) -> Restore | None:
        return self._restore(select(restores).order_by(restores.c.restored_at.desc()))

    def _restore(self, query: Select[Any]) -> Restore | None:
        with self._database.read() as connection:
            row = connection.execute(query.limit(1)).first()
        if row is None:
            return None
        return Restore(
            row.restore_id,
            row.backup,
            row.made_at,
            row.restored_at,
            row.thawed_at,
            counters_from_json(row.counters),
        )

    def counters(self) -> Mapping[str, Counter]:
        with self._database.read() as connection:
            return counters_of(connection)

    def missing(self, since: Mapping[str, Counter], up_to: Sequence[Position]) -> list[Position]:
        found: list[Position] = []
        with self._database.read() as connection:
            for last in up_to:
                counter = since.get(last.series, NO_COUNTER)
                first = counter.sequence + 1 if counter.year == last.year else 1
                if last.sequence - first >= MAX_MISSING:
                    raise Refused(
                        f"{last.number} is {last.sequence - first + 1} numbers above the last one "
                        "that the store knows: that is no gap of a few hours",
                        hint="look at that number and its PDF; is it of another store?",
                    )
                taken = _taken(connection, last, first)
                wanted = range(first, last.sequence + 1)
                found += [Position(last.series, last.year, n) for n in wanted if n not in taken]
        return found

    def lost(self) -> list[LostNumber]:
        c = lost_numbers.c
        query = select(lost_numbers).order_by(c.series, c.year, c.sequence)
        with self._database.read() as connection:
            return [_lost(row) for row in connection.execute(query)]

    def lost_of(self, subject: str) -> LostNumber | None:
        this = (lost_numbers.c.subject == subject) & (lost_numbers.c.credits == "")
        with self._database.read() as connection:
            row = connection.execute(select(lost_numbers).where(this).limit(1)).first()
        return None if row is None or not subject else _lost(row)

    def take_back(self, invoice: Invoice, position: Position, mails: Sequence[NewMail]) -> bool:
        bears = invoices.c.number == invoice.number
        if invoice.order_id and not invoice.is_credit_note:
            bears = or_(bears, (invoices.c.order_id == invoice.order_id) & invoices.c.live)
        this = lost_numbers.c.number == invoice.number
        with self._database.write() as connection:
            counter = _locked_counter(connection, position.series)
            if connection.execute(select(invoices.c.invoice_id).where(bears)).first():
                return False
            connection.execute(lost_numbers.delete().where(this))
            insert_document(connection, invoice, position.sequence)
            _raise_counter(connection, counter, position, invoice.snapshot.issued_on)
            _hold(connection, mails, invoice.issued_at)
        return True

    def stored_since(
        self, invoice_id: str, sha256: str, at: datetime, mails: Sequence[NewMail]
    ) -> None:
        this = invoices.c.invoice_id == invoice_id
        stored = {"pdf_status": PdfStatus.STORED.value, "stored_at": at, "sha256": sha256}
        with self._database.write() as connection:
            connection.execute(invoices.update().where(this).values(**stored))
            _hold(connection, mails, at)

    def thaw(self, lost: Sequence[LostNumber], run_id: str, at: datetime) -> Mapping[str, str]:
        with self._database.write() as connection:
            for each in lost:
                values = _row(each) | {"recorded_at": at, "run_id": run_id}
                insert_missing(connection, lost_numbers, values)
                counter = _locked_counter(connection, each.position.series)
                _raise_counter(connection, counter, each.position, each.issued_on)
            moved: dict[str, str] = {}
            frozen = select(restores).where(restores.c.thawed_at.is_(None))
            for row in connection.execute(frozen.order_by(restores.c.restored_at)).all():
                changes = _changes(connection, row)
                for change in changes:
                    write_change(connection, change, run_id, at, ChangeState.DONE)
                moved |= {change.target_id: str(change.after["number"]) for change in changes}
            ended = restores.update().where(restores.c.thawed_at.is_(None))
            connection.execute(ended.values(thawed_at=at))
        return moved

    def doubtful_mails(self) -> list[QueuedMail]:
        unknown = outbox.c.status == MailStatus.UNKNOWN.value
        query = select(*QUEUED_MAIL).where(unknown, outbox.c.error == MAY_BE_SENT)
        with self._database.read() as connection:
            return [queued_mail(row) for row in connection.execute(query)]

    def hold(self, mails: Sequence[NewMail], at: datetime) -> None:
        with self._database.write() as connection:
            _hold(connection, mails, at)


def _taken(connection: Connection, last: Position, first: int) -> set[int]:
    taken: set[int] = set()
    for table in (invoices.c, lost_numbers.c):
        query = select(table.sequence).where(
            table.series == last.series,
            table.year == last.year,
            table.sequence.between(first, last.sequence),
        )
        taken.update(connection.scalars(query))
    return taken


def _locked_counter(connection: Connection, series: str) -> Counter:
    this = number_series.c.series == series
    row = connection.execute(select(number_series).where(this).with_for_update()).first()
    return NO_COUNTER if row is None else Counter(row.year, row.sequence, row.last_issued_on)


def _raise_counter(connection: Connection, counter: Counter, position: Position, day: Any) -> None:
    """Never back, neither the number nor the date."""
    if not counter.is_behind(position):
        return
    taken = {
        "year": position.year,
        "sequence": position.sequence,
        "last_issued_on": max(day, counter.last_issued_on or day),
    }
    this = number_series.c.series == position.series
    if not connection.execute(number_series.update().where(this).values(**taken)).rowcount:
        connection.execute(number_series.insert(), {"series": position.series} | taken)


def _hold(connection: Connection, mails: Sequence[NewMail], at: datetime) -> None:
    unknown = {"status": MailStatus.UNKNOWN.value, "error": MAY_BE_SENT}
    for mail in mails:
        if enqueue(connection, mail, at):
            this = (
                (outbox.c.kind == mail.kind.value)
                & (outbox.c.subject_id == mail.subject_id)
                & (outbox.c.step == mail.step)
            )
            connection.execute(outbox.update().where(this).values(**unknown))


def _changes(connection: Connection, restore: Row[Any]) -> list[Change]:
    before = counters_from_json(restore.counters)
    found = []
    for series, now in counters_of(connection).items():
        was = before.get(series, NO_COUNTER)
        if (was.year, was.sequence) == (now.year, now.sequence):
            continue
        first = Position(series, was.year, was.sequence).number if was.sequence else None
        last = Position(series, now.year, now.sequence).number
        reason = f"restored from {restore.backup}: numbers up to {last} were issued since"
        before_it: dict[str, FieldValue] = {"number": first}
        found.append(Change(series, "", reason, before_it, {"number": last}, ChangeTarget.SERIES))
    return found


def _row(lost: LostNumber) -> dict[str, Any]:
    at = lost.position
    return {
        "number": lost.number,
        "series": at.series,
        "year": at.year,
        "sequence": at.sequence,
        "issued_on": lost.issued_on,
        "subject": lost.subject,
        "credits": lost.credits,
        "invoice_id": lost.invoice_id,
        "object_key": lost.object_key,
    }


def _lost(row: Row[Any]) -> LostNumber:
    return LostNumber(
        row.number,
        Position(row.series, row.year, row.sequence),
        row.issued_on,
        row.subject,
        row.credits,
        row.invoice_id,
        row.object_key,
    )
