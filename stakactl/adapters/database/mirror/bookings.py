"""What is wrong with the record of money, found by comparing whole tables.

Each query reads indexes in their order and yields only what differs: a million charges that are
booked right cost a scan, not a million objects.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from stakactl.adapters.database.mirror.periods import within
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


def charges_without_money() -> Select[Any]:
    held = select(_money.id).where(_money.id == charges.c.balance_transaction_id).exists()
    return (
        select(*CHARGES.columns)
        .where(
            or_(charges.c.balance_transaction_id.is_(None), ~held),
            charges.c.status == "succeeded",
            charges.c.captured,
        )
        .order_by(charges.c.created_at, charges.c.id)
    )


def charge(row: Any) -> Charge:
    return CHARGES.build(row)


def misbooked_charges() -> Select[Any]:
    """A charge is booked once as it was authorised, or in pieces as it was captured."""
    booked = _booked("charge")
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


def charge_booking(row: Any) -> Booking:
    amounts = {row.amount_minor, row.amount_received_minor or row.amount_minor}
    return _booking("charge", row, tuple(sorted(amounts, reverse=True)), int(row.amount))


def misbooked_refunds() -> Select[Any]:
    booked = _booked("refund")
    return (
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


def refund_booking(row: Any) -> Booking:
    return _booking("refund", row, (row.amount_minor,), -int(row.amount))


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


def _booked(category: str) -> Any:
    """The sum of every source's transactions of one category, by currency, from an index alone."""
    return (
        select(
            _money.source_id,
            _money.currency,
            func.sum(_money.amount_minor).label("amount"),
            func.count().label("pieces"),
        )
        .where(_money.reporting_category == category, _money.source_id.is_not(None))
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
