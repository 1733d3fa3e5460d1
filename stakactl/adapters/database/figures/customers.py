"""`CustomerFigureBook` on the days of the buyers.

One pass over an index, buyer after buyer, makes what each of them paid in the period, in the one
before, and when first; sums, the middle and the best are taken from that. Memory holds none of it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures import book
from stakactl.adapters.database.figures import buyers as people
from stakactl.adapters.database.figures.forgetting import lock
from stakactl.adapters.database.local_days import LocalDays
from stakactl.adapters.database.tables.figures import buyer_days, buyers, figures
from stakactl.domain.customer_figures import Heads, PerCustomer, TopCustomer, Unattributed
from stakactl.domain.revenue_days import WHOLE
from stakactl.operations.ports import CustomerAnswer, CustomerQuestion

_DAY = buyer_days.c


class SqlCustomerFigureBook:
    """`local_days` makes the stored days those of our time zone first."""

    def __init__(self, database: Database, local_days: LocalDays) -> None:
        self._database = database
        self._local_days = local_days

    def first(self) -> datetime | None:
        self.settle()
        with self._database.read() as connection:
            found: datetime | None = connection.scalar(select(func.min(buyers.c.first_seen)))
            return found

    def settle(self) -> None:
        with self._database.read() as connection:
            if people.stand(connection):
                return
        with self._database.write() as connection:
            _settle(connection)

    def customers(self, question: CustomerQuestion) -> CustomerAnswer:
        self._local_days.settle(self._database)
        with self._database.read() as connection:
            days = book.unsettled(connection, date.min, question.until)
            if not days and people.stand(connection):
                return _answer(connection, question)
        with self._database.write() as connection:  # nobody changes the record until the end
            book.settle_days(connection, date.min, question.until)
            _settle(connection)
            return _answer(connection, question)


def _settle(connection: Connection) -> None:
    lock(connection, shared=False)
    if not people.stand(connection):
        people.settle(connection)


def _answer(connection: Connection, question: CustomerQuestion) -> CustomerAnswer:
    found = _Found()
    for row in connection.execute(_query(question, _currencies(connection))):
        found.take(row)
    bounds, before = question.bounds, question.before_start
    new = [_seen(connection, *period) for period in pairwise(bounds)]
    known = _seen(connection, None, bounds[-1])
    known_before = _seen(connection, None, bounds[0]) if before else 0
    new_before = _seen(connection, before, bounds[0]) if before else 0
    return CustomerAnswer(
        heads=Heads(known, sum(new), *found.heads(0)),
        new=new,
        revenue=found.revenue(0),
        unknown=found.unknown,
        top=_named(connection, found.top),
        heads_before=Heads(known_before, new_before, *found.heads(1)),
        revenue_before=found.revenue(1),
    )


def _currencies(connection: Connection) -> list[str]:
    whole = select(figures.c.currency).where(figures.c.split == WHOLE).distinct()
    return sorted(connection.scalars(whole))


def _seen(connection: Connection, since: datetime | None, until: datetime) -> int:
    at = buyers.c.first_seen
    seen = at < until if since is None else and_(at >= since, at < until)
    return connection.scalar(select(func.count()).select_from(buyers).where(seen)) or 0


# -- one statement, of rows of several kinds: what, span, currency, buyer, count, net


def _query(question: CustomerQuestion, currencies: Sequence[str]) -> Any:
    """`span` 0 is the period, 1 the one before."""
    each = _each(question)
    spans: list[tuple[int, date]] = [(0, question.since)]
    if question.before is not None:
        spans.append((1, question.before))
    alone = len(currencies) == 1
    sums = _sums(each, spans)
    parts = [_unknown(question)]
    for span, since in spans:
        parts += [_told(sums, span), _heads(sums if alone else each, span, since, alone=alone)]
        parts += [_middle(each, sums, span, currency, alone=alone) for currency in currencies]
    parts += [_best(each, currency, question.most, alone=alone) for currency in currencies]
    return union_all(*parts)


def _each(question: CustomerQuestion) -> CTE:
    """A row for each buyer and currency, in the order of the index; null where nothing moved."""
    now = _DAY.local_day >= question.since
    columns = [
        _DAY.buyer,
        _DAY.currency,
        func.min(_DAY.local_day).filter(_DAY.payments > 0).label("first"),
        *_in_span(now, 0),
    ]
    if question.before is not None:
        earlier = and_(_DAY.local_day >= question.before, _DAY.local_day < question.since)
        columns += _in_span(earlier, 1)
    query = (
        select(*columns)
        .where(_DAY.local_day <= question.until, _DAY.buyer > "")
        .group_by(_DAY.buyer, _DAY.currency)
    )
    return query.cte("each").prefix_with("MATERIALIZED")


def _in_span(within: ColumnElement[bool], span: int) -> list[ColumnElement[Any]]:
    return [
        func.sum(_DAY.payments).filter(within).label(f"payments{span}"),
        func.sum(_DAY.net).filter(within).label(f"net{span}"),
    ]


def _row(
    what: str,
    span: int,
    currency: Any = None,
    buyer: Any = None,
    count: Any = None,
    net: Any = None,
) -> list[Any]:
    """In the order that `_Found` takes; what a kind does not tell is null."""
    told = [null() if value is None else value for value in (currency, buyer, count, net)]
    return [literal(what).label("what"), literal(span).label("span"), *told]


def _sums(each: CTE, spans: Sequence[tuple[int, date]]) -> CTE:
    """A row for each currency: how many paid in each span, what they brought, who came back."""
    columns: list[ColumnElement[Any]] = [each.c.currency]
    for span, since in spans:
        paid = each.c[f"payments{span}"] > 0
        columns += [
            func.count().filter(paid).label(f"number{span}"),
            func.sum(each.c[f"net{span}"]).filter(paid).label(f"net{span}"),
            func.count().filter(paid, each.c["first"] < since).label(f"back{span}"),
        ]
    query = select(*columns).group_by(each.c.currency)
    return query.cte("sums").prefix_with("MATERIALIZED")


def _told(sums: CTE, span: int) -> Select[Any]:
    number, net = sums.c[f"number{span}"], sums.c[f"net{span}"]
    return select(*_row("sum", span, sums.c.currency, None, number, net)).where(number > 0)


def _paid(each: CTE, span: int, currency: str, *, alone: bool) -> list[ColumnElement[bool]]:
    """Nothing is compared with the only currency there is: that costs a tenth of the time."""
    found: list[ColumnElement[bool]] = [each.c[f"payments{span}"] > 0]
    return found if alone else [*found, each.c.currency == currency]


def _middle(each: CTE, sums: CTE, span: int, currency: str, *, alone: bool) -> Select[Any]:
    """The two in the middle of those who paid; of an odd number the first of them is. A window
    over all of them takes five times as long as the sort that this is."""
    number = sums.c[f"number{span}"]
    before = select((number - case((number > 0, 1), else_=0)) // 2)
    before = before.where(sums.c.currency == currency)
    net = each.c[f"net{span}"]
    both = (
        select(net.label("net"))
        .where(*_paid(each, span, currency, alone=alone))
        .order_by(net)
        .limit(2)
        .offset(func.coalesce(before.scalar_subquery(), 0))
        .subquery()
    )
    return select(*_row("middle", span, literal(currency), None, literal(1), both.c.net))


def _heads(of: CTE, span: int, since: date, *, alone: bool) -> Select[Any]:
    """Whoever paid in two currencies is one, of `each`; where there is one currency, its sums
    know already."""
    if alone:
        number, back = func.sum(of.c[f"number{span}"]), func.sum(of.c[f"back{span}"])
        return select(*_row("heads", span, None, None, func.coalesce(number, 0), back))
    person = (
        select(func.min(of.c["first"]).label("first"))
        .where(of.c["first"].is_not(None))
        .group_by(of.c.buyer)
        .having(func.sum(of.c[f"payments{span}"]) > 0)
        .subquery()
    )
    returning = func.sum(case((person.c["first"] < since, 1), else_=0))
    row = _row("heads", span, None, None, func.count(), returning)
    return select(*row).select_from(person)


def _best(each: CTE, currency: str, most: int, *, alone: bool) -> Select[Any]:
    c = each.c
    best = (
        select(c.buyer, c.payments0, c.net0)
        .where(*_paid(each, 0, currency, alone=alone))
        .order_by(c.net0.desc(), c.buyer)
        .limit(most)
        .subquery()
    )
    b = best.c
    return select(*_row("top", 0, literal(currency), b.buyer, b.payments0, b.net0))


def _unknown(question: CustomerQuestion) -> Select[Any]:
    sums = (func.sum(_DAY.payments), func.sum(_DAY.net))
    return (
        select(*_row("unknown", 0, _DAY.currency, None, *sums))
        .where(_DAY.buyer == "", _DAY.local_day.between(question.since, question.until))
        .group_by(_DAY.currency)
    )


class _Found:
    """The rows of the statement, sorted into what they tell."""

    def __init__(self) -> None:
        self.unknown: dict[str, Unattributed] = {}
        self.top: list[tuple[str, str, int, int]] = []
        self._sums: dict[tuple[int, str], tuple[int, int]] = {}
        self._middles: dict[tuple[int, str], list[int]] = {}
        self._heads: dict[int, tuple[int, int]] = {}

    def take(self, row: Sequence[Any]) -> None:
        what, span, currency, buyer, count, net = row
        count, net = int(count), int(net or 0)
        match what:
            case "sum":
                self._sums[span, currency] = count, net
            case "middle":
                self._middles.setdefault((span, currency), []).append(net)
            case "heads":
                self._heads[span] = count, net
            case "top":
                self.top.append((currency, buyer, count, net))
            case _:
                self.unknown[currency] = Unattributed(count, net)

    def heads(self, span: int) -> tuple[int, int]:
        return self._heads.get(span, (0, 0))

    def revenue(self, span: int) -> dict[str, PerCustomer]:
        return {
            currency: PerCustomer(*sums, _in_the_middle(sums[0], self._middles[span, currency]))
            for (of, currency), sums in sorted(self._sums.items())
            if of == span
        }


def _in_the_middle(number: int, nets: Sequence[int]) -> tuple[int, int]:
    return min(nets), max(nets) if number % 2 == 0 else min(nets)


def _named(connection: Connection, top: Sequence[tuple[str, str, int, int]]) -> list[TopCustomer]:
    ids = {buyer for _, buyer, _, _ in top}
    query = select(buyers.c.buyer, buyers.c.name, buyers.c.email).where(buyers.c.buyer.in_(ids))
    known = {row.buyer: (row.name, row.email) for row in connection.execute(query)}
    ordered = sorted(top, key=lambda one: (one[0], -one[3], one[1]))
    return [
        TopCustomer(buyer, *known.get(buyer, ("", "")), currency, payments, net)
        for currency, buyer, payments, net in ordered
    ]
