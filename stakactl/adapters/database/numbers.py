"""Scanning series of invoice numbers: ours and the application's.

The database does the scan: one pass over an index says which parts of a series (a year of ours,
the numbers of an application that begin alike) are not 1, 2, 3 … in the order of their dates, and
only those are looked at number by number.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.invoices import invoices, number_series
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.restores import lost_numbers
from stakactl.adapters.database.tables.stripe import stripe_invoices
from stakactl.domain.numbering import Series
from stakactl.domain.reconciliation.numbers import (
    MAX_DIGITS,
    MIN_SEQUENCE,
    Misplaced,
    NumberGap,
    SharedNumber,
    is_sequence,
)

#: A part with more gaps than this is told in one.
MAX_GAPS = 20
_DIGITS = "0123456789"


class SqlNumberScan:
    """`NumberScan` on the invoices, the counters and the orders."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def gaps(self) -> Iterator[NumberGap]:
        with self._database.read() as connection:
            parts = _parts(connection, _taken(connection))
            found = [gap for part in parts for gap in _gaps_of_ours(connection, part)]
            found += _lost_at_the_end(connection, parts)
            found += _gaps_of_application(connection)
        return iter(found)

    def misplaced(self) -> Iterator[Misplaced]:
        with self._database.read() as connection:
            parts = _parts(connection, _taken(connection))
            found = [*_out_of_order(connection), *_counters(connection, parts)]
        return iter(found)

    def shared(self) -> Iterator[SharedNumber]:
        with self._database.read() as connection:
            found = [*_shared_with_ours(connection), *_shared_in_application(connection)]
        return iter({shared.number: shared for shared in found}.values())


# Our own series


def _taken(connection: Connection) -> FromClause:
    """The numbers that nobody misses: those of invoices, and those that a restore lost."""
    if connection.execute(select(lost_numbers.c.number).limit(1)).first() is None:
        return invoices
    names = ("series", "year", "sequence", "issued_on")
    borne = select(*(invoices.c[name] for name in names), invoices.c.issued_at)
    lost = select(*(lost_numbers.c[name] for name in names), lost_numbers.c.recorded_at)
    return borne.union_all(lost).subquery()


def _parts(connection: Connection, taken: FromClause) -> list[Row[Any]]:
    """Every year of every series, in their order."""
    table = taken.c
    query = (
        select(
            table.series,
            table.year,
            func.count().label("held"),
            func.min(table.sequence).label("lowest"),
            func.max(table.sequence).label("highest"),
            func.max(table.issued_on).label("last_issued_on"),
        )
        .group_by(table.series, table.year)
        .order_by(table.series, table.year)
    )
    return list(connection.execute(query))


def _gaps_of_ours(connection: Connection, part: Row[Any]) -> list[NumberGap]:
    if part.lowest == 1 and part.highest == part.held:
        return []
    table = _taken(connection).c
    this = (table.series == part.series) & (table.year == part.year)
    previous = func.lag(table.sequence, 1, 0).over(order_by=table.sequence).label("previous")
    numbers = select(table.sequence, table.issued_at.label("at"), previous).where(this).subquery()

    def named(sequence: int) -> str:
        return Series(part.series).number(part.year, sequence)

    label = f"{part.series}-{part.year}"
    rows = _jumps(connection, numbers)
    if len(rows) > MAX_GAPS:
        missing = part.highest - part.held
        first, last = named(rows[0].previous + 1), named(part.highest - 1)
        return [NumberGap(label, first, last, missing, None, named(part.highest), rows[0].at)]
    return [
        NumberGap(
            label,
            named(row.previous + 1),
            named(row.sequence - 1),
            row.sequence - row.previous - 1,
            named(row.previous) if row.previous else None,
            named(row.sequence),
            row.at,
        )
        for row in rows
    ]


def _jumps(connection: Connection, numbers: FromClause) -> list[Row[Any]]:
    """The numbers that do not follow the one before, the first of them; one more than is told."""
    found = select(numbers).where(numbers.c.sequence - numbers.c.previous > 1)
    return list(connection.execute(found.order_by(numbers.c.sequence).limit(MAX_GAPS + 1)))


