"""The store itself: whose it is, and who works in it at the moment."""

from datetime import datetime

from sqlmodel import Field

from stakactl.adapters.database.columns import Row, UtcTime, table_of


class StoreInfoRow(Row, table=True):
    """One row. `time_zone` is the zone of the stored local days."""

    __tablename__ = "store_info"

    id: int = Field(primary_key=True)
    store_id: str
    created_at: datetime = Field(sa_type=UtcTime)
    account_id: str | None
    mode: str | None
    time_zone: str | None


class RunLockRow(Row, table=True):
    """At most one row. `machine` tells hosts, boots and containers apart."""

    __tablename__ = "run_lock"

    name: str = Field(primary_key=True)
    token: str
    run_id: str
    command: str
    host: str
    machine: str
    pid: int
    process_started: str | None
    acquired_at: datetime = Field(sa_type=UtcTime)
    lease_until: datetime = Field(sa_type=UtcTime)


class MaintenanceRow(Row, table=True):
    """At most one row. `owner` is the run of the rollback that has it, `notice_id` names the mails
    that tell customers of it."""

    __tablename__ = "maintenance"

    name: str = Field(primary_key=True)
    reason: str
    raised_by: str
    since: datetime = Field(sa_type=UtcTime)
    until: datetime | None = Field(sa_type=UtcTime)
    owner: str | None
    notice_id: str | None


store_info = table_of(StoreInfoRow)
run_lock = table_of(RunLockRow)
maintenance = table_of(MaintenanceRow)
