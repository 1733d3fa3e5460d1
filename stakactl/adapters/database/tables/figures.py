"""Revenue added up by day, so that a million payments need not be read to tell of them.

Nothing here is a record: it is what the other tables make, and is made again from them.
"""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field

from stakactl.adapters.database.columns import Bytewise, Row, UtcTime, table_of


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


class BuyerDayRow(Row, table=True):
    """What one buyer paid on a local day in one currency; stands and goes with the figures of that
    day. `through` is the Stripe customer that names the buyer, where nothing surer does: another
    order may tell later who that is. `buyer` is empty where nobody is known."""

    __tablename__ = "buyer_days"
    __table_args__ = (
        Index("ix_buyer_days_by_buyer", "buyer", "currency", "local_day", "payments", "net"),
        Index(
            "ix_buyer_days_through",
            "through",
            "buyer",
            sqlite_where=text("through <> ''"),
            postgresql_where=text("through <> ''"),
        ),
        {"sqlite_with_rowid": False},
    )

    local_day: date = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    buyer: str = Field(primary_key=True, sa_type=Bytewise)
    through: str = Field(primary_key=True)
    payments: int = Field(sa_type=BigInteger)
    net: int = Field(sa_type=BigInteger)


class BuyerRow(Row, table=True):
    """Everybody who ever ordered or is a customer of Stripe's, once each. `name` and `email` are
    of those that they gave."""

    __tablename__ = "buyers"
    __table_args__ = (Index("ix_buyers_first_seen", "first_seen"),)

    buyer: str = Field(primary_key=True, sa_type=Bytewise)
    first_seen: datetime = Field(sa_type=UtcTime)
    name: str
    email: str


class BuyersRow(Row, table=True):
    """One row while `buyers` stands: taken out when an order or a customer of Stripe's changes."""

    __tablename__ = "figure_buyers"

    edition: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


figures = table_of(FigureRow)
buyer_days = table_of(BuyerDayRow)
buyers = table_of(BuyerRow)
figure_buyers = table_of(BuyersRow)
figure_months = table_of(FigureMonthRow)
figure_days = table_of(FigureDayRow)
