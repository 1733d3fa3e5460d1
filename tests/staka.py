"""The application of Staka Livres in small: its tables, and its webhook.

`Staka` fills and looks at a database with the tables of `tests/data/staka.sql` by plain SQL, as
its own code would. `StakaServer` is its webhook: it verifies Stripe's signature by itself and
marks the order as paid, as the seed's does.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import create_engine, make_url, text

from stakactl.adapters.orders.application import opening
from stakactl.adapters.orders.application.application import MappedApplication
from tests.builders import ORDERED

TABLES = (Path(__file__).parent / "data" / "staka.sql").read_text(encoding="utf-8")
SECRET = "whsec_of_the_application"
NAMES = ("commandes", "invoices", "users")

Rows = dict[str, list[tuple[Any, ...]]]


def naive(moment: datetime) -> datetime:
    """A time as Prisma writes it: UTC, without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class Staka:
    """The application's own way to its database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(
            make_url(url).set(drivername="mysql+pymysql"), isolation_level="AUTOCOMMIT"
        )
        for statement in re.sub(r"--.*", "", TABLES).split(";"):
            if statement.strip():
                self.run(statement)
        self.user()

    def close(self) -> None:
        self._engine.dispose()

    def run(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            result = connection.execute(text(statement), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    def insert(self, table: str, values: dict[str, Any]) -> None:
        names = ", ".join(f"`{name}`" for name in values)
        places = ", ".join(f":{name}" for name in values)
        self.run(f"INSERT INTO {table} ({names}) VALUES ({places})", **values)

    def user(self, **values: Any) -> None:
        default = {
            "id": "u_1",
            "prenom": "Léa",
            "nom": "Martin 🖋",
            "email": "lea.martin@example.com",
            "password": "$2b$10$hash",
            "updatedAt": naive(ORDERED),
        }
        self.insert("users", default | values)

    def order(self, **values: Any) -> None:
        """An order that waits for its payment."""
        default = {
            "id": "A-1",
            "userId": "u_1",
            "titre": "Correction complète",
            "createdAt": naive(ORDERED),
            "updatedAt": naive(ORDERED),
            "paymentStatus": "unpaid",
            "stripeSessionId": "cs_live_1",
            "amount": 46800,
        }
        self.insert("commandes", default | values)

    def invoice(self, **values: Any) -> None:
        default = {
            "id": "f_1",
            "commandeId": "A-1",
            "number": "FACT-2026-1700000000000",
            "amount": 46800,
            "pdfUrl": "https://example.com/f_1.pdf",
            "updatedAt": naive(ORDERED),
        }
        self.insert("invoices", default | values)

    def change(self, order_id: str = "A-1", /, **values: Any) -> None:
        """Change columns by plain SQL, which leaves `updatedAt` as it is."""
        changes = ", ".join(f"`{name}` = :{name}" for name in values)
        self.run(
            f"UPDATE commandes SET {changes} WHERE id = :order_id", order_id=order_id, **values
        )

    def state(self, order_id: str = "A-1") -> tuple[str, str | None]:
        """`statut` and `paymentStatus`."""
        query = "SELECT statut, paymentStatus FROM commandes WHERE id = :order_id"
        (row,) = self.run(query, order_id=order_id)
        return row[0], row[1]

    def contents(self) -> Rows:
        """Every row of every table, and the tables themselves."""
        rows = {name: self.run(f"SELECT * FROM {name} ORDER BY id") for name in NAMES}
        return rows | {f"{name} itself": self.schema(name) for name in NAMES}

    def schema(self, name: str) -> list[tuple[Any, ...]]:
        return self.run(f"SHOW CREATE TABLE {name}")

    def tables(self) -> set[str]:
        return {row[0] for row in self.run("SHOW TABLES")}


def mapped(
    url: str, writer: Callable[..., Any] | None = None, mapping: str = "staka", page: int = 1000
) -> MappedApplication:
    """The application behind `url`, as the settings open it."""
    here = Path(__file__).parent
    return opening.open_application(
        url, "ORDERS_DATABASE_URL", here, mapping, here, writer or opening.off(), page=page
    )


class StakaServer:
    """The application's webhook. `answer` replaces its work: a status, or `hang`."""

    def __init__(self, staka: Staka) -> None:
        self.received: list[dict[str, Any]] = []
        self.answer: int | None = None
        self.hangs = False
        self.let_go = Event()
        application = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = application.receive(staka, body, self.headers["Stripe-Signature"])
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/payments/webhook"

    def receive(self, staka: Staka, body: bytes, header: str) -> int:
        if not is_signed(body, header):
            return 400
        event = json.loads(body)
        self.received.append(event)
        if self.hangs:
            self.let_go.wait(10)
        if self.answer is not None:
            return self.answer
        self.fulfil(staka, event)
        return 200

    def fulfil(self, staka: Staka, event: dict[str, Any]) -> None:
        found = event["data"]["object"]
        now = naive(datetime.now(UTC))
        if event["type"] == "checkout.session.completed" and found["payment_status"] == "paid":
            staka.run(
                "UPDATE commandes SET paymentStatus = 'paid', statut = 'EN_COURS', "
                "amount = :amount, updatedAt = :now WHERE stripeSessionId = :session",
                amount=found["amount_total"],
                now=now,
                session=found["id"],
            )
            (row,) = staka.run(
                "SELECT id FROM commandes WHERE stripeSessionId = :session", session=found["id"]
            )
            staka.invoice(commandeId=row[0], id=f"f_{row[0]}", number=f"FACT-2026-{row[0]}")

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def is_signed(body: bytes, header: str, secret: str = SECRET) -> bool:
    """Stripe's scheme, written down once more: HMAC-SHA256 over `t.body`."""
    match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", header)
    if match is None:
        return False
    wanted = hmac.new(secret.encode(), match[1].encode() + b"." + body, hashlib.sha256)
    return hmac.compare_digest(wanted.hexdigest(), match[2])


@contextmanager
def staka_server(staka: Staka) -> Iterator[StakaServer]:
    server = StakaServer(staka)
    try:
        yield server
    finally:
        server.close()
