"""Orders as rows, and back: one conversion each way, made for bulk."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.tables.orders import order_lines, orders
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature, Order, OrderLine, OrderStatus
from stakactl.errors import UsageError

Lines = dict[str, tuple[OrderLine, ...]]

#: What is there to be searched and sorted by.
_DERIVED = frozenset({"settled_at", "search_text", "email_key"})
#: The columns `order_of` reads, in its order.
ORDER_COLUMNS = tuple(c for c in orders.columns if c.name not in _DERIVED)


def order_values(order: Order) -> dict[str, Any]:
    """The row of an order."""
    customer, address = order.customer, order.customer.address
    if order.refunded is not None and order.refunded.currency != order.amount.currency:
        raise UsageError(
            f"order {order.order_id}: refunded in {order.refunded.currency}, "
            f"ordered in {order.amount.currency}",
            hint="correct the order and import it again",
        )
    return {
        "order_id": order.order_id,
        "created_at": order.created_at,
        "status": order.status.value,
        "amount_minor": order.amount.minor,
        "currency": order.amount.currency,
        "title": order.title,
        "customer_email": customer.email,
        "customer_name": customer.name,
        "customer_id": customer.customer_id,
        "stripe_customer_id": customer.stripe_customer_id,
        "company": customer.company,
        "siren": customer.siren,
        "vat_number": customer.vat_number,
        "line1": address.line1,
        "line2": address.line2,
        "postal_code": address.postal_code,
        "city": address.city,
        "country": address.country,
        "locale": customer.locale,
        "stripe_session_id": order.stripe_session_id,
        "stripe_payment_intent_id": order.stripe_payment_intent_id,
        "vat_rate": order.vat_rate,
        "nature": order.nature.value,
        "level": order.level,
        "paid_at": order.paid_at,
        "updated_at": order.updated_at,
        "due_at": order.due_at,
        "invoice_number": order.invoice_number,
        "refunded_minor": order.refunded.minor if order.refunded is not None else None,
        "dispute_status": order.dispute_status,
        "deleted_at": order.deleted_at,
        "settled_at": order.paid_at or order.created_at,
        "search_text": search_text(order.order_id, order.title, customer.email, customer.name),
        "email_key": customer.email.casefold(),
    }


def line_values(order: Order) -> list[dict[str, Any]]:
    """The rows of an order's lines."""
    return [
        {
            "order_id": order.order_id,
            "position": position,
            "title": line.title,
            "quantity": line.quantity,
            "unit_minor": line.unit_amount.minor,
            "currency": line.unit_amount.currency,
            "vat_rate": line.vat_rate,
        }
        for position, line in enumerate(order.lines)
    ]


def order_of(row: Sequence[Any], lines: tuple[OrderLine, ...]) -> Order:
    """The order of a row that begins with `ORDER_COLUMNS`."""
    return Order(
        order_id=row[0],
        created_at=row[1],
        status=OrderStatus(row[2]),
        amount=Money(row[3], row[4]),
        title=row[5],
        customer=Customer(
            email=row[6],
            name=row[7],
            customer_id=row[8],
            stripe_customer_id=row[9],
            company=row[10],
            siren=row[11],
            vat_number=row[12],
            address=Address(row[13], row[14], row[15], row[16], row[17]),
            locale=row[18],
        ),
        lines=lines,
        stripe_session_id=row[19],
        stripe_payment_intent_id=row[20],
        vat_rate=row[21],
        nature=Nature(row[22]),
        level=row[23],
        paid_at=row[24],
        updated_at=row[25],
        due_at=row[26],
        invoice_number=row[27],
        refunded=None if row[28] is None else Money(row[28], row[4]),
        dispute_status=row[29],
        deleted_at=row[30],
    )


def orders_of(connection: Connection, rows: Sequence[Sequence[Any]]) -> list[Order]:
    """The orders of many rows, with their lines."""
    lines = lines_of(connection, [row[0] for row in rows])
    return [order_of(row, lines.get(row[0], ())) for row in rows]


def lines_of(connection: Connection, order_ids: Sequence[str]) -> Lines:
    found: dict[str, list[OrderLine]] = defaultdict(list)
    table = order_lines.c
    query = (
        select(
            table.order_id,
            table.title,
            table.quantity,
            table.unit_minor,
            table.currency,
            table.vat_rate,
        )
        .where(among(connection, table.order_id, order_ids))
        .order_by(table.order_id, table.position)
    )
    for order_id, title, quantity, unit, currency, rate in connection.execute(query):
        found[order_id].append(OrderLine(title, quantity, Money(unit, currency), rate))
    return {order_id: tuple(lines) for order_id, lines in found.items()}


def load_orders(connection: Connection, order_ids: Iterable[str]) -> dict[str, Order]:
    """Many orders by id."""
    query = select(*ORDER_COLUMNS).where(among(connection, orders.c.order_id, order_ids))
    rows = connection.execute(query).all()
    return {order.order_id: order for order in orders_of(connection, rows)}


def search_text(*parts: str) -> str:
    """What a search looks through, case-folded alike whatever the database's locale is."""
    return "\n".join(parts).casefold()
