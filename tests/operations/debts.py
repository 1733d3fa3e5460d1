"""What customers owe, for tests of reminders: each of the three kinds of claims.

The time is a Monday, ten in the morning in Paris; what is owed was due `late` days before.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import update

from stakactl.adapters.database.tables.invoices import invoices
from stakactl.domain.customers import customer_key
from stakactl.domain.invoicing import Draft, Invoice, draft
from stakactl.domain.mail import MailKind, MailStatus, QueuedMail
from stakactl.domain.orders import Order, OrderStatus
from stakactl.domain.stripe_objects import StripeCustomer, StripeInvoice
from stakactl.operations.invoice_snapshot import freeze_snapshot
from tests.builders import a_customer, a_stripe_invoice, an_order
from tests.operations.workshop import Workshop

MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 15, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def last_day(late: int) -> datetime:
    """An hour of the last day on which it could be paid."""
    return MONDAY - late * DAY


def unpaid_order(number: int = 1, /, late: int = 7, **fields: Any) -> Order:
    values: dict[str, Any] = {
        "order_id": f"A-{number}",
        "created_at": last_day(late) - 30 * DAY,
        "status": OrderStatus.PENDING,
        "paid_at": None,
        "due_at": last_day(late),
        "customer": a_customer(email=f"{number}@example.com", customer_id=f"u_{number}"),
        "stripe_session_id": None,
    }
    return an_order(**{**values, **fields})


def owe_order(shop: Workshop, number: int = 1, /, late: int = 7, **fields: Any) -> Order:
    order = unpaid_order(number, late=late, **fields)
    shop.orders.import_orders([order])
    return order


def owe_invoice(shop: Workshop, number: int = 1, /, late: int = 7, **fields: Any) -> Invoice:
    """An invoice of ours that was issued unpaid, its PDF stored; due when its last day is over."""
    owe_order(shop, number, late=late, due_at=None, **fields)
    case = shop.cases.case(f"A-{number}")
    assert case is not None
    content = draft(case.order, country="FR", default_rate=Decimal(20), stripe_tax_minor=None)
    assert isinstance(content, Draft)
    day = last_day(late + 30)
    invoice = shop.invoices.issue(
        case.order.order_id,
        customer_key(case.order),
        shop.policy.series,
        day,
        day.date(),
        "run_1",
        lambda number, issued_on: freeze_snapshot(shop, case, content, number, issued_on),
    )
    assert invoice is not None
    pdf = shop.renderer.render(invoice.snapshot)
    shop.store.put_if_absent(invoice.object_key, pdf)
    shop.invoices.mark_rendered(invoice.invoice_id, sha256(pdf).hexdigest())
    shop.invoices.mark_stored(invoice.invoice_id, day)
    midnight = last_day(late).replace(hour=23)
    change(shop, invoice.invoice_id, due_at=midnight, paid_at=None)
    found = shop.invoices.get(invoice.invoice_id)
    assert found is not None
    return found


def owe_stripe(shop: Workshop, number: int = 1, /, late: int = 7, **fields: Any) -> StripeInvoice:
    """An open invoice of Stripe's that was sent, and what Stripe says of it in full."""
    values: dict[str, Any] = {
        "id": f"in_{number}",
        "created_at": last_day(late) - 30 * DAY,
        "number": f"ABC-{number:04}",
        "status": "open",
        "amount_paid_minor": 0,
        "customer_id": f"cus_{number}",
        "due_at": last_day(late),
        "paid_at": None,
    }
    invoice = a_stripe_invoice(**{**values, **fields})
    email, name = f"stripe{number}@example.com", f"Client {number}"
    customer = StripeCustomer(
        f"cus_{number}", invoice.created_at, livemode=True, email=email, name=name, city=None,
        country="FR",
    )  # fmt: skip
    shop.stripe.put(invoice, customer)
    shop.mirror.upsert([invoice, customer])
    say(shop, invoice)
    return invoice


def say(shop: Workshop, invoice: StripeInvoice, **fields: Any) -> None:
    """What Stripe answers when it is asked for the invoice itself."""
    shop.stripe.bodies[invoice.id] = {
        "id": invoice.id,
        "object": "invoice",
        "status": invoice.status,
        "collection_method": "send_invoice",
        "customer": invoice.customer_id,
        "amount_remaining": invoice.total.minor - invoice.amount_paid_minor,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{invoice.id}?s=ap",
        **fields,
    }


def change(shop: Workshop, invoice_id: str, **values: Any) -> None:
    """Write into the row of an invoice, as other commands do."""
    statement = update(invoices).where(invoices.c.invoice_id == invoice_id).values(**values)
    with shop.database.database.write() as connection:
        connection.execute(statement)


def reminders(shop: Workshop) -> Iterator[QueuedMail]:
    """The outbox's reminders, oldest first."""
    found = reversed(shop.outbox.find(limit=10_000))
    return (mail for mail in found if mail.kind is MailKind.REMINDER)


def told(shop: Workshop) -> list[tuple[str, int, MailStatus]]:
    return [(mail.subject_id, mail.step, mail.status) for mail in reminders(shop)]
