"""The stored local days of money are those of one time zone; a changed setting recomputes them."""

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, update

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures.forgetting import forget_all
from stakactl.adapters.database.tables.store import store_info
from stakactl.adapters.database.tables.stripe import balance_transactions

_BATCH = 5000


class LocalDays:
    """Remembers, once it was seen, that the days are those of `time_zone`."""

    def __init__(self, time_zone: str) -> None:
        self.zone = ZoneInfo(time_zone)
        self._name = time_zone
        self.agree = False

    def settle(self, database: Database) -> None:
        """Before days are read."""
        if self.agree:
            return
        with database.read() as connection:
            settled = _stored_zone(connection) in (None, self._name)
        if not settled:
            with database.write() as connection:
                self.adopt(connection)
        self.agree = True

    def adopt(self, connection: Connection) -> None:
        """Before days are written, in the same transaction; the caller says that they `agree`
        once it is committed."""
        if self.agree:
            return
        stored = _stored_zone(connection)
        if stored != self._name:
            if stored is not None:
                self._recompute(connection)
            connection.execute(store_info.update().values(time_zone=self._name))

    def _recompute(self, connection: Connection) -> None:
        forget_all(connection)
        money = balance_transactions.c
        change = (
            update(balance_transactions)
            .where(money.id == bindparam("key"))
            .values(local_day=bindparam("day"))
        )
        last = ""
        while True:
            page = select(money.id, money.created_at).where(money.id > last).order_by(money.id)
            rows = connection.execute(page.limit(_BATCH)).all()
            if not rows:
                return
            days = [
                {"key": key, "day": created_at.astimezone(self.zone).date()}
                for key, created_at in rows
            ]
            connection.execute(change, days)
            last = rows[-1][0]


def _stored_zone(connection: Connection) -> str | None:
    return connection.execute(select(store_info.c.time_zone)).scalar()
