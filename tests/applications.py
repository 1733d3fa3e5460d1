"""A small application on any of the three databases, and inspectors of it."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text

from stakactl.adapters.orders.application.inspector import MappedOrdersInspector

_DRIVERS = {"mysql": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
_TABLE = """CREATE TABLE "Sale" (id INTEGER PRIMARY KEY, at TIMESTAMP, total DECIMAL(10, 2),
  currency VARCHAR(3), title VARCHAR(50), email VARCHAR(50), state VARCHAR(9))"""
_MAPPING = """
[orders]
table = "Sale"
amount_unit = "major"

[columns]
order_id = "id"
created_at = "at"
amount = "total"
currency = "currency"
title = "{title}"
customer_email = "email"

[[status]]
is = "paid"
when = {{ state = "PAID" }}
"""


class Application:
    """A database of the application's own with `rows` orders, the last of them `unreadable`."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder
        self._kind = make_url(url).get_backend_name()
        self._run(_TABLE)

    def sell(self, rows: int, unreadable: int = 0) -> None:
        for number in range(1, rows + 1):
            state = "LOST" if number > rows - unreadable else "PAID"
            values = f"{number}, '2026-09-01 10:00:00', 12.50, 'eur', 'Livre', 'a@b.example'"
            self._run(f"INSERT INTO \"Sale\" VALUES ({values}, '{state}')")

    def inspector(self, *, title: str = "title", mapping: str = "shop.toml", url: str = "") -> Any:
        (self._folder / "shop.toml").write_text(_MAPPING.format(title=title), encoding="utf-8")
        return MappedOrdersInspector(
            url or self.url,
            "ORDERS_DATABASE_URL",
            self._folder,
            mapping,
            self._folder,
            timeout_seconds=3,
        )

    def _run(self, statement: str) -> None:
        if self._kind == "mysql":
            statement = re.sub(r'"(\w+)"', r"`\1`", statement)
        engine = create_engine(
            make_url(self.url).set(drivername=_DRIVERS.get(self._kind, self._kind))
        )
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
