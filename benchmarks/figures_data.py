"""A store with as many payments as wanted, spread evenly over two years that end today."""

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.figures_people import buyer_of
from stakactl.adapters.database.bulk import batches, upsert
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import balance_transactions, charges, refunds

DAYS = 730
_COUNTRIES = "FR FR FR FR FR FR BE CH DE ES IT LU GB US CA PT NL".split()
_LEVELS = ("Simple", "Intuitive", "Alchimique", "Intégrale")
_BATCH = 20_000
Row = dict[str, Any]


def fill(database: Database, rows: int) -> None:
    """Orders with charges and balance transactions, `rows` of each; some refunds and invoices."""
    for numbers in batches(range(rows), _BATCH):
        with database.write() as connection:
            made = [_payment(number, rows) for number in numbers]
            for table in (orders, charges, balance_transactions, refunds, invoices):
                found = [row for one in made for row in one.get(table.name, ())]
                upsert(connection, table, found)
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _payment(number: int, rows: int) -> dict[str, list[Row]]:
    rng = random.Random(number)
    now = datetime.now(UTC)
    at = now - timedelta(days=DAYS) + timedelta(days=DAYS) * number / rows
    key = f"{(number * 2654435761) % 4294967296:08x}{number:x}"  # scattered, as Stripe's ids are
    city = int(300 * rng.random() ** 2)
    amount = 990 + number % 9000
    made = {
        "orders": [_order(number, buyer_of(number, rows), key, at, amount, rng, city)],
        "stripe_charges": [_charge(key, at, amount)],
        "stripe_balance_transactions": [_money(key, f"ch_{key}", "charge", at, amount, 95)],
    }
    if number % 50 == 0:
        later = min(at + timedelta(days=3), now)
        made["stripe_refunds"] = [_refund(key, later, amount)]
        made["stripe_balance_transactions"] += [
            _money(f"re{key}", f"re_{key}", "refund", later, -amount, 0)
        ]
    if number % 2 == 0:
        made["invoices"] = [_invoice(number, at, amount)]
    return made


def _order(
    number: int, buyer: int, key: str, at: datetime, amount: int, rng: random.Random, city: int
) -> Row:
    return {
        "order_id": f"CMD-{number}",
        "created_at": at,
        "status": "paid",
        "amount_minor": amount,
        "currency": "eur",
        "title": f"Produit {rng.randrange(40)}",
        "customer_email": f"client{buyer}@example.com",
        "customer_name": f"Client {buyer}",
        "customer_id": f"u_{buyer}",
        "stripe_customer_id": f"cus_{buyer}",
        **dict.fromkeys("company siren vat_number line1 line2 postal_code".split(), ""),
        "city": f"Ville {city}",
        "country": _COUNTRIES[city % len(_COUNTRIES)],
        "locale": "fr",
        "stripe_payment_intent_id": f"pi_{key}",
        "vat_rate": Decimal(20),
        "nature": "services",
        "level": rng.choice(_LEVELS),
        "paid_at": at,
        "settled_at": at,
        "search_text": f"cmd-{number}",
    }


def _charge(key: str, at: datetime, amount: int) -> Row:
    return {
        "id": f"ch_{key}",
        "created_at": at,
        "livemode": False,
        "status": "succeeded",
        "amount_minor": amount,
        "currency": "eur",
        "amount_refunded_minor": 0,
        "payment_intent_id": f"pi_{key}",
        "balance_transaction_id": f"txn_{key}",
        "payment_method_type": "card",
        "captured": True,
        "unsettled": False,
    }


def _refund(key: str, at: datetime, amount: int) -> Row:
    return {
        "id": f"re_{key}",
        "created_at": at,
        "status": "succeeded",
        "amount_minor": amount,
        "currency": "eur",
        "charge_id": f"ch_{key}",
        "payment_intent_id": f"pi_{key}",
        "unsettled": False,
    }


def _money(key: str, source: str, category: str, at: datetime, amount: int, fee: int) -> Row:
    return {
        "id": f"txn_{key}",
        "created_at": at,
        "available_on": at,
        "type": category,
        "reporting_category": category,
        "amount_minor": amount,
        "fee_minor": fee,
        "net_minor": amount - fee,
        "currency": "eur",
        "source_id": source,
        "balance_type": "payments",
        "local_day": at.date(),
    }


def _invoice(number: int, at: datetime, amount: int) -> Row:
    """Only what figures read of a snapshot, and its size."""
    vat = round(amount / 6)
    group = {
        "rate": "20",
        "net": {"minor": amount - vat, "currency": "eur"},
        "vat": {"minor": vat, "currency": "eur"},
    }
    total = {"minor": amount, "currency": "eur"}
    return {
        "invoice_id": f"inv_{number}",
        "number": f"FACT-{number}",
        "series": "FACT",
        "year": at.year,
        "sequence": number,
        "order_id": f"CMD-{number}",
        "customer_id": f"u_{number}",
        "issued_at": at,
        "issued_on": at.date(),
        "live": True,
        "total_minor": amount,
        "currency": "eur",
        "snapshot": json.dumps({"vat": [group], "total": total, "rest": "x" * 1500}),
        "search_text": f"fact-{number}",
        "pdf_status": "stored",
        "object_key": f"invoices/{number}",
        "run_id": "bench",
    }
