"""What runs did and found: runs, findings and the append-only record of changes."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, serial_id, table_of


class RunRow(Row, table=True):
    __tablename__ = "runs"

    run_id: str = Field(primary_key=True)
    command: str
    started_at: datetime = Field(sa_type=UtcTime, index=True)
    finished_at: datetime | None = Field(sa_type=UtcTime)
    outcome: str | None
    summary: str = Field(sa_type=Text)


class FindingRow(Row, table=True):
    """`first_seen_at` begins anew when a resolved finding comes back; `refs` is JSON. `last_look`
    is the look that saw it last, which reads its findings back by priority."""

    __tablename__ = "findings"
    __table_args__ = (
        Index("ix_findings_open", "resolved_at", "last_run_id"),
        Index("ix_findings_look", "last_look", "priority", "since", "finding_id"),
        Index("ix_findings_resolved", "resolved_run_id"),
    )

    finding_id: str = Field(primary_key=True)
    discrepancy: str
    priority: int = Field(sa_column_kwargs={"server_default": "0"})
    since: datetime = Field(sa_type=UtcTime)
    expected: str
    seen: str
    hint: str = Field(sa_type=Text, sa_column_kwargs={"server_default": ""})
    order_id: str | None = Field(index=True)
    session_id: str | None
    payment_intent_id: str | None = Field(index=True)
    invoice_number: str | None
    refs: str = Field(sa_type=Text)
    break_on: datetime | None = Field(sa_type=UtcTime)
    historical: bool = Field(sa_column_kwargs={"server_default": text("false")})
    fix: str = Field(sa_column_kwargs={"server_default": "none"})
    first_seen_at: datetime = Field(sa_type=UtcTime)
    first_run_id: str
    last_seen_at: datetime = Field(sa_type=UtcTime)
    last_run_id: str
    last_look: str = Field(sa_column_kwargs={"server_default": ""})
    resolved_at: datetime | None = Field(sa_type=UtcTime)
    resolved_run_id: str | None


class ChangeRow(Row, table=True):
    """Append-only. `before` and `after` are JSON of the fields, without personal data.

    Where a change is made in two places, a row `intended` precedes it, and `intent_id` of the row
    that ends it (done or skipped) names that row. `undoes` names the change that one takes back.
    """

    __tablename__ = "changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    change_id: int | None = Field(default=None, sa_column=serial_id())
    run_id: str = Field(index=True)
    recorded_at: datetime = Field(sa_type=UtcTime)
    state: str
    target: str = Field(sa_column_kwargs={"server_default": "order"})
    target_id: str = Field(index=True)
    finding_id: str
    reason: str
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    intent_id: int | None = Field(sa_type=BigInteger, index=True, unique=True)
    undoes: int | None = Field(sa_type=BigInteger, index=True, unique=True)


runs = table_of(RunRow)
findings = table_of(FindingRow)
changes = table_of(ChangeRow)
