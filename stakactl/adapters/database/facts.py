"""Counts for alerts and health: one query each, answered by an index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, select

from stakactl.adapters.database.columns import UtcTime
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.records import findings, runs
from stakactl.adapters.database.tables.stripe import events, intents
from stakactl.domain.findings import Discrepancy
from stakactl.domain.invoicing import PdfStatus
from stakactl.domain.mail import MailStatus
from stakactl.domain.runs import Outcome
from stakactl.operations.ports.alerts import Activity, Backlog, PaymentCounts

_PAID = ("succeeded", "requires_capture")
#: An attempt failed, and the customer has not tried again with success.
_FAILED = ("requires_payment_method", "canceled")
_NIGHT = "nightly"


class SqlFactBook:
    """`FactBook` on the tables that hold what is counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def payments(self, since: datetime, until: datetime) -> PaymentCounts:
        status = intents.c.status
        failed = and_(status.in_(_FAILED), intents.c.failure_message.is_not(None))
        query = select(_count(status.in_(_PAID)), _count(failed)).where(
            intents.c.created_at >= since, intents.c.created_at < until
        )
        with self._database.read() as connection:
            paid, lost = connection.execute(query).one()
            return PaymentCounts(paid or 0, lost or 0)

    def events(self, since: datetime, until: datetime) -> int:
        query = select(func.count()).where(
            events.c.created_at >= since, events.c.created_at < until
        )
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def open_findings(self, classes: Sequence[Discrepancy], before: datetime) -> Backlog:
        return self._backlog(
            findings,
            findings.c.since,
            findings.c.resolved_at.is_(None),
            findings.c.discrepancy.in_([each.value for each in classes]),
            findings.c.since < before,
            findings.c.break_on.is_(None),
            ~findings.c.historical,
        )

    def unstored_invoices(self, before: datetime) -> Backlog:
        unstored = [PdfStatus.RESERVED.value, PdfStatus.RENDERED.value]
        return self._backlog(
            invoices,
            invoices.c.issued_at,
            invoices.c.pdf_status.in_(unstored),
            invoices.c.issued_at < before,
        )

    def queued_mails(self) -> Backlog:
        return self._mails(MailStatus.QUEUED)

    def unknown_mails(self) -> Backlog:
        return self._mails(MailStatus.UNKNOWN)

    def last_night(self) -> datetime | None:
        ended = (
            runs.c.command == _NIGHT,
            runs.c.finished_at.is_not(None),
            runs.c.outcome != Outcome.ERROR.value,
        )
        newest = select(runs.c.finished_at).where(*ended).order_by(runs.c.started_at.desc())
        return self._moment(newest.limit(1))

    def first_run(self) -> datetime | None:
        return self._moment(select(runs.c.started_at).order_by(runs.c.started_at).limit(1))

    def activity(self) -> Activity:
        payment, event = (
            self._moment(select(column).order_by(column.desc()).limit(1))
            for column in (intents.c.created_at, events.c.created_at)
        )
        return Activity(payment, event)

    def _mails(self, status: MailStatus) -> Backlog:
        return self._backlog(outbox, outbox.c.queued_at, outbox.c.status == status.value)

    def _backlog(
        self, table: Table, since: ColumnElement[Any], *which: ColumnElement[bool]
    ) -> Backlog:
        oldest = func.min(since, type_=UtcTime())
        query = select(func.count(), oldest).select_from(table).where(*which)
        with self._database.read() as connection:
            count, first = connection.execute(query).one()
            return Backlog(count, first)

    def _moment(self, query: Select[Any]) -> datetime | None:
        with self._database.read() as connection:
            found: datetime | None = connection.execute(query).scalar()
            return found


def _count(which: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((which, 1), else_=0))
