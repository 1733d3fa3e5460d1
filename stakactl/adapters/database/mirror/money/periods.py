"""A period as a condition: from `since` on, before `until`; None is no limit."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement


def within(
    column: ColumnElement[Any], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    after = [] if since is None else [column >= since]
    return after + ([] if until is None else [column < until])
