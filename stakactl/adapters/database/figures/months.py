"""Months of splits gathered from their days: long periods are told from them."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    and_,
    func,
    insert,
    literal,
    select,
    union_all,
)

from stakactl.adapters.database.bulk import upsert
from stakactl.adapters.database.tables.figures import figure_months, figures
from stakactl.adapters.database.tables.stripe import balance_transactions
from stakactl.domain.revenue import FIGURES, Grain, Split
from stakactl.domain.revenue_days import EDITION

_MONTH = Grain.MONTH
_DAY = timedelta(days=1)
#: The record of money summed by month, beside what was added up of it.
RECORD = "record:month"
#: Periods up to so long are summed from the record itself whenever they are told.
_LIVE = timedelta(days=100)
SUMS = tuple(figures.c[name] for name in FIGURES)


def by_month(split: Split) -> str:
    return f"{split}:month"


def whole_months(since: date, until: date) -> list[date]:
    """The first days of the months that lie in the period from end to end."""
    first = _MONTH.start(since)
    month = first if first == since else _MONTH.after(first)
    found = []
    while _MONTH.after(month) - _DAY <= until:
        found.append(month)
        month = _MONTH.after(month)
    return found


def ungathered(connection: Connection, since: date, until: date) -> list[date]:
    """The whole months of the period that are not gathered, or no longer."""
    months = whole_months(since, until)
    if not months:
        return []
    query = select(figure_months.c.month).where(
        figure_months.c.month.between(since, until), figure_months.c.edition == EDITION
    )
    gathered = set(connection.scalars(query))
    return [month for month in months if month not in gathered]


def gather(connection: Connection, months: Collection[date]) -> None:
    """All days of the months stand."""
    key = (figures.c.currency, figures.c.key, figures.c.detail)
    names = [figures.c.split, figures.c.local_day, *key, figures.c.name, *SUMS]
    for month in months:
        for split in Split:
            gathered = (figures.c.split == by_month(split), figures.c.local_day == month)
            connection.execute(figures.delete().where(*gathered))
            sums = select(
                literal(by_month(split)),
                literal(month),
                *key,
                func.max(figures.c.name),
                *(func.sum(column) for column in SUMS),
            )
            within = figures.c.local_day.between(month, _MONTH.after(month) - _DAY)
            days = sums.where(figures.c.split == str(split), within).group_by(*key)
            connection.execute(insert(figures).from_select(names, days))
        _gather_record(connection, month)
    upsert(connection, figure_months, [{"month": month, "edition": EDITION} for month in months])


def _gather_record(connection: Connection, month: date) -> None:
    """What the balance transactions themselves make, apart from all that was added up of them.
    It stands in the column `other`."""
    money = balance_transactions.c
    query = (
        select(money.currency, func.sum(money.amount_minor - money.fee_minor))
        .where(money.local_day.between(month, _MONTH.after(month) - _DAY))
        .group_by(money.currency)
    )
    rows = [
        {
            "split": RECORD,
            "local_day": month,
            "currency": currency,
            **dict.fromkeys(("key", "detail", "name"), ""),
            **dict.fromkeys(FIGURES, 0),
            "other": int(minor),
        }
        for currency, minor in connection.execute(query)
    ]
    gathered = (figures.c.split == RECORD, figures.c.local_day == month)
    connection.execute(figures.delete().where(*gathered))
    upsert(connection, figures, rows)


def moved(connection: Connection, since: date, until: date) -> dict[str, int]:
    """How the balance moved by the record alone: read anew, but for the whole months of a long
    period, which were when they were gathered."""
    long = until - since > _LIVE
    months = whole_months(since, until) if long else []
    sums: dict[str, int] = {}
    if months:
        gathered = (figures.c.split == RECORD, figures.c.local_day.between(months[0], months[-1]))
        for row in connection.execute(select(figures.c.currency, figures.c.other).where(*gathered)):
            sums[row[0]] = sums.get(row[0], 0) + row[1]
    money = balance_transactions.c
    key = (money.local_day, money.currency)  # in the order of the index
    total = select(*key, func.sum(money.amount_minor - money.fee_minor)).group_by(*key)
    for first, last in _around(months, since, until):
        for _, currency, minor in connection.execute(total.where(key[0].between(first, last))):
            sums[currency] = sums.get(currency, 0) + int(minor)
    return dict(sorted(sums.items()))


def rows_of(split: Split, since: date, until: date) -> Subquery:
    """The rows that a period of a split is told from: its whole months, and the days around."""
    months = whole_months(since, until)
    columns = (figures.c.currency, figures.c.key, figures.c.detail, figures.c.name, *SUMS)
    ranges = [(str(split), first, last) for first, last in _around(months, since, until)]
    if months:
        ranges.append((by_month(split), months[0], months[-1]))
    parts = [select(*columns).where(_within(*one)) for one in ranges]
    return union_all(*parts).subquery()


def _around(months: list[date], since: date, until: date) -> Iterator[tuple[date, date]]:
    if not months:
        yield since, until
        return
    if since < months[0]:
        yield since, months[0] - _DAY
    if (after := _MONTH.after(months[-1])) <= until:
        yield after, until


def _within(split: str, first: date, last: date) -> ColumnElement[bool]:
    return and_(figures.c.split == split, figures.c.local_day.between(first, last))
