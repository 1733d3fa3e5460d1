"""`SubscriptionBook` on the items of the mirrored subscriptions.

The database adds up whole minor units by their terms; only what is left, a line for each price, is
made into fractions. Each question is answered by an index alone.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    column,
    func,
    or_,
    select,
    values,
)

from stakactl.adapters.database.bulk import batches
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.rows.billing import MICROS
from stakactl.adapters.database.tables.stripe import customers, products, subscription_items
from stakactl.domain.subscriptions import Conversion, Group, State, Terms
from stakactl.operations.ports import SubscriptionAnswer, SubscriptionQuestion

_ITEM = subscription_items.c
_TERMS = (
    _ITEM.currency,
    _ITEM.product_id,
    _ITEM.interval,
    _ITEM.interval_count,
    _ITEM.included_vat,
)
_SUMS = (
    func.sum(case((_ITEM.position == 0, 1), else_=0)),
    func.count(),
    func.sum(_ITEM.amount_micros),
    func.sum(case((_ITEM.amount_micros.is_(None), 1), else_=0)),
)
#: Periods asked for together: each takes three parameters of a statement.
_PERIODS = 1000
_BEHIND = ("past_due", "unpaid")
Groups = dict[int, list[Group]]


class SqlSubscriptionBook:
    def __init__(self, database: Database) -> None:
        self._database = database

    def first(self) -> datetime | None:
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(select(func.min(_ITEM.began_at)))
            return found

    def subscriptions(self, question: SubscriptionQuestion) -> SubscriptionAnswer:
        bounds = question.bounds
        with self._database.read() as connection:
            named = _Named(connection)
            return SubscriptionAnswer(
                standing=_standing(connection, bounds[-1], named),
                new=_moved(connection, _ITEM.began_at, bounds, named),
                churned=_moved(connection, _ITEM.ended_at, bounds, named),
                conversions=[_conversion(connection, at) for at in question.conversions],
            )


class _Named:
    """Rows as groups; products are named by what the mirror knows of them."""

    def __init__(self, connection: Connection) -> None:
        rows = connection.execute(select(products.c.id, products.c.name))
        self._names: dict[str, str] = {row.id: row.name for row in rows}

    def group(self, row: Sequence[Any]) -> Group:
        currency, product_id, interval, count, vat, subscriptions, items, micros, unpriced = row
        product = self._names.get(product_id or "", product_id or "")
        terms = Terms(currency, product, interval, count, vat)
        amount = Fraction(int(micros or 0), MICROS)
        return Group(terms, int(subscriptions), int(items), amount, int(unpriced))


def _running(at: datetime) -> ColumnElement[bool]:
    return and_(_ITEM.began_at < at, or_(_ITEM.ended_at.is_(None), _ITEM.ended_at >= at))


def _standing(connection: Connection, at: datetime, named: _Named) -> dict[State, list[Group]]:
    state = case(
        (and_(_ITEM.began_at < at, _ITEM.status.in_(_BEHIND)), State.PAST_DUE.value),
        (_ITEM.began_at < at, State.ACTIVE.value),
        else_=State.TRIAL.value,
    )
    on_trial = or_(_ITEM.began_at >= at, _ITEM.status == "trialing")
    there = or_(_ITEM.ended_at.is_(None), _ITEM.ended_at >= at)
    query = (
        select(state, *_TERMS, *_SUMS)
        .where(there, _ITEM.started_at < at, or_(_ITEM.began_at < at, on_trial))
        .group_by(state, *_TERMS)
    )
    found: dict[State, list[Group]] = {state: [] for state in State}
    for row in connection.execute(query):
        found[State(row[0])].append(named.group(row[1:]))
    return found


def _moved(
    connection: Connection, moment: ColumnElement[Any], bounds: Sequence[datetime], named: _Named
) -> Groups:
    """What began, or ended after it had begun, in each period."""
    found: Groups = defaultdict(list)
    for some in batches(enumerate(pairwise(bounds)), _PERIODS):
        period = _periods([(number, *both) for number, both in some])
        query = (
            select(period.c.number, *_TERMS, *_SUMS)
            .join_from(
                period,
                subscription_items,
                and_(moment >= period.c.since, moment < period.c.until),
            )
            .where(_ITEM.began_at.is_not(None))
            .group_by(period.c.number, *_TERMS)
        )
        for row in connection.execute(query):
            found[row[0]].append(named.group(row[1:]))
    return dict(found)


def _periods(rows: Sequence[tuple[int, datetime, datetime]]) -> CTE:
    kind = _ITEM.ended_at.type
    names = (column("number", Integer), column("since", kind), column("until", kind))
    return values(*names, name="period").data(rows).cte("period")


def _conversion(connection: Connection, at: datetime) -> Conversion:
    known = select(func.count()).select_from(customers).where(customers.c.created_at < at)
    paying = select(func.count(_ITEM.customer_id.distinct())).where(_running(at))
    return Conversion(connection.scalar(known) or 0, connection.scalar(paying) or 0)
