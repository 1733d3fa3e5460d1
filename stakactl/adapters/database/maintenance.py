"""The maintenance flag: at most one row, replaced only by whoever saw it as it is."""

from typing import Any

from sqlalchemy import Connection, select

from stakactl.adapters.database.bulk import insert_missing
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.store import maintenance
from stakactl.domain.maintenance import Maintenance

_NAME = "maintenance"
_FIELDS = ("reason", "raised_by", "since", "until", "owner", "notice_id")


class SqlMaintenanceFlag:
    """`MaintenanceFlag` on the table `maintenance`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> Maintenance | None:
        with self._database.read() as connection:
            return _read(connection)

    def swap(self, seen: Maintenance | None, flag: Maintenance | None) -> bool:
        with self._database.write() as connection:
            if seen is None:
                return flag is None or insert_missing(connection, maintenance, _row(flag))
            if _read(connection, for_update=True) != seen:
                return False
            connection.execute(
                maintenance.delete() if flag is None else maintenance.update().values(_row(flag))
            )
            return True


def _read(connection: Connection, *, for_update: bool = False) -> Maintenance | None:
    query = select(*(maintenance.c[name] for name in _FIELDS))
    row = connection.execute(query.with_for_update() if for_update else query).first()
    return None if row is None else Maintenance(*row)


def _row(flag: Maintenance) -> dict[str, Any]:
    return {"name": _NAME} | {name: getattr(flag, name) for name in _FIELDS}
