"""Everything the store remembers around some orders and objects, read in one transaction."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.change_rows import change_of
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror import rows
from stakactl.adapters.database.mirror.rows import Shape
from stakactl.adapters.database.mirror.trail.subjects import find_subject
from stakactl.adapters.database.tables import stripe as tables
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.records import changes, findings
from stakactl.domain.changes import ChangeTarget, RecordedChange
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.invoicing import PdfStatus
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import BalanceTransaction, Payout, StripeInvoice
from stakactl.domain.trail import (
    IssuedInvoice,
    OutgoingMail,
    Payments,
    SeenFinding,
    Subject,
    Trail,
)

#: References are searched as text, so only so many at once.
_MAX_REFERENCES = 100


class SqlTrailReader:
    """`TrailReader` on the order book, the mirror, the invoices and the records."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> Subject | None:
        with self._database.read() as connection:
            return find_subject(connection, name)

    def payments(self, payment_intent_ids: Sequence[str]) -> Payments:
        if not payment_intent_ids:
            return Payments()
        ids = list(payment_intent_ids)
        with self._database.read() as connection:
            charges = _load(connection, rows.CHARGES, _in(connection, tables.charges, ids))
            charge_ids = [charge.id for charge in charges]
            return Payments(
                _load(connection, rows.SESSIONS, _in(connection, tables.sessions, ids)),
                _load(connection, rows.INTENTS, among(connection, tables.intents.c.id, ids)),
                charges,
                _load(connection, rows.REFUNDS, _of(connection, tables.refunds, ids, charge_ids)),
                _load(connection, rows.DISPUTES, _of(connection, tables.disputes, ids, charge_ids)),
            )

    def read(
        self,
        order_ids: Sequence[str],
        object_ids: Sequence[str],
        invoice_numbers: Sequence[str] = (),
    ) -> Trail:
        with self._database.read() as connection:
            own = _own_invoices(connection, order_ids, invoice_numbers)
            stripe_invoices = _stripe_invoices(connection, order_ids, object_ids)
            objects = _once([*object_ids, *(invoice.id for invoice in stripe_invoices)])
            transactions, payouts = _money(connection, objects)
            objects = _once([*objects, *(payout.id for payout in payouts)])
            e = tables.events.c
            named = or_(among(connection, e.object_id, objects), among(connection, e.id, objects))
            events = _load(connection, rows.EVENTS, named)
            numbers = [invoice.number for invoice in own]
            return Trail(
                own,
                stripe_invoices,
                _mails(connection, order_ids, own),
                transactions,
                payouts,
                events,
                _changes(connection, order_ids, numbers, [event.id for event in events]),
                _findings(
                    connection,
                    order_ids,
                    objects,
                    _once([*numbers, *_foreign_numbers(connection, order_ids)]),
                ),
            )

    def dependants(self, order_id: str) -> Trail:
        with self._database.read() as connection:
            own = _own_invoices(connection, [order_id])
            return Trail(
                invoices=own,
                mails=_mails(connection, [order_id], own),
                changes=_changes(connection, [order_id], [], []),
            )


def _load(connection: Connection, shape: Shape[Any], where: ColumnElement[bool]) -> tuple[Any, ...]:
    table = shape.table.c
    query = select(*shape.columns).where(where).order_by(table.created_at, table.id)
    return tuple(shape.build(row) for row in connection.execute(query))


def _in(connection: Connection, table: Any, intents: Iterable[str]) -> ColumnElement[bool]:
    return among(connection, table.c.payment_intent_id, intents)


def _of(
    connection: Connection, table: Any, intents: list[str], charges: list[str]
) -> ColumnElement[bool]:
    """Of these payments, or of their charges where the object names nothing else."""
    by_charge = among(connection, table.c.charge_id, charges)
    return or_(
        _in(connection, table, intents), and_(table.c.payment_intent_id.is_(None), by_charge)
    )


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _own_invoices(
    connection: Connection, order_ids: Sequence[str], numbers: Sequence[str] = ()
) -> tuple[IssuedInvoice, ...]:
    """Those of the orders, and those of these numbers that belong to none."""
    i = invoices.c
    columns = (
        i.invoice_id, i.number, i.order_id, i.issued_at, i.total_minor, i.currency, i.cancelled_at,
        i.pdf_status, i.stored_at, i.object_key, i.credits_id,
    )  # fmt: skip
    own = among(connection, i.order_id, order_ids)
    query = select(*columns).where(or_(own, among(connection, i.number, numbers)))
    return tuple(
        IssuedInvoice(
            row.invoice_id,
            row.number,
            row.order_id or None,
            row.issued_at,
            Money(row.total_minor, row.currency),
            row.cancelled_at is None and row.credits_id is None,
            PdfStatus(row.pdf_status),
            row.stored_at,
            row.object_key,
            row.credits_id,
        )
        for row in connection.execute(query.order_by(i.issued_at, i.sequence))
    )


