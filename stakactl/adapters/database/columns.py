"""Column types and the base of all tables.

Both databases must give the same values back: aware UTC times, exact decimals, whole minor
units. SQLite has none of these types, so each conversion is written down here once.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.orm import registry
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import SQLModel

_TEXT_LENGTH = len("2026-03-15 03:00:00.000000")


def _sqlite_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it, so that times compare as texts."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            raise ValueError("a time without time zone cannot be stored")
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:_TEXT_LENGTH]


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored and read back in UTC; a naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without time zone cannot be stored")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """SQLite's text in one step: a sync stores millions of times."""
        if dialect.name == "sqlite":
            return _sqlite_text
        return super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal kept digit by digit: SQLite would turn NUMERIC into a float."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


#: Text that both databases sort as S3 does, whatever the locale of the database.
Bytewise = String().with_variant(String(collation="C"), "postgresql")

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=_NAMES))):
    """Base of our tables; their metadata is apart from any other SQLModel in the process."""


def serial_id() -> Column[Any]:
    """A primary key that the database counts up and never gives twice."""
    wide: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
    return Column(wide, primary_key=True, autoincrement=True)


def table_of(row: type[Row]) -> Table:
    """The Core table of a row class: all queries are Core, none builds a row object."""
    table = Row.metadata.tables[str(row.__tablename__)]
    assert isinstance(table, Table)  # noqa: S101 (narrows for the type checker)
    return table


def of_customer(table: str, column: str) -> Index:
    """An index of the rows that name a customer. On SQLite, which has no statistics, of those
    alone: it would look up the many that name none."""
    return Index(f"ix_{table}_{column}", column, sqlite_where=text(f"{column} IS NOT NULL"))
