"""What `benchmarks.reminders` measures, one process each: fill a store, plan and queue, or loop."""

import json
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

from benchmarks.reminders import PAID

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)  # a Monday, ten o'clock in Paris
DUE = NOW - timedelta(days=8)
BEGAN = NOW - timedelta(days=60)
BATCH = 5_000


def main(what: str, path: Path, count: int) -> None:
    if what == "fill":
        _fill(path, count)
        print("{}")
        return
    from stakactl.adapters.database.store import Store

    store = Store.open(f"sqlite:///{path}")
    work = {"ours": _ours, "orm": _by_orm}[what]
    _load_everything(store)  # what is imported once is no matter of how many there are
    started = time.perf_counter()
    queued = work(store, count)
    seconds = time.perf_counter() - started
    waiting = store.outbox.waiting(NOW)
    if not queued == waiting == count:
        raise RuntimeError(f"{queued} queued, {waiting} wait, {count} were due")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


def _ours(store: Any, count: int) -> int:
    from stakactl.operations.reminders import queue_reminders

    ports = SimpleNamespace(
        policy=_policy(count),
        clock=SimpleNamespace(now=lambda: NOW, local_date=lambda moment: moment.date()),
        progress=_silent(),
        receivables=store.receivables,
        outbox=store.outbox,
        restores=store.restores,
    )
    return queue_reminders(cast(Any, ports))[1]


def _load_everything(store: Any) -> None:
    import sqlmodel  # noqa: F401

    import stakactl.adapters.database.tables.application
    import stakactl.operations.reminders  # noqa: F401

    store.outbox.waiting(NOW)
    next(store.receivables.overdue(BEGAN), None)


def _silent() -> Any:
    from stakactl.output.progress import Silent

    return Silent()


def _policy(ceiling: int) -> Any:
    from stakactl.domain.reminders import ReminderRules
    from stakactl.domain.working_hours import WorkingHours

    rules = ReminderRules(hours=WorkingHours(ZoneInfo("Europe/Paris")))
    return SimpleNamespace(reminders=rules, mail_since=BEGAN, nightly_max_mails=ceiling)


def _by_orm(store: Any, count: int) -> int:
    """One look-up after the other, as a program of one's own begins."""
    from sqlmodel import Session, select

    from stakactl.adapters.database.tables import invoices as own
    from stakactl.adapters.database.tables import mail, orders, stripe

    def owed_by_order(session: Any, order: Any) -> bool:
        known = session.get(stripe.SessionRow, order.stripe_session_id or "")
        return order.status == "pending" and (
            known is None or owed_by_payment(session, known.payment_intent_id)
        )

    def owed_by_payment(session: Any, intent_id: str | None) -> bool:
        intent = session.get(stripe.IntentRow, intent_id or "")
        if intent is not None and intent.status in {"succeeded", "processing"}:
            return False
        returned = (stripe.ChargeRow, stripe.RefundRow, stripe.DisputeRow)
        named = [select(row).where(row.payment_intent_id == intent_id) for row in returned]
        return not any(session.exec(query).first() for query in named)

    def remind(session: Any, subject_id: str, to: str) -> None:
        past = select(mail.OutboxRow).where(
            mail.OutboxRow.kind == "reminder", mail.OutboxRow.subject_id == subject_id
        )
        if session.exec(past).first() is None:
            row: Any = mail.OutboxRow
            session.add(
                row(
                    kind="reminder", subject_id=subject_id, step=1, recipient=to, status="queued",
                    message_id=f"<{subject_id}>", queued_at=NOW, attempts=0, deferrals=0,
                )
            )  # fmt: skip

    with Session(store.database.engine) as session:
        orders_due = select(orders.OrderRow).where(cast(Any, orders.OrderRow.due_at) < NOW)
        for order in session.exec(orders_due).all():
            if owed_by_order(session, order):
                remind(session, order.order_id, order.customer_email)
        open_ones = select(stripe.StripeInvoiceRow).where(stripe.StripeInvoiceRow.status == "open")
        for invoice in session.exec(open_ones).all():
            customer = session.get(stripe.CustomerRow, invoice.customer_id)
            paid = select(stripe.InvoicePaymentRow).where(
                stripe.InvoicePaymentRow.invoice_id == invoice.id
            )
            payment = session.exec(paid).first()
            if customer and owed_by_payment(
                session, payment.payment_intent_id if payment else None
            ):
                remind(session, invoice.id, customer.email or "")
        unpaid = select(own.InvoiceRow).where(cast(Any, own.InvoiceRow.due_at) < NOW)
        for document in session.exec(unpaid).all():
            ordered = session.get(orders.OrderRow, document.order_id)
            notes = select(own.InvoiceRow).where(own.InvoiceRow.credits_id == document.invoice_id)
            if ordered and session.exec(notes).first() is None and owed_by_order(session, ordered):
                remind(
                    session, document.invoice_id, json.loads(document.snapshot)["buyer"]["email"]
                )
        session.commit()
        return count


# The store


