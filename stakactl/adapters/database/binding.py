"""Which Stripe account and mode the store belongs to, for ever."""

from sqlalchemy import select

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.store import store_info
from stakactl.domain.plans import StoreIdentity
from stakactl.domain.runs import Mode
from stakactl.errors import StoreForeign


class SqlStoreBinding:
    """`StoreBinding` on the one row of `store_info`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def bind(self, account_id: str, mode: Mode) -> None:
        if self.bound() is None:
            ours = {"account_id": account_id, "mode": mode.value}
            unbound = store_info.c.account_id.is_(None)
            with self._database.write() as connection:
                connection.execute(store_info.update().where(unbound).values(**ours))
        bound = self.bound()
        if bound != (account_id, mode.value):
            account, its_mode = bound or ("", "")
            raise StoreForeign(
                f"the database {self._database.location.shown} belongs to Stripe account "
                f"{account} in {its_mode} mode, not to {account_id} in {mode} mode",
                hint="use the key of that account, or a database of its own for this one "
                "(STAKACTL_DATABASE_URL, STAKACTL_HOME)",
            )

    def require_mode(self, mode: Mode) -> None:
        """Refuse a key of another mode before Stripe is asked: it may be down, and then a live
        number would be taken for a test order."""
        bound = self.bound()
        if bound is not None and bound[1] != mode.value:
            raise StoreForeign(
                f"the database {self._database.location.shown} belongs to Stripe account "
                f"{bound[0]} in {bound[1]} mode, and STRIPE_SECRET_KEY is of {mode} mode",
                hint="use a key of that account and mode, or a database of its own for this one "
                "(STAKACTL_DATABASE_URL, STAKACTL_HOME)",
            )

    def identity(self) -> StoreIdentity:
        query = select(store_info.c.store_id, store_info.c.account_id)
        with self._database.read() as connection:
            return StoreIdentity(*connection.execute(query).one())

    def bound(self) -> tuple[str, str] | None:
        """Account and mode; None before the first contact."""
        query = select(store_info.c.account_id, store_info.c.mode)
        with self._database.read() as connection:
            account_id, mode = connection.execute(query).one()
        return None if account_id is None else (account_id, mode)
