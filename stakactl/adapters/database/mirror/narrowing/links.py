"""Doubts about links: ids that lead elsewhere, are shared, absent, or of the other mode."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)

from stakactl.adapters.database.mirror.narrowing.sql import About, Doubt, Side, lacking, settled
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import absences, intents, sessions
from stakactl.domain.reconciliation import Context

Ids = Select[tuple[str]]
_SESSION, _PAYMENT = orders.c.stripe_session_id, orders.c.stripe_payment_intent_id


def _session_of_another_payment(connection: Connection, context: Context) -> Ids:
    return select(_another_payment(connection).c[0])


def _another_payment_than_the_sessions(connection: Connection, context: Context) -> Ids:
    """It may be that of another order's session."""
    return select(_another_payment(connection).c[1])


def _another_payment(connection: Connection) -> Subquery:
    """Orders that record another PaymentIntent than their session's."""
    recorded = Side((_SESSION, _PAYMENT), (_SESSION.is_not(None), _PAYMENT.is_not(None)))
    known = Side(
        (sessions.c.id, sessions.c.payment_intent_id), (sessions.c.payment_intent_id.is_not(None),)
    )
    return lacking(connection, recorded, known)


def _naming_by_client(connection: Connection, context: Context) -> Ids:
    return _naming_sessions(connection, sessions.c.client_reference_id)


def _naming_by_metadata(connection: Connection, context: Context) -> Ids:
    return _naming_sessions(connection, sessions.c.metadata_order_id)


def _naming_sessions(connection: Connection, reference: ColumnElement[Any]) -> Ids:
    """A session names an order that records another session or none, and is not plainly the one
    session of an order that records none."""
    naming = lacking(
        connection,
        Side((reference, sessions.c.id), (reference.is_not(None),)),
        Side((orders.c.order_id, _SESSION), (_SESSION.is_not(None),)),
    )
    order_id, session_id = naming.c
    doubtful = (
        exists()
        .where(
            orders.c.order_id == order_id,
            sessions.c.id == session_id,
            not_(func.coalesce(_one_session(), false())),
        )
        .correlate(naming)
    )
    return select(session_id).where(doubtful)


def _one_session() -> ColumnElement[bool]:
    """The one session of a paid order that does not record it, and nobody else's."""
    other, twin = orders.alias("other_order"), sessions.alias("twin")
    order_id = orders.c.order_id
    claimed = exists().where(
        or_(
            other.c.stripe_session_id == sessions.c.id,
            and_(
                other.c.stripe_payment_intent_id == sessions.c.payment_intent_id,
                other.c.order_id != order_id,
            ),
        )
    )
    rival = exists().where(
        or_(twin.c.client_reference_id == order_id, twin.c.metadata_order_id == order_id),
        twin.c.id != sessions.c.id,
    )
    return and_(
        settled,
        _SESSION.is_(None),
        or_(_PAYMENT.is_(None), sessions.c.payment_intent_id == _PAYMENT),
        sessions.c.payment_status == "paid",
        sessions.c.payment_intent_id.is_not(None),
        sessions.c.amount_total_minor == orders.c.amount_minor,
        sessions.c.currency == orders.c.currency,
        ~claimed.correlate(orders, sessions),
        ~rival.correlate(orders, sessions),
    )


def _naming_payments(connection: Connection, context: Context) -> Ids:
    """A PaymentIntent names an order that does not record it, not even through a session, or only
    through a session while another order records it."""
    naming = lacking(
        connection,
        Side((intents.c.metadata_order_id, intents.c.id), (intents.c.metadata_order_id != "",)),
        Side((orders.c.order_id, _PAYMENT), (_PAYMENT.is_not(None),)),
    )
    order_id, intent_id = naming.c
    by_name = and_(
        _SESSION.is_(None),
        or_(
            sessions.c.client_reference_id == orders.c.order_id,
            sessions.c.metadata_order_id == orders.c.order_id,
        ),
    )
    through = exists().where(
        sessions.c.payment_intent_id == intents.c.id, or_(sessions.c.id == _SESSION, by_name)
    )
    other = orders.alias("other_order")
    elsewhere = exists().where(
        other.c.stripe_payment_intent_id == intents.c.id, other.c.order_id != orders.c.order_id
    )
    doubtful = (
        exists()
        .where(
            orders.c.order_id == order_id,
            intents.c.id == intent_id,
            or_(~through.correlate(orders, intents), elsewhere.correlate(orders, intents)),
            not_(func.coalesce(_one_payment(), false())),
        )
        .correlate(naming)
    )
    return select(intent_id).where(doubtful)


