"""The outbox: a mail is written with its cause and sent afterwards."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, serial_id, table_of


class OutboxRow(Row, table=True):
    """The four columns from `host` on say which process claimed the mail; `details` is JSON."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id", "step"),
        Index("ix_outbox_status", "status", "mail_id"),
        {"sqlite_autoincrement": True},
    )

    mail_id: int | None = Field(default=None, sa_column=serial_id())
    kind: str
    subject_id: str
    step: int
    recipient: str
    status: str
    message_id: str = Field(unique=True)
    queued_at: datetime = Field(sa_type=UtcTime)
    claimed_at: datetime | None = Field(sa_type=UtcTime)
    sent_at: datetime | None = Field(sa_type=UtcTime)
    attempts: int
    host: str | None
    machine: str | None
    pid: int | None
    process_started: str | None
    error: str | None
    deferrals: int = Field(sa_column_kwargs={"server_default": text("0")})
    next_attempt_at: datetime | None = Field(sa_type=UtcTime)
    details: str | None


outbox = table_of(OutboxRow)