def _mails(
    connection: Connection, order_ids: Sequence[str], own: Sequence[IssuedInvoice]
) -> tuple[OutgoingMail, ...]:
    """The mails about the orders or about an invoice of them."""
    about: dict[str, str | None] = {order_id: order_id for order_id in order_ids}
    about |= {invoice.invoice_id: invoice.order_id for invoice in own}
    m = outbox.c
    columns = (m.mail_id, m.kind, m.subject_id, m.status, m.queued_at, m.sent_at, m.error)
    query = select(*columns).where(among(connection, m.subject_id, about)).order_by(m.mail_id)
    return tuple(
        OutgoingMail(
            row.mail_id,
            MailKind(row.kind),
            about[row.subject_id],
            MailStatus(row.status),
            row.queued_at,
            row.sent_at,
            row.error,
        )
        for row in connection.execute(query)
    )


def _stripe_invoices(
    connection: Connection, order_ids: Sequence[str], object_ids: Sequence[str]
) -> tuple[StripeInvoice, ...]:
    """Named by one of the objects, paid by one of the payments, or naming one of the orders."""
    i, p, s = tables.stripe_invoices.c, tables.invoice_payments.c, tables.sessions.c
    paid = select(p.invoice_id).where(among(connection, p.payment_intent_id, object_ids))
    billed = select(s.invoice_id).where(among(connection, s.id, object_ids))
    where = or_(
        among(connection, i.id, object_ids),
        i.id.in_(paid),
        i.id.in_(billed),
        among(connection, i.metadata_order_id, order_ids),
    )
    return _load(connection, rows.STRIPE_INVOICES, where)


def _money(
    connection: Connection, object_ids: Sequence[str]
) -> tuple[tuple[BalanceTransaction, ...], tuple[Payout, ...]]:
    """The lines of money of these objects and the payouts that contain them."""
    b, p = tables.balance_transactions.c, tables.payouts.c
    ours = or_(among(connection, b.source_id, object_ids), among(connection, b.id, object_ids))
    contained = select(b.payout_id).where(ours, b.payout_id.is_not(None))
    where = or_(among(connection, p.id, object_ids), p.id.in_(contained))
    return (
        _load(connection, rows.BALANCE_TRANSACTIONS, ours),
        _load(connection, rows.PAYOUTS, where),
    )


def _changes(
    connection: Connection,
    order_ids: Sequence[str],
    numbers: Sequence[str],
    event_ids: Sequence[str],
) -> tuple[RecordedChange, ...]:
    targets = (
        (ChangeTarget.ORDER, order_ids),
        (ChangeTarget.PDF, numbers),
        (ChangeTarget.EVENT, event_ids),
    )
    wanted = [
        and_(changes.c.target == target.value, among(connection, changes.c.target_id, ids))
        for target, ids in targets
        if ids
    ]
    if not wanted:
        return ()
    query = select(changes).where(or_(*wanted)).order_by(changes.c.change_id)
    return tuple(change_of(row) for row in connection.execute(query))


def _foreign_numbers(connection: Connection, order_ids: Sequence[str]) -> list[str]:
    """The numbers of invoices that the application issued for these orders."""
    o = orders.c
    query = select(o.invoice_number).where(
        among(connection, o.order_id, order_ids), o.invoice_number.is_not(None)
    )
    return [number for (number,) in connection.execute(query)]


def _findings(
    connection: Connection,
    order_ids: Sequence[str],
    object_ids: Sequence[str],
    numbers: Sequence[str],
) -> tuple[SeenFinding, ...]:
    f = findings.c
    named = [
        f.refs.contains(json.dumps(key), autoescape=True) for key in object_ids[:_MAX_REFERENCES]
    ]
    where = or_(
        among(connection, f.order_id, order_ids),
        among(connection, f.session_id, object_ids),
        among(connection, f.payment_intent_id, object_ids),
        among(connection, f.invoice_number, numbers),
        *named,
    )
    query = select(findings).where(where).order_by(f.first_seen_at, f.finding_id)
    return tuple(seen_of(row) for row in connection.execute(query))


def seen_of(row: Row[Any]) -> SeenFinding:
    """The finding of a row of `findings`."""
    finding = Finding(
        Discrepancy(row.discrepancy),
        since=row.since,
        expected=row.expected,
        seen=row.seen,
        hint=row.hint,
        order_id=row.order_id,
        session_id=row.session_id,
        payment_intent_id=row.payment_intent_id,
        invoice_number=row.invoice_number,
        refs=json.loads(row.refs),
        break_on=row.break_on,
    )
    return SeenFinding(
        finding,
        row.first_seen_at,
        row.first_run_id,
        row.last_seen_at,
        row.last_run_id,
        row.resolved_at,
    )
