"""`FigureBook` on the tables of figures and the index of the balance transactions."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from stakactl.adapters.database.bulk import batches
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures.forgetting import lock
from stakactl.adapters.database.figures.months import SUMS, gather, moved, rows_of, ungathered
from stakactl.adapters.database.local_days import LocalDays
from stakactl.adapters.database.tables.figures import figure_days, figures
from stakactl.adapters.database.tables.stripe import balance_transactions
from stakactl.domain.revenue import FIGURES, Figures, RevenueDay, Share, Split
from stakactl.domain.revenue_days import EDITION, WHOLE
from stakactl.operations.ports import RevenueAnswer, RevenueQuestion

#: Days that are added up in one transaction, and held in memory meanwhile.
DAYS_AT_ONCE = 7


class SqlFigureBook:
    """`local_days` makes the stored days those of our time zone first."""

    def __init__(self, database: Database, local_days: LocalDays) -> None:
        self._database = database
        self._local_days = local_days

    def extent(self) -> tuple[date, date] | None:
        self._local_days.settle(self._database)
        with self._database.read() as connection:
            return extent_of(connection)

    def add_up(self, since: date, until: date) -> Iterator[int]:
        self._local_days.settle(self._database)
        with self._database.read() as connection:
            days = unsettled(connection, since, until)
        yield len(days)
        for some in batches(days, DAYS_AT_ONCE):
            with self._database.write() as connection:
                _add_up(connection, some)
            yield len(some)
        with self._database.write() as connection:
            _settle(connection, since, until)

    def revenue(self, question: RevenueQuestion) -> RevenueAnswer:
        self._local_days.settle(self._database)
        first = question.before or question.since
        with self._database.read() as connection:
            days = unsettled(connection, first, question.until)
            if not days and not ungathered(connection, question.since, question.until):
                return _answer(connection, question)
        with self._database.write() as connection:  # nobody changes the record until the end
            _settle(connection, first, question.until)
            return _answer(connection, question)


def _settle(connection: Connection, since: date, until: date) -> None:
    settle_days(connection, since, until)
    gather(connection, ungathered(connection, since, until))


def settle_days(connection: Connection, since: date, until: date) -> None:
    """Nobody changes the record until the end of the transaction."""
    lock(connection, shared=False)
    if days := unsettled(connection, since, until):
        _add_up(connection, days)


def _add_up(connection: Connection, days: Sequence[date]) -> None:
    """What adds up is loaded only where something is to be added up."""
    from stakactl.adapters.database.figures.adding import add_up

    add_up(connection, days)


def extent_of(connection: Connection) -> tuple[date, date] | None:
    """One by one: together SQLite would read the whole index."""
    day = balance_transactions.c.local_day
    first = connection.scalar(select(func.min(day)))
    last = connection.scalar(select(func.max(day)))
    return None if first is None or last is None else (first, last)


def unsettled(connection: Connection, since: date, until: date) -> list[date]:
    """The days of the record that are to be added up before the period can be told."""
    extent = extent_of(connection)
    if extent is None:
        return []
    since, until = max(since, extent[0]), min(until, extent[1])
    query = select(figure_days.c.local_day).where(
        figure_days.c.local_day.between(since, until), figure_days.c.edition == EDITION
    )
    standing = set(connection.scalars(query))
    numbers = range(since.toordinal(), until.toordinal() + 1)
    return [day for day in map(date.fromordinal, numbers) if day not in standing]


def _answer(connection: Connection, question: RevenueQuestion) -> RevenueAnswer:
    since, until, before = question.since, question.until, question.before
    yesterday = since - timedelta(days=1)
    return RevenueAnswer(
        days=_days(connection, since, until),
        earlier=_days(connection, before, yesterday) if before else (),
        shares={split: _shares(connection, split, since, until, question.most) for split in Split},
        moved=moved(connection, since, until),
    )


def _days(connection: Connection, since: date, until: date) -> list[RevenueDay]:
    key = (figures.c.local_day, figures.c.currency)
    whole = (figures.c.split == WHOLE, figures.c.local_day.between(since, until))
    query = select(*key, *SUMS).where(*whole).order_by(*key)
    return [
        RevenueDay(day, currency, Figures(*sums))
        for day, currency, *sums in connection.execute(query)
    ]


def _shares(
    connection: Connection, split: Split, since: date, until: date, most: int
) -> list[Share]:
    """The largest of each currency, and what has no name, which is no rival of what has one."""
    rows = rows_of(split, since, until).c
    key = (rows.currency, rows.key, rows.detail)
    sums = [func.sum(rows[name]).label(name) for name in FIGURES]
    each = select(*key, func.max(rows.name).label("name"), *sums).group_by(*key).subquery()
    net = each.c.gross - each.c.refunds - each.c.disputes - each.c.fees
    group = (each.c.currency, each.c.key == "")
    order = (net.desc(), each.c.key, each.c.detail)
    place = func.row_number().over(partition_by=group, order_by=order).label("place")
    among = func.count().over(partition_by=group).label("among")
    ranked = select(each, place, among).subquery()
    told = (ranked.c.currency, ranked.c.name, ranked.c.detail, ranked.c.among)
    query = (
        select(*told, *(ranked.c[field] for field in FIGURES))
        .where(ranked.c.place <= most)
        .order_by(ranked.c.currency, ranked.c.place)
    )
    return [
        Share(currency, name, detail, Figures(*map(int, own)), count if name else 0)
        for currency, name, detail, count, *own in connection.execute(query)
    ]
