"""What happened with a customer as rows: payments, refunds, disputes, invoices and credit notes."""

from collections.abc import Iterator
from datetime import datetime

from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.invoice_status import status_of
from stakactl.domain.invoicing import Invoice
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import PaymentIntent
from stakactl.output.view import Item


def rows_of(record: CustomerRecord, now: datetime) -> Iterator[Item]:
    moments = {
        charge.payment_intent_id: record.booked.get(charge.id, charge.created_at)
        for charge in record.payments.charges
        if charge.status == "succeeded"
    }
    for intent in record.payments.intents:
        yield _payment(intent, record.owners.get(intent.id), moments.get(intent.id))
    of_charge = {charge.id: charge.payment_intent_id for charge in record.payments.charges}
    things = (("refund", record.payments.refunds), ("dispute", record.payments.disputes))
    for kind, group in things:
        for thing in group:
            payment = thing.payment_intent_id or of_charge.get(thing.charge_id or "")
            at = record.booked.get(thing.id, thing.created_at)
            order_id = record.owners.get(payment or "")
            yield _row(at, kind, thing.id, order_id, thing.status, thing.amount, about=payment)
    yield from (_invoice(invoice, now) for invoice in record.invoices)
    for bill in record.stripe_invoices:
        name, status, total = bill.number or bill.id, bill.status, bill.total
        at, order_id = bill.created_at, bill.metadata_order_id
        yield _row(at, "Stripe invoice", name, order_id, status, total, paid_at=bill.paid_at)


def _payment(intent: PaymentIntent, order_id: str | None, at: datetime | None) -> Item:
    received = Money(intent.amount_received_minor, intent.amount.currency)
    amount = received if intent.status == "succeeded" else intent.amount
    method, status = intent.payment_method_type, intent.status
    about = intent.failure_message
    moment = at or intent.created_at
    return _row(
        moment, "payment", intent.id, order_id, status, amount, paid_at=at, method=method,
        about=about,
    )  # fmt: skip


def _invoice(invoice: Invoice, now: datetime) -> Item:
    snapshot, credit = invoice.snapshot, invoice.is_credit_note
    sign = -1 if credit else 1
    return _row(
        invoice.issued_at,
        "credit note" if credit else "invoice",
        invoice.number,
        invoice.order_id or None,
        str(status_of(invoice.moments, now)),
        snapshot.total.times(sign),
        paid_at=invoice.moments.paid_at,
        net=snapshot.total_net.times(sign),
        vat=snapshot.total_vat.times(sign),
        about=snapshot.credited.number if snapshot.credited else invoice.reference or None,
    )


def _row(
    at: datetime,
    kind: str,
    name: str,
    order_id: str | None,
    status: str,
    amount: Money,
    *,
    paid_at: datetime | None = None,
    net: Money | None = None,
    vat: Money | None = None,
    method: str | None = None,
    about: str | None = None,
) -> Item:
    return {
        "at": at,
        "kind": kind,
        "id": name,
        "order_id": order_id,
        "status": status,
        "amount": amount,
        "paid_at": paid_at,
        "net": net,
        "vat": vat,
        "method": method,
        "about": about,
    }
