"""What movements of money are of: their order, its buyer and product, and the VAT it states."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.figures import buyers, links
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import order_lines, orders
from stakactl.adapters.database.tables.stripe import sessions
from stakactl.domain.revenue_days import Attribution, StatedVat, vat_by_rates, vat_by_tax

_ORDER = (
    orders.c.order_id,
    orders.c.title,
    orders.c.nature,
    orders.c.level,
    orders.c.city,
    orders.c.country,
    orders.c.amount_minor,
    orders.c.currency,
    orders.c.vat_rate,
    *buyers.OF_ORDER,
)


def attributions(connection: Connection, payments: Collection[str]) -> dict[str, Attribution]:
    """By PaymentIntent; those of which nothing is known are left out."""
    owners = links.orders_of(connection, payments)
    order_ids = set(owners.values())
    found = {row.order_id: row for row in _rows(connection, _ORDER, order_ids)}
    stated = _by_invoice(connection, order_ids)
    silent = {order_id: row for order_id, row in found.items() if order_id not in stated}
    stated |= _by_order(connection, silent)
    checkouts = _checkouts(connection, payments)
    payers = buyers.of_payments(connection, payments, owners, found)
    known: dict[str, Attribution] = {}
    for payment_id in owners.keys() | checkouts.keys() | payers.keys():
        country, taxed = checkouts.get(payment_id, ("", None))
        buyer, through = payers.get(payment_id, ("", ""))
        order = found.get(owners.get(payment_id, ""))
        if order is None:
            known[payment_id] = Attribution(
                country=country, vat=taxed, buyer=buyer, through=through
            )
            continue
        known[payment_id] = Attribution(
            product=order.title,
            nature=order.nature,
            level=order.level,
            city=order.city,
            country=order.country or country,
            vat=stated.get(order.order_id, taxed),
            buyer=buyer,
            through=through,
        )
    return known


def _rows(connection: Connection, columns: Sequence[Any], order_ids: Collection[str]) -> list[Any]:
    key = columns[0]
    return list(connection.execute(select(*columns).where(among(connection, key, order_ids))))


def _by_order(connection: Connection, found: dict[str, Any]) -> dict[str, StatedVat]:
    """From the rates of the lines, or the order's own; none where one of them is missing or the
    lines are not what was due."""
    table = order_lines.c
    columns = (table.order_id, table.quantity, table.unit_minor, table.vat_rate)
    lines: dict[str, list[Any]] = defaultdict(list)
    for line in _rows(connection, columns, found):
        lines[line.order_id].append(line)
    stated: dict[str, StatedVat] = {}
    for order_id, order in found.items():
        own = [
            (order.vat_rate if line.vat_rate is None else line.vat_rate,
             line.quantity * line.unit_minor)
            for line in lines[order_id]
        ] or [(order.vat_rate, order.amount_minor)]  # fmt: skip
        gross: dict[Decimal, int] = {}
        for rate, minor in own:
            if rate is not None:
                gross[rate] = gross.get(rate, 0) + minor
        whole = sum(gross.values()) == order.amount_minor and all(
            rate is not None for rate, _ in own
        )
        vat = vat_by_rates([*gross.items()], order.currency) if whole else None
        if vat is not None:
            stated[order_id] = vat
    return stated


def _by_invoice(connection: Connection, order_ids: Collection[str]) -> dict[str, StatedVat]:
    """From the live invoice, else the last one that was cancelled: credit notes state the same
    rates, and are no sales of their own."""
    query = (
        select(invoices.c.order_id, invoices.c.snapshot)
        .where(among(connection, invoices.c.order_id, order_ids), invoices.c.credits_id.is_(None))
        .order_by(invoices.c.live, invoices.c.issued_at, invoices.c.year, invoices.c.sequence)
    )
    last = {row.order_id: row.snapshot for row in connection.execute(query)}
    stated = {order_id: _by_snapshot(snapshot) for order_id, snapshot in last.items()}
    return {order_id: vat for order_id, vat in stated.items() if vat is not None}


def _by_snapshot(snapshot: str) -> StatedVat | None:
    """Only the VAT groups are read: a million invoices are not built to be added up."""
    frozen = json.loads(snapshot)
    groups = [
        (Decimal(group["rate"]), group["net"]["minor"] + group["vat"]["minor"])
        for group in frozen["vat"]
    ]
    return vat_by_rates(groups, frozen["total"]["currency"])


def _checkouts(
    connection: Connection, payments: Collection[str]
) -> dict[str, tuple[str, StatedVat | None]]:
    """The country that the buyer named to Checkout, and the tax that Stripe computed there."""
    table = sessions.c
    query = (
        select(
            table.payment_intent_id,
            table.customer_country,
            table.amount_total_minor,
            table.amount_tax_minor,
            table.currency,
        )
        .where(among(connection, table.payment_intent_id, payments))
        .order_by(table.id)
    )
    return dict(_checkout(*row) for row in connection.execute(query))


def _checkout(
    payment_id: str, country: str | None, total: int | None, tax: int | None, currency: str | None
) -> tuple[str, tuple[str, StatedVat | None]]:
    known = total is not None and tax is not None and currency is not None
    vat = vat_by_tax(total or 0, tax or 0, currency or "") if known else None
    return payment_id, (country or "", vat)
