"""Adding up days: their movements with what they are of, folded, and written in one transaction."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select

from stakactl.adapters.database.bulk import upsert
from stakactl.adapters.database.figures.attribution import attributions
from stakactl.adapters.database.figures.forgetting import delete_figures, lock
from stakactl.adapters.database.tables.figures import buyer_days, figure_days, figures
from stakactl.adapters.database.tables.stripe import (
    balance_transactions,
    charges,
    disputes,
    refunds,
)
from stakactl.domain.revenue import FIGURES
from stakactl.domain.revenue_days import (
    EDITION,
    UNATTRIBUTED,
    Booked,
    BuyerDay,
    DayBook,
    DayFigures,
)

_BATCH = 5000


def add_up(connection: Connection, days: Sequence[date]) -> None:
    """Make the figures of these days anew."""
    lock(connection, shared=False)
    book = DayBook()
    movements = connection.execute(_movements(days), execution_options={"yield_per": _BATCH})
    while batch := list(islice(movements, _BATCH)):
        of_payment = attributions(connection, {row[-1] for row in batch if row[-1]})
        for *booked, payment_id in batch:
            book.add(Booked(*booked), of_payment.get(payment_id or "", UNATTRIBUTED))
    delete_figures(connection, days)
    upsert(connection, figures, [_row(one) for one in book.figures()])
    upsert(connection, buyer_days, [_buyer_row(one) for one in book.buyers()])
    upsert(connection, figure_days, [{"local_day": day, "edition": EDITION} for day in days])


def _movements(days: Sequence[date]) -> Any:
    """Each movement of the days with the PaymentIntent that it is of."""
    money, through = balance_transactions.c, charges.alias("through")
    payment_id = func.coalesce(
        charges.c.payment_intent_id,
        refunds.c.payment_intent_id,
        disputes.c.payment_intent_id,
        through.c.payment_intent_id,
    )
    return (
        select(
            money.local_day,
            money.currency,
            money.reporting_category,
            money.amount_minor,
            money.fee_minor,
            payment_id,
        )
        .join_from(balance_transactions, charges, charges.c.id == money.source_id, isouter=True)
        .join(refunds, refunds.c.id == money.source_id, isouter=True)
        .join(disputes, disputes.c.id == money.source_id, isouter=True)
        .join(
            through,
            through.c.id == func.coalesce(refunds.c.charge_id, disputes.c.charge_id),
            isouter=True,
        )
        .where(money.local_day.in_(days))
    )


def _row(one: DayFigures) -> dict[str, Any]:
    return {
        "split": str(one.split),
        "local_day": one.day,
        "currency": one.currency,
        "key": one.key,
        "detail": one.detail,
        "name": one.name,
        **{name: getattr(one.figures, name) for name in FIGURES},
    }


def _buyer_row(one: BuyerDay) -> dict[str, Any]:
    return {
        "local_day": one.day,
        "currency": one.currency,
        "buyer": one.buyer,
        "through": one.through,
        "payments": one.payments,
        "net": one.net,
    }
