"""What a restore left open: the freeze until it was compared, and the numbers issued since."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, table_of


class RestoreRow(Row, table=True):
    """The store is frozen while a row has no `thawed_at`. `counters` are those of the backup."""

    __tablename__ = "restores"

    restore_id: str = Field(primary_key=True)
    backup: str
    made_at: datetime = Field(sa_type=UtcTime)
    restored_at: datetime = Field(sa_type=UtcTime)
    thawed_at: datetime | None = Field(sa_type=UtcTime)
    counters: str = Field(sa_type=Text)


class LostNumberRow(Row, table=True):
    """A number that was taken after the backup and whose invoice is not in the store: it is never
    given again. `subject` is the order or reference that it was issued for, `credits` the number
    of the invoice that a credit note takes back; all of it empty where no document was found."""

    __tablename__ = "lost_numbers"

    number: str = Field(primary_key=True)
    series: str
    year: int
    sequence: int = Field(sa_type=BigInteger)
    issued_on: date
    subject: str = Field(index=True)
    credits: str = Field(index=True)
    invoice_id: str
    object_key: str = Field(index=True)
    recorded_at: datetime = Field(sa_type=UtcTime)
    run_id: str


restores = table_of(RestoreRow)
lost_numbers = table_of(LostNumberRow)
