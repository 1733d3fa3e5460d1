"""What was told of each alert rule that ever fired."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Text, text
from sqlmodel import Field

from stakactl.adapters.database.columns import ExactDecimal, Row, UtcTime, table_of


class AlertRow(Row, table=True):
    """`detail` is JSON of the words in both languages. `notices` never goes down: it numbers the
    mails of a rule (`outbox.step`)."""

    __tablename__ = "alerts"

    rule_id: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcTime)
    value: Decimal = Field(sa_type=ExactDecimal)
    detail: str = Field(sa_type=Text)
    seen_at: datetime = Field(sa_type=UtcTime)
    notices: int = Field(sa_column_kwargs={"server_default": text("0")})
    noticed_at: datetime | None = Field(sa_type=UtcTime)
    posted: int = Field(sa_column_kwargs={"server_default": text("0")})
    cleared_at: datetime | None = Field(sa_type=UtcTime)


alerts = table_of(AlertRow)