def _lost_at_the_end(connection: Connection, parts: list[Row[Any]]) -> list[NumberGap]:
    """Numbers that the counter gave and that no invoice bears."""
    last = {part.series: part for part in parts}
    found = []
    for counter in connection.execute(select(number_series)):
        part = last.get(counter.series)
        known = part.highest if part is not None and part.year == counter.year else 0
        later = part is None or part.year <= counter.year
        if not later or counter.sequence <= known:
            continue
        series = Series(counter.series)
        found.append(
            NumberGap(
                f"{counter.series}-{counter.year}",
                series.number(counter.year, known + 1),
                series.number(counter.year, counter.sequence),
                counter.sequence - known,
                series.number(counter.year, known) if known else None,
                None,
                _midnight(counter.last_issued_on),
            )
        )
    return found


def _out_of_order(connection: Connection) -> Iterator[Misplaced]:
    """Dates that go back or lie in another year, and numbers that are not those of their place."""
    for series, year in _disordered(connection):
        yield from _misplaced(connection, series, year)


def _disordered(connection: Connection) -> list[tuple[str, int]]:
    """The years of series in which something is out of order, found day by day: the numbers of a
    later day all come after those of an earlier one. One pass, a row for each day."""
    table = invoices.c
    strange = func.sum(case((table.number != _wanted(), 1), else_=0))
    query = (
        select(
            table.series,
            table.year,
            table.issued_on,
            func.min(table.sequence).label("first"),
            func.max(table.sequence).label("last"),
            strange.label("strange"),
        )
        .group_by(table.series, table.year, table.issued_on)
        .order_by(table.series, table.year, table.issued_on)
    )
    found: dict[tuple[str, int], None] = {}
    part, highest = None, 0
    for day in connection.execute(query):
        if part != (day.series, day.year):
            part, highest = (day.series, day.year), 0
        if day.strange or day.issued_on.year != day.year or day.first < highest:
            found[part] = None
        highest = max(highest, day.last)
    return list(found)


def _wanted() -> ColumnElement[str]:
    """The number of an invoice's place: `Series.number` in SQL."""
    sequence = cast(invoices.c.sequence, String)
    zeros = func.substr("000000", func.length(sequence) + 1)
    return invoices.c.series + "-" + cast(invoices.c.year, String) + "-" + zeros + sequence


def _misplaced(connection: Connection, series: str, year: int) -> Iterator[Misplaced]:
    table = invoices.c
    previous = func.lag(table.issued_on, type_=table.issued_on.type).over(order_by=table.sequence)
    columns = (table.sequence, table.number, table.issued_on)
    this = (table.series == series) & (table.year == year)
    scanned = (
        select(*columns, _wanted().label("wanted"), previous.label("previous"))
        .where(this)
        .subquery()
    )
    number = scanned.c
    out_of_place = or_(
        number.number != number.wanted,
        number.issued_on < number.previous,
        number.issued_on < date(year, 1, 1),
        number.issued_on > date(year, 12, 31),
    )
    query = select(scanned).where(out_of_place).order_by(number.sequence)
    for row in connection.execute(query):
        yield Misplaced(
            f"{series}-{year}",
            row.number,
            f"{row.wanted}, issued on {row.previous or row.issued_on} or later in {year}",
            f"{row.number}, issued on {row.issued_on}",
            _midnight(row.issued_on),
        )


def _counters(connection: Connection, parts: list[Row[Any]]) -> Iterator[Misplaced]:
    """Counters that would give a number or a date again, or that are missing."""
    counters = {row.series: row for row in connection.execute(select(number_series))}
    for part in {part.series: part for part in parts}.values():
        counter = counters.get(part.series)
        behind = counter is None or (counter.year, counter.sequence) < (part.year, part.highest)
        if not behind and counter is not None and counter.year == part.year:
            behind = counter.last_issued_on is None or counter.last_issued_on < part.last_issued_on
        if not behind:
            continue
        last = Series(part.series).number(part.year, part.highest)
        seen = "no counter"
        if counter is not None:
            at = Series(part.series).number(counter.year, counter.sequence)
            seen = f"the counter at {at} of {counter.last_issued_on}"
        yield Misplaced(
            part.series,
            None,
            f"the counter at {last} of {part.last_issued_on}",
            seen,
            _midnight(part.last_issued_on),
        )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


