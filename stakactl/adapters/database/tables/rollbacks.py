"""What was done in a rollback, step by step."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, table_of


class RollbackRow(Row, table=True):
    __tablename__ = "rollbacks"

    rollback_id: str = Field(primary_key=True)
    reason: str
    started_by: str
    started_at: datetime = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime)


class RollbackStepRow(Row, table=True):
    """`ids` is a JSON array: the endpoints or events that the step is about."""

    __tablename__ = "rollback_steps"

    rollback_id: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    state: str
    begun_at: datetime | None = Field(sa_type=UtcTime)
    ended_at: datetime | None = Field(sa_type=UtcTime)
    note: str
    ids: str = Field(sa_type=Text)


rollbacks = table_of(RollbackRow)
rollback_steps = table_of(RollbackStepRow)
