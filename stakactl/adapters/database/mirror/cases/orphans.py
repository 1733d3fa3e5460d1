"""Payments that no order accounts for, found by sets and told one by one."""

from collections.abc import Iterator

from sqlalchemy import (
    Column,
    Connection,
    Exists,
    MetaData,
    Select,
    String,
    Table,
    exists,
    func,
    or_,
    select,
    union,
)

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.columns import UtcTime
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.narrowing.sql import Side, lacking
from stakactl.adapters.database.mirror.rows import INTENTS, SESSIONS
from stakactl.adapters.database.mirror.staging import pages, stage, staged
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import (
    intents,
    invoice_payments,
    refunds,
    sessions,
    stripe_invoices,
)
from stakactl.domain.case import OrphanPayment
from stakactl.domain.stripe_objects import CheckoutSession, PaymentIntent

_orphaned = Table(
    "orphaned",
    MetaData(),
    Column("created_at", UtcTime, primary_key=True),
    Column("id", String, primary_key=True),
    prefixes=["TEMPORARY"],
)


def orphan_payments(database: Database, page: int) -> Iterator[OrphanPayment]:
    """Oldest first."""
    with staged(database, _orphaned) as connection:
        stage(connection, _orphaned, _orphans(connection))
        connection.commit()
        for rows in pages(connection, select(_orphaned.c.created_at, _orphaned.c.id), page):
            ids = [row[1] for row in rows]
            payments = _payments(connection, ids)
            paid_by = _sessions_of(connection, ids)
            connection.commit()
            yield from (OrphanPayment(payments[key], paid_by.get(key)) for key in ids)


def _unaccounted(connection: Connection) -> Select[tuple[str]]:
    """Succeeded payments without a session, and those of sessions that no order records: the few
    that are worth a closer look."""
    succeeded = Side((intents.c.id,), (intents.c.status == "succeeded",))
    of_sessions = Side(
        (sessions.c.payment_intent_id,), (sessions.c.payment_intent_id.is_not(None),)
    )
    recorded = Side((orders.c.stripe_session_id,), (orders.c.stripe_session_id.is_not(None),))
    alone = lacking(connection, succeeded, of_sessions)
    unrecorded = lacking(connection, Side((sessions.c.id,), (sessions.c.id != "",)), recorded)
    through = select(sessions.c.payment_intent_id).where(sessions.c.id.in_(select(unrecorded.c[0])))
    found = union(select(alone.c[0]), through).subquery()
    return select(found.c[0])


def _orphans(connection: Connection) -> Select[tuple[object, str]]:
    """Succeeded payments, not refunded in full, that no order resolves and that pay no legal
    invoice of Stripe."""
    recorded = exists().where(orders.c.stripe_payment_intent_id == intents.c.id)
    named = exists().where(orders.c.order_id == intents.c.metadata_order_id)
    session = orders.alias("session_order")
    known = exists().where(
        or_(
            session.c.stripe_session_id == sessions.c.id,
            session.c.order_id == sessions.c.client_reference_id,
            session.c.order_id == sessions.c.metadata_order_id,
        )
    )
    by_session = exists().where(sessions.c.payment_intent_id == intents.c.id, known)
    given_back = (
        select(func.coalesce(func.sum(refunds.c.amount_minor), 0))
        .where(refunds.c.payment_intent_id == intents.c.id, refunds.c.status == "succeeded")
        .scalar_subquery()
    )
    held = given_back < intents.c.amount_received_minor
    return select(intents.c.created_at, intents.c.id).where(
        intents.c.id.in_(_unaccounted(connection)),
        intents.c.status == "succeeded",
        ~recorded,
        ~named,
        ~by_session,
        ~_billed(),
        held,
    )


def _billed() -> Exists:
    """Whether it pays an invoice of Stripe that is in the books, or one that was not read."""
    no_match = exists().where(
        stripe_invoices.c.id == invoice_payments.c.invoice_id,
        or_(stripe_invoices.c.number.is_(None), stripe_invoices.c.status.in_(["draft", "void"])),
    )
    return exists().where(invoice_payments.c.payment_intent_id == intents.c.id, ~no_match)


def _payments(connection: Connection, ids: list[str]) -> dict[str, PaymentIntent]:
    query = select(*INTENTS.columns).where(among(connection, intents.c.id, ids))
    return {row[0]: INTENTS.build(row) for row in connection.execute(query)}


def _sessions_of(connection: Connection, payments: list[str]) -> dict[str, CheckoutSession]:
    table = SESSIONS.table.c
    query = select(*SESSIONS.columns).where(among(connection, table.payment_intent_id, payments))
    found = [SESSIONS.build(row) for row in connection.execute(query)]
    return {session.payment_intent_id or "": session for session in found}
