"""What is wrong with the record of money, found by comparing whole tables.

Two indexes in the same order are subtracted from each other (EXCEPT), which a database does by
merging them: a million charges that are booked right cost a scan, not a million look-ups. Only
what is left over is looked at row by row.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, except_, func, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.mirror.money.periods import within
from stakactl.adapters.database.mirror.rows import CHARGES
from stakactl.adapters.database.tables.stripe import (
    balance_transactions,
    charges,
    intents,
    refunds,
)
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.balance import Booking, UnknownCategory
from stakactl.domain.stripe_objects import Charge

_money = balance_transactions.c


def charges_without_money(connection: Connection, page: int) -> Iterator[Charge]:
    query = (
        select(*CHARGES.columns)
        .where(charges.c.status == "succeeded", charges.c.captured)
        .order_by(charges.c.created_at, charges.c.id)
    )
    named = charges.c.balance_transaction_id
    streaming = connection.execution_options(yield_per=page)
    yield from map(CHARGES.build, streaming.execute(query.where(named.is_(None))))
    lost = except_(select(named).where(named.is_not(None)), select(_money.id)).order_by(named)
    for rows in streaming.execute(lost).partitions():
        wanted = among(connection, named, [row[0] for row in rows])
        yield from map(CHARGES.build, connection.execute(query.where(wanted)).all())


def misbooked_charges(connection: Connection, page: int) -> Iterator[Booking]:
    """A charge is booked once as it was authorised, or in pieces as it was captured."""
    own = (charges.c.id, charges.c.currency, charges.c.amount_minor)
    booked = (_money.source_id, _money.currency, _money.amount_minor)
    is_charge = and_(_money.reporting_category == "charge", _money.source_id.is_not(None))
    otherwise = except_(select(*booked).where(is_charge), select(*own)).order_by(*booked)
    twice = (
        select(_money.source_id)
        .where(is_charge)
        .group_by(_money.source_id)
        .having(func.count() > 1)
        .order_by(_money.source_id)
    )
    told: set[str] = set()
    for candidates in (otherwise, twice):
        for rows in connection.execution_options(yield_per=page).execute(candidates).partitions():
            ids = {row[0] for row in rows} - told
            for found in connection.execute(_misbooked_among(connection, ids)).all():
                told.add(found.id)
                yield _charge_booking(found)


def _misbooked_among(connection: Connection, ids: Iterable[str]) -> Select[Any]:
    booked = _booked("charge", among(connection, _money.source_id, ids))
    return (
        select(
            charges.c.id,
            charges.c.created_at,
            charges.c.amount_minor,
            charges.c.currency,
            charges.c.payment_intent_id,
            intents.c.amount_received_minor,
            booked.c.amount,
            booked.c.pieces,
        )
        .join_from(booked, charges, charges.c.id == booked.c.source_id)
        .join(intents, intents.c.id == charges.c.payment_intent_id, isouter=True)
        .where(
            booked.c.currency == charges.c.currency,
            booked.c.amount != charges.c.amount_minor,
            booked.c.amount != func.coalesce(intents.c.amount_received_minor, 0),
        )
        .order_by(charges.c.created_at, charges.c.id)
    )


def _charge_booking(row: Any) -> Booking:
    amounts = {row.amount_minor, row.amount_received_minor or row.amount_minor}
    return _booking("charge", row, tuple(sorted(amounts, reverse=True)), int(row.amount))


def misbooked_refunds(connection: Connection, page: int) -> Iterator[Booking]:
    """Refunds are few beside charges: each is looked up."""
    booked = _booked("refund", _money.source_id.is_not(None))
    query = (
        select(
            refunds.c.id,
            refunds.c.created_at,
            refunds.c.amount_minor,
            refunds.c.currency,
            refunds.c.payment_intent_id,
            booked.c.amount,
            booked.c.pieces,
        )
        .join_from(booked, refunds, refunds.c.id == booked.c.source_id)
        .where(booked.c.currency == refunds.c.currency, booked.c.amount != -refunds.c.amount_minor)
        .order_by(refunds.c.created_at, refunds.c.id)
    )
    for row in connection.execution_options(yield_per=page).execute(query):
        yield _booking("refund", row, (row.amount_minor,), -int(row.amount))


def unknown_categories(
    connection: Connection, known: Sequence[str], since: datetime | None, until: datetime | None
) -> list[UnknownCategory]:
    key = (_money.reporting_category, _money.currency)
    found = (
        select(
            *key,
            func.sum(_money.amount_minor).label("amount"),
            func.count().label("rows"),
            func.min(_money.created_at).label("since"),
        )
        .where(_money.reporting_category.not_in(known), *within(_money.created_at, since, until))
        .group_by(*key)
        .order_by(*key)
    )
    return [
        UnknownCategory(
            category,
            Money(int(amount), currency),
            count,
            first_at,
            _first(connection, category, currency, first_at),
        )
        for category, currency, amount, count, first_at in connection.execute(found).all()
    ]


def _first(connection: Connection, category: str, currency: str, at: datetime) -> str:
    query = select(func.min(_money.id)).where(
        _money.reporting_category == category,
        _money.currency == currency,
        _money.created_at == at,
    )
    return str(connection.execute(query).scalar_one())


def _booked(category: str, wanted: ColumnElement[bool]) -> Subquery:
    """The sum of the sources' transactions of one category, by currency, from an index alone."""
    return (
        select(
            _money.source_id,
            _money.currency,
            func.sum(_money.amount_minor).label("amount"),
            func.count().label("pieces"),
        )
        .where(_money.reporting_category == category, wanted)
        .group_by(_money.source_id, _money.currency)
        .subquery()
    )


def _booking(kind: str, row: Any, allowed: tuple[int, ...], booked: int) -> Booking:
    return Booking(
        kind,
        row.id,
        row.created_at,
        tuple(Money(minor, row.currency) for minor in allowed),
        Money(booked, row.currency),
        row.pieces,
        row.payment_intent_id,
    )