def _fill(path: Path, count: int) -> None:
    from stakactl.adapters.database.schema import init_database
    from stakactl.adapters.database.store import Store

    init_database(f"sqlite:///{path}")
    store = Store.open(f"sqlite:///{path}")
    third = count // 3
    ours, of_stripe = range(third), range(third, 2 * third)
    orders = range(2 * third, count)
    for start in range(0, PAID, BATCH):
        store.orders.import_orders([_order(10**6 + start + n, paid=True) for n in range(BATCH)])
    store.orders.import_orders([_order(n, due=False) for n in ours])
    store.orders.import_orders([_order(n) for n in orders])
    store.mirror.upsert([thing for n in (*ours, *orders) for thing in _tried(n)])
    store.mirror.upsert([thing for n in of_stripe for thing in _billed(n)])
    _issue(store, ours)
    store.close()


def _order(n: int, *, paid: bool = False, due: bool = True) -> Any:
    from stakactl.domain.money import Money
    from stakactl.domain.orders import Customer, Order, OrderStatus

    return Order(
        order_id=f"A-{n}",
        created_at=BEGAN + timedelta(seconds=n % 10**6),
        status=OrderStatus.PAID if paid else OrderStatus.PENDING,
        amount=Money(46_800, "eur"),
        title="Correction complète",
        customer=Customer(f"{n}@example.com", f"Client {n}"),
        stripe_session_id=f"cs_{n}",
        paid_at=BEGAN + timedelta(seconds=n % 10**6) if paid else None,
        due_at=DUE + timedelta(seconds=n % 10_000) if due and not paid else None,
    )


def _tried(n: int) -> list[Any]:
    """A session whose payment failed."""
    from stakactl.domain.money import Money
    from stakactl.domain.stripe_objects import CheckoutSession

    session = CheckoutSession(
        f"cs_{n}", BEGAN, True, "open", "unpaid", "payment", Money(46_800, "eur"), None, f"pi_{n}",
        None, None, "FR", f"A-{n}", None,
    )  # fmt: skip
    return [session, _intent(n)]


def _intent(n: int) -> Any:
    from stakactl.domain.money import Money
    from stakactl.domain.stripe_objects import PaymentIntent

    return PaymentIntent(
        f"pi_{n}", BEGAN, True, "requires_payment_method", Money(46_800, "eur"), 0, None, None,
        "card", None, None,
    )  # fmt: skip


def _billed(n: int) -> list[Any]:
    """An open invoice of Stripe's, its customer and its payment."""
    from stakactl.domain.money import Money
    from stakactl.domain.stripe_objects import InvoicePayment, StripeCustomer, StripeInvoice

    due = DUE + timedelta(seconds=n % 10_000)
    return [
        StripeInvoice(
            f"in_{n}", BEGAN, True, f"ABC-{n}", "open", Money(46_800, "eur"), 0, f"cus_{n}", None,
            due, None, None,
        ),
        StripeCustomer(f"cus_{n}", BEGAN, True, f"{n}@example.com", f"Client {n}", None, "FR"),
        InvoicePayment(f"inpay_{n}", BEGAN, True, f"in_{n}", f"pi_{n}", "open"),
        _intent(n),
    ]  # fmt: skip


def _issue(store: Any, numbers: range) -> None:
    """Unpaid invoices of ours, as rows: issuing is measured elsewhere."""
    from stakactl.adapters.database.snapshots import to_json
    from stakactl.adapters.database.tables.invoices import invoices

    rows = []
    for n in numbers:
        snapshot = _snapshot(n)
        rows.append(
            {
                "invoice_id": f"inv_{n}", "number": snapshot.number, "series": "FACT",
                "year": 2026, "sequence": n + 1, "order_id": f"A-{n}", "customer_id": f"c_{n}",
                "issued_at": BEGAN, "issued_on": BEGAN.date(), "live": True,
                "total_minor": 46_800, "currency": "eur", "snapshot": to_json(snapshot),
                "search_text": "", "pdf_status": "stored", "object_key": f"invoices/{n}.pdf",
                "run_id": "run", "due_at": DUE + timedelta(seconds=n % 10_000),
            }
        )  # fmt: skip
    with store.database.write() as connection:
        connection.execute(invoices.insert(), rows)


def _snapshot(n: int) -> Any:
    from stakactl.domain.invoicing import Company, Draft, InvoiceSnapshot, draft, totals
    from stakactl.domain.orders import Address, Nature

    order = _order(n)
    content = cast(
        Draft, draft(order, country="FR", default_rate=Decimal(20), stripe_tax_minor=None)
    )
    net, vat, total = totals(content.vat)
    return InvoiceSnapshot(
        number=f"FACT-2026-{n + 1:06}",
        issued_on=BEGAN.date(),
        supplied_on=BEGAN.date(),
        order_id=order.order_id,
        seller=Company("Staka Livres", Address("1 rue du Bac", "", "75007", "Paris", "FR")),
        buyer=order.customer,
        nature=Nature.SERVICES,
        lines=content.lines,
        vat=content.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=None,
        legal_mentions=(),
        locale="fr",
        specimen=False,
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