# The application's own series


def _numbered() -> FromClause:
    """The numbers that the application gave itself, cut before the digits they end in."""
    number = orders.c.invoice_number
    prefix = func.rtrim(number, _DIGITS)
    digits = func.substr(number, func.length(prefix) + 1)
    ours = exists().where(invoices.c.number == number)
    stripes = exists().where(stripe_invoices.c.number == number)
    countable = func.length(digits).between(1, MAX_DIGITS)
    return (
        select(
            prefix.label("prefix"),
            # Cast only what is a number: databases may evaluate a column before the filter.
            case((countable, cast(digits, BigInteger))).label("sequence"),
            func.length(digits).label("width"),
            orders.c.settled_at.label("at"),
        )
        .where(number > "", countable, ~ours, ~stripes)
        .subquery()
    )


def _gaps_of_application(connection: Connection) -> Iterator[NumberGap]:
    named = _numbered().c
    count = func.count(named.sequence.distinct())
    lowest, highest = func.min(named.sequence), func.max(named.sequence)
    query = (
        select(
            named.prefix,
            count.label("held"),
            lowest.label("lowest"),
            highest.label("highest"),
            func.min(named.width).label("width"),
        )
        .group_by(named.prefix)
        .having(and_(count >= MIN_SEQUENCE, highest - lowest + 1 != count))
        .order_by(named.prefix)
    )
    for part in connection.execute(query):
        if is_sequence(part.held, part.lowest, part.highest):
            yield from _gaps_of_prefix(connection, part)


def _gaps_of_prefix(connection: Connection, part: Row[Any]) -> Iterator[NumberGap]:
    named = _numbered().c
    previous = func.lag(named.sequence).over(order_by=named.sequence).label("previous")
    numbers = select(named.sequence, named.at, previous).where(named.prefix == part.prefix)
    rows = _jumps(connection, numbers.subquery())

    def name(sequence: int) -> str:
        return f"{part.prefix}{sequence:0{part.width}d}"

    if len(rows) > MAX_GAPS:
        missing = part.highest - part.lowest + 1 - part.held
        first, last = name(rows[0].previous + 1), name(part.highest - 1)
        yield NumberGap(
            part.prefix, first, last, missing, name(part.lowest), name(part.highest), rows[0].at
        )
        return
    for row in rows:
        yield NumberGap(
            part.prefix,
            name(row.previous + 1),
            name(row.sequence - 1),
            row.sequence - row.previous - 1,
            name(row.previous),
            name(row.sequence),
            row.at,
        )


# Numbers that stand twice


def _shared_in_application(connection: Connection) -> Iterator[SharedNumber]:
    number, order_id = orders.c.invoice_number, orders.c.order_id
    query = (
        select(
            number.label("number"),
            func.min(order_id).label("first"),
            func.max(order_id).label("last"),
            func.count().label("orders"),
            func.max(orders.c.settled_at).label("at"),
        )
        .where(number > "")
        .group_by(number)
        .having(func.count() > 1)
        .order_by(number)
    )
    for row in connection.execute(query):
        yield SharedNumber(row.number, row.first, row.last, row.orders, row.at)


def _shared_with_ours(connection: Connection) -> Iterator[SharedNumber]:
    """A number of ours that the application gave to another order. Where ours belongs to no
    order, the application recorded it: that is one document."""
    query = (
        select(invoices.c.number, invoices.c.order_id, orders.c.order_id, invoices.c.issued_at)
        .join(orders, invoices.c.number == orders.c.invoice_number)
        .where(
            orders.c.invoice_number > "",
            invoices.c.order_id != "",
            orders.c.order_id != invoices.c.order_id,
        )
        .order_by(invoices.c.number, orders.c.order_id)
    )
    for number, ours, theirs, at in connection.execute(query):
        yield SharedNumber(number, ours, theirs, 2, at)
