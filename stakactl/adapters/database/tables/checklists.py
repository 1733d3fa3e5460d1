"""What was done and answered in going through checklists, item by item."""

from datetime import datetime

from sqlalchemy import Text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, table_of


class ChecklistRow(Row, table=True):
    __tablename__ = "checklists"

    record_id: str = Field(primary_key=True)
    name: str
    title: str
    started_by: str
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(sa_type=UtcTime)


class ChecklistItemRow(Row, table=True):
    """`place` counts from 0, in the order of the list."""

    __tablename__ = "checklist_items"

    record_id: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    place: int
    title: str
    kind: str
    state: str
    answer: str | None
    comment: str = Field(sa_type=Text)
    answered_by: str
    noted_at: datetime | None = Field(sa_type=UtcTime)
    detail: str = Field(sa_type=Text)
    hint: str = Field(sa_type=Text)


checklists = table_of(ChecklistRow)
checklist_items = table_of(ChecklistItemRow)
