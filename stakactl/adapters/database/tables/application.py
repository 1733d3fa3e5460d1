"""What was read of the application's own database: what each row was, and how far it was read.

Apart from the orders themselves, whose commands are quicker without it.
"""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, table_of

_PROBLEM = text("problem IS NOT NULL")


class ApplicationOrderRow(Row, table=True):
    """One row of the application's own table as it was read last. `problem` says why no order
    was made of it; its `digest` is empty then, so that it is tried again."""

    __tablename__ = "application_orders"
    __table_args__ = (
        Index(
            "ix_application_orders_problem",
            "order_id",
            sqlite_where=_PROBLEM,
            postgresql_where=_PROBLEM,
        ),
    )

    order_id: str = Field(primary_key=True)
    digest: str
    problem: str | None = Field(sa_type=Text)


class ApplicationReadingRow(Row, table=True):
    """At most one row: how far which application's orders were read."""

    __tablename__ = "application_reading"

    id: int = Field(primary_key=True)
    source: str
    read_until: datetime = Field(sa_type=UtcTime)
    compared_at: datetime = Field(sa_type=UtcTime)


application_orders = table_of(ApplicationOrderRow)
application_reading = table_of(ApplicationReadingRow)