def _one_payment() -> ColumnElement[bool]:
    """The one PaymentIntent, without any session, of a paid order that does not record it."""
    other, twin = orders.alias("other_order"), intents.alias("twin")
    order_id, intent_id = orders.c.order_id, intents.c.id
    rivals = (
        exists().where(other.c.stripe_payment_intent_id == intent_id),
        exists().where(twin.c.metadata_order_id == order_id, twin.c.id != intent_id),
        exists().where(
            or_(
                sessions.c.payment_intent_id == intent_id,
                sessions.c.client_reference_id == order_id,
                sessions.c.metadata_order_id == order_id,
            )
        ),
    )
    return and_(
        settled,
        _SESSION.is_(None),
        _PAYMENT.is_(None),
        intents.c.status == "succeeded",
        intents.c.amount_received_minor == orders.c.amount_minor,
        intents.c.amount_minor == orders.c.amount_minor,
        intents.c.currency == orders.c.currency,
        *(~rival.correlate(orders, intents) for rival in rivals),
    )


def _shared_sessions(connection: Connection, context: Context) -> Ids:
    return _repeated(_SESSION)


def _shared_payments(connection: Connection, context: Context) -> Ids:
    return _repeated(_PAYMENT)


def _payments_of_two_sessions(connection: Connection, context: Context) -> Ids:
    return _repeated(sessions.c.payment_intent_id)


def _repeated(column: ColumnElement[Any]) -> Ids:
    return select(column).where(column.is_not(None)).group_by(column).having(func.count() > 1)


def _payments_claimed_through_a_session(connection: Connection, context: Context) -> Ids:
    """Recorded by one order itself, by another through its session."""
    other = orders.alias("other_order")
    return (
        select(_PAYMENT)
        .join(sessions, sessions.c.payment_intent_id == _PAYMENT)
        .join(other, other.c.stripe_session_id == sessions.c.id)
        .where(_SESSION.is_(None), other.c.order_id != orders.c.order_id)
    )


def _ids_of_the_other_mode(connection: Connection, context: Context) -> Ids:
    prefix = "cs_test_" if context.livemode else "cs_live_"
    return select(orders.c.order_id).where(func.substr(_SESSION, 1, len(prefix)) == prefix)


def _sessions_of_the_other_mode(connection: Connection, context: Context) -> Ids:
    return select(sessions.c.id).where(sessions.c.livemode.is_(not context.livemode))


def _payments_of_the_other_mode(connection: Connection, context: Context) -> Ids:
    return select(intents.c.id).where(intents.c.livemode.is_(not context.livemode))


def _absent(connection: Connection, context: Context) -> Ids:
    found = union_all(
        *(
            select(orders.c.order_id).where(column.in_(select(absences.c.object_id)))
            for column in (_SESSION, _PAYMENT)
        )
    ).subquery()
    return select(found.c[0])


LINK_DOUBTS = (
    Doubt("sessions of another payment", About.SESSION, _session_of_another_payment),
    Doubt("another payment", About.PAYMENT, _another_payment_than_the_sessions),
    Doubt("sessions that name an order", About.SESSION, _naming_by_client),
    Doubt("sessions that name an order in metadata", About.SESSION, _naming_by_metadata),
    Doubt("payments that name an order", About.PAYMENT, _naming_payments),
    Doubt("sessions of several orders", About.SESSION, _shared_sessions),
    Doubt("payments of several orders", About.PAYMENT, _shared_payments),
    Doubt("payments of several sessions", About.PAYMENT, _payments_of_two_sessions),
    Doubt("payments claimed twice", About.PAYMENT, _payments_claimed_through_a_session),
    Doubt("session ids of the other mode", About.ORDER, _ids_of_the_other_mode),
    Doubt("sessions of the other mode", About.SESSION, _sessions_of_the_other_mode),
    Doubt("payments of the other mode", About.PAYMENT, _payments_of_the_other_mode),
    Doubt("ids that cannot be read", About.ORDER, _absent),
)
