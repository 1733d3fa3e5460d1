"""What all doubts are written with: two sides of a comparison, and what the one lacks."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, except_, exists, select, text

from stakactl.adapters.database.tables.orders import orders
from stakactl.domain.orders import SETTLED, OrderStatus
from stakactl.domain.reconciliation import Context


class About(StrEnum):
    """What the ids that a doubt yields are ids of."""

    ORDER = "order"
    SESSION = "session"
    PAYMENT = "payment"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A query whose one column holds ids of what is not provably in order."""

    name: str
    about: About
    query: Callable[[Connection, Context], Select[tuple[str]]]


@dataclass(frozen=True, slots=True)
class Side:
    """Rows to compare: columns of one table that are never null, in the order of an index."""

    columns: tuple[ColumnElement[Any], ...]
    where: tuple[ColumnElement[bool], ...]


def lacking(connection: Connection, left: Side, right: Side) -> Subquery:
    """The rows of `left` that `right` does not have.

    SQLite merges two streams that come sorted from their covering indexes; PostgreSQL makes an
    anti-join, for which it would not use EXCEPT.
    """
    wanted = select(*left.columns).where(*left.where)
    if connection.dialect.name == "sqlite":
        had = select(*right.columns).where(*right.where)
        order = ", ".join(str(number + 1) for number in range(len(left.columns)))
        return except_(wanted, had).order_by(text(order)).subquery()
    equal = (one == other for one, other in zip(left.columns, right.columns, strict=True))
    return wanted.where(~exists().where(*equal, *right.where)).subquery()


#: Written as exclusions, so that SQLite walks the index that a comparison is sorted by.
_OPEN = [status.value for status in OrderStatus if status not in SETTLED]
_NOT_GIVEN_UP = [status.value for status in (*SETTLED, OrderStatus.PENDING)]

settled = orders.c.status.not_in(_OPEN)
given_up = orders.c.status.not_in(_NOT_GIVEN_UP)
