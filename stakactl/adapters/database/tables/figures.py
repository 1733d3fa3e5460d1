"""Revenue added up by day, so that a million payments need not be read to tell of them.

Nothing here is a record: it is what the other tables make, and is made again from them.
"""

from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field

from stakactl.adapters.database.columns import Bytewise, Row, table_of


class FigureRow(Row, table=True):
    """The figures of a local day in one currency: all of it, or one name of a split. `detail` is
    the country of a city or the nature of a product. Splits stand a second time as `city:month`
    and so on, gathered by the first day of the month. SQLite keeps the rows in the key's order,
    which is that of a report."""

    __tablename__ = "figures"
    __table_args__ = ({"sqlite_with_rowid": False},)

    split: str = Field(primary_key=True)
    local_day: date = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    key: str = Field(primary_key=True, sa_type=Bytewise)
    detail: str = Field(primary_key=True)
    name: str = Field(sa_type=Bytewise)
    payments: int = Field(sa_type=BigInteger)
    gross: int = Field(sa_type=BigInteger)
    refunds: int = Field(sa_type=BigInteger)
    disputes: int = Field(sa_type=BigInteger)
    fees: int = Field(sa_type=BigInteger)
    vat: int = Field(sa_type=BigInteger)
    vat_unknown: int = Field(sa_type=BigInteger)
    other: int = Field(sa_type=BigInteger)
    payouts: int = Field(sa_type=BigInteger)


class FigureDayRow(Row, table=True):
    """The local days whose figures stand, and by which edition of the rules they were made. A day
    is taken out in the transaction that changes anything it was made of."""

    __tablename__ = "figure_days"

    local_day: date = Field(primary_key=True)
    edition: int


class FigureMonthRow(Row, table=True):
    """The months whose days were gathered, by their first day. Splits alone are gathered: a year
    of cities by day is nearly as long as its payments."""

    __tablename__ = "figure_months"

    month: date = Field(primary_key=True)
    edition: int


figures = table_of(FigureRow)
figure_months = table_of(FigureMonthRow)
figure_days = table_of(FigureDayRow)
