"""ORDERS_WRITE=off: the application's orders are looked at, never changed."""

from stakactl.adapters.orders.application.writing import LiveOrders
from stakactl.domain.changes import Change
from stakactl.operations.ports import Holding


class OffWriter:
    """`OrderWriter` that makes no change. It still tells what became of those that another
    setting of ORDERS_WRITE began."""

    def __init__(self, live: LiveOrders) -> None:
        self._live = live

    def obstacle(self, change: Change) -> str | None:
        effect = ", ".join(f"{name} {after}" for name, (_, after) in change.effect.items())
        return (
            f"the application should say: {effect}; correct it there, or set "
            "ORDERS_WRITE=repost or sql and type: stakactl reconcile --fix"
        )

    def prepare(self, change: Change) -> Change | None:
        return None

    def write(self, change: Change) -> bool:
        return False

    def holding(self, change: Change) -> Holding:
        return self._live.holding(change)
