"""Customers of Stripe's with their subscriptions, for the store of `figures_data`."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from stakactl.adapters.database.bulk import batches, upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.stripe import (
    customers,
    products,
    subscription_items,
    subscriptions,
)

#: A customer for so many payments, some of whom buy far more often than others.
PAYMENTS_PER_CUSTOMER = 4
#: A subscription for so many payments: what a year of months makes of a million.
PAYMENTS_PER_SUBSCRIPTION = 10
_DAYS = 730
_BATCH = 20_000
Row = dict[str, Any]


def buyer_of(number: int, rows: int) -> int:
    """Which customer made a payment."""
    most = max(rows // PAYMENTS_PER_CUSTOMER, 1)
    return int(most * random.Random(number).random() ** 1.5)


def fill_people(database: Database, rows: int) -> None:
    now = datetime.now(UTC)
    opened = now - timedelta(days=_DAYS)
    plans = [_product(number, opened) for number in range(5)]
    for numbers in batches(range(rows // PAYMENTS_PER_CUSTOMER), _BATCH):
        with database.write() as connection:
            upsert(connection, customers, [_customer(number, rows, opened) for number in numbers])
    for numbers in batches(range(rows // PAYMENTS_PER_SUBSCRIPTION), _BATCH):
        with database.write() as connection:
            made = [_subscription(number, rows, now) for number in numbers]
            upsert(connection, products, plans)
            upsert(connection, subscriptions, [row for row, _ in made])
            upsert(connection, subscription_items, [item for _, item in made])


def _product(number: int, opened: datetime) -> Row:
    return {
        "id": f"prod_{number}",
        "created_at": opened,
        "livemode": False,
        "name": f"Club {number}",
    }


def _customer(number: int, rows: int, opened: datetime) -> Row:
    share = number * PAYMENTS_PER_CUSTOMER / rows
    return {
        "id": f"cus_{number}",
        "created_at": opened + timedelta(days=_DAYS * share),
        "livemode": False,
        "email": f"client{number}@example.com",
        "name": f"Client {number}",
    }


def _subscription(number: int, rows: int, now: datetime) -> tuple[Row, Row]:
    rng = random.Random(number)
    began = now - timedelta(days=_DAYS * rng.random())
    ended = began + timedelta(days=400 * rng.random()) if number % 3 == 0 else None
    ended = ended if ended and ended < now else None
    same = {
        "status": "canceled" if ended else "past_due" if number % 50 == 1 else "active",
        "customer_id": f"cus_{rng.randrange(max(rows // PAYMENTS_PER_CUSTOMER, 1))}",
        "price_id": f"price_{number % 20}",
        "currency": "eur",
        "interval": "year" if number % 4 == 0 else "month",
        "interval_count": 1,
        "started_at": began,
        "began_at": began,
        "ended_at": ended,
    }
    row = {
        **same,
        "id": f"sub_{number}",
        "created_at": began,
        "livemode": False,
        "unit_minor": 990,
        "quantity": 1,
        "canceled_at": ended,
        "unsettled": ended is None,
    }
    item = {
        **same,
        "subscription_id": f"sub_{number}",
        "position": 0,
        "product_id": f"prod_{number % 5}",
        "amount_micros": (990 + 100 * (number % 20)) * 1_000_000,
        "included_vat": Decimal(20),
    }
    return row, item
