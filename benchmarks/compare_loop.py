"""Both sides of the comparison: our operation on a store, and the loop over an ORM."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Select, text
from sqlmodel import Session, col, create_engine, select

from stakactl.adapters.database.engine import locate
from stakactl.adapters.database.mirror.narrowing import DOUBTS
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables.invoices import InvoiceRow
from stakactl.adapters.database.tables.orders import OrderRow
from stakactl.adapters.database.tables.stripe import (
    ChargeRow,
    DisputeRow,
    IntentRow,
    RefundRow,
    SessionRow,
)
from stakactl.config import Settings
from stakactl.domain.reconciliation import Context, classify, classify_orphan
from stakactl.operations.compare import context_of
from stakactl.operations.found import Collector
from stakactl.operations.ports import Look
from stakactl.output.progress import Silent
from stakactl.wiring import Container

_PLANS = {
    "paid orders against sessions",
    "paid sessions against PaymentIntents",
    "sessions that name an order",
    "paid orders against invoices",
}


def bench_ports(url: str) -> tuple[Container, Callable[[], None]]:
    """A Container that knows nothing but the store."""
    settings = Settings(
        stakactl_database_url=SecretStr(url),
        stripe_secret_key=SecretStr("sk_live_" + "0" * 24),
        tax_rate=Decimal(20),
    )
    container = Container(settings, Silent())
    return container, container.close


def compare_all(url: str) -> int:
    """What `reconcile` does about orders and orphaned payments; its other sweeps look at invoices,
    PDFs, payouts and events. Returns how many findings there are."""
    container, close = bench_ports(url)
    now = container.clock.now()
    context = Context(now, livemode=True, default_vat_rate=Decimal(20), known_until=now)
    found = Collector(container, Look("bench", "bench", now))
    for case in container.cases.doubtful(context):
        for finding in classify(case, context):
            found.add(finding)
    for orphan in container.cases.orphans():
        found.add(classify_orphan(orphan))
    count = sum(1 for _ in found.finish())
    close()
    return count


def look_up_each(url: str, count: int) -> int:
    """What the links of `count` orders lead to, row by row; returns how many differ."""
    differ = 0
    with Session(create_engine(locate(url).url)) as session:
        for order in session.exec(select(OrderRow).limit(count)).all():
            session_id = order.stripe_session_id
            paid = session.get(SessionRow, session_id) if session_id else None
            intent = session.get(IntentRow, paid.payment_intent_id) if paid else None
            key = intent.id if intent else ""
            rows: tuple[Any, ...] = (ChargeRow, RefundRow, DisputeRow)
            found = [
                session.exec(select(row).where(col(row.payment_intent_id) == key)).all()
                for row in rows
            ]
            invoice = session.exec(
                select(InvoiceRow).where(
                    col(InvoiceRow.order_id) == order.order_id, col(InvoiceRow.live)
                )
            ).first()
            agrees = (
                paid is not None
                and intent is not None
                and (paid.payment_status, intent.status, order.status)
                == ("paid", "succeeded", "paid")
                and paid.amount_total_minor == order.amount_minor
                and not any(found[1:])
                and invoice is not None
            )
            differ += not agrees
            session.expunge_all()
    return differ


def plans(url: str) -> Iterator[str]:
    """How the database makes the longest of our comparisons."""
    container, close = bench_ports(url)
    store = Store.open(url)
    context: Context = context_of(container)
    with store.database.read() as connection:
        for doubt in DOUBTS:
            if doubt.name not in _PLANS:
                continue
            yield f"  {doubt.name}"
            query: Select[Any] = doubt.query(connection, context)
            literal = query.compile(connection, compile_kwargs={"literal_binds": True})
            sqlite = store.database.is_sqlite
            explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN (COSTS OFF)"
            for row in connection.execute(text(f"{explain} {literal}")):
                yield f"    {row[3] if sqlite else row[0]}"
    store.close()
    close()
