"""The time line of an id: everything that happened around it, in the order it happened.

Stripe keeps when an object was created, and what it is now; when it became so is told by events.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stakactl.domain.case import Case
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, RecordedChange
from stakactl.domain.mail import MailStatus
from stakactl.domain.money import Money
from stakactl.domain.orders import Order
from stakactl.domain.stripe_objects import (
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    Refund,
    StripeInvoice,
)
from stakactl.domain.trail import Payments, SeenFinding, Trail


class EntryKind(StrEnum):
    """What an entry is about, in the order of the chain: it decides within one second."""

    ORDER = "order"
    SESSION = "session"
    PAYMENT = "payment"
    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    BALANCE = "balance"
    PAYOUT = "payout"
    EVENT = "event"
    FINDING = "finding"
    CHANGE = "change"
    INVOICE = "invoice"
    PDF = "PDF"
    MAIL = "mail"


_RANKS = {kind: rank for rank, kind in enumerate(EntryKind)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `object_id` is whatever can be looked up next: an object of
    Stripe, an invoice number, a run, a finding."""

    at: datetime
    kind: EntryKind
    what: str
    object_id: str
    amount: Money | None = None
    order_id: str | None = None


def timeline(cases: Sequence[Case], loose: Payments, trail: Trail) -> tuple[Entry, ...]:
    """All entries, oldest first. `loose` are payments that belong to none of the orders."""
    found: dict[Entry, None] = {}
    for case in cases:
        order_id = case.order.order_id
        found.update(dict.fromkeys(_of_order(case.order)))
        objects = Payments(case.sessions, case.intents, case.charges, case.refunds, case.disputes)
        found.update(dict.fromkeys(_of_payments(objects, order_id)))
    known = {entry.object_id for entry in found}
    for entry in _of_payments(loose, None):
        if entry.object_id not in known:
            found[entry] = None
    found.update(dict.fromkeys(_of_papers(trail)))
    found.update(dict.fromkeys(_of_money(trail)))
    found.update(dict.fromkeys(_of_records(trail)))
    return tuple(sorted(found, key=lambda e: (e.at, _RANKS[e.kind], e.object_id, e.what)))


def _of_order(order: Order) -> Iterator[Entry]:
    order_id = order.order_id
    yield Entry(order.created_at, EntryKind.ORDER, "order placed", order_id, order.amount, order_id)
    if order.paid_at is not None:
        what = "paid, as the order says"
        yield Entry(order.paid_at, EntryKind.ORDER, what, order_id, None, order_id)


def _of_payments(found: Payments, order_id: str | None) -> Iterator[Entry]:
    for session in found.sessions:
        yield _session(session, order_id)
    for intent in found.intents:
        yield _intent(intent, order_id)
    for charge in found.charges:
        yield _charge(charge, order_id)
    for refund in found.refunds:
        yield _refund(refund, order_id)
    for dispute in found.disputes:
        yield _dispute(dispute, order_id)


def _session(session: CheckoutSession, order_id: str | None) -> Entry:
    now = session.status
    if session.status == "complete":
        now = "complete, " + session.payment_status.replace("_", " ")
    kind = "" if session.mode == "payment" else f" for a {session.mode}"
    what = f"session opened{kind}; now {now}"
    return Entry(
        session.created_at, EntryKind.SESSION, what, session.id, session.amount_total, order_id
    )


def _intent(intent: PaymentIntent, order_id: str | None) -> Entry:
    why = f": {intent.failure_message}" if intent.failure_message and _failed(intent) else ""
    what = f"payment begun; now {intent.status.replace('_', ' ')}{why}"
    return Entry(intent.created_at, EntryKind.PAYMENT, what, intent.id, intent.amount, order_id)


def _failed(intent: PaymentIntent) -> bool:
    return intent.status in {"requires_payment_method", "canceled"}


def _charge(charge: Charge, order_id: str | None) -> Entry:
    method = f" by {charge.payment_method_type}" if charge.payment_method_type else ""
    held = charge.status == "succeeded" and not charge.captured
    what = f"charge {'authorised' if held else charge.status}{method}"
    return Entry(charge.created_at, EntryKind.CHARGE, what, charge.id, charge.amount, order_id)


def _refund(refund: Refund, order_id: str | None) -> Entry:
    what = f"refund made; now {refund.status.replace('_', ' ')}"
    return Entry(refund.created_at, EntryKind.REFUND, what, refund.id, refund.amount, order_id)


def _dispute(dispute: Dispute, order_id: str | None) -> Entry:
    what = f"dispute opened; now {dispute.status.replace('_', ' ')}"
    return Entry(dispute.created_at, EntryKind.DISPUTE, what, dispute.id, dispute.amount, order_id)


def _of_papers(trail: Trail) -> Iterator[Entry]:
    for invoice in trail.invoices:
        issued = "invoice issued" if invoice.live else "invoice issued, cancelled since"
        if invoice.credits_id is not None:
            issued = "credit note issued"
        yield Entry(
            invoice.issued_at,
            EntryKind.INVOICE,
            issued,
            invoice.number,
            invoice.total,
            invoice.order_id,
        )
        if invoice.stored_at is not None:
            yield Entry(
                invoice.stored_at,
                EntryKind.PDF,
                "PDF stored",
                invoice.number,
                None,
                invoice.order_id,
            )
    for bill in trail.stripe_invoices:
        yield from _stripe_invoice(bill)
    for mail in trail.mails:
        name, number = f"{mail.kind} mail", f"mail {mail.mail_id}"
        waits = "" if mail.status is MailStatus.SENT else f"; now {mail.status}"
        yield Entry(
            mail.queued_at, EntryKind.MAIL, f"{name} queued{waits}", number, None, mail.order_id
        )
        if mail.sent_at is not None:
            yield Entry(mail.sent_at, EntryKind.MAIL, f"{name} sent", number, None, mail.order_id)


def _stripe_invoice(bill: StripeInvoice) -> Iterator[Entry]:
    name = f"Stripe's invoice {bill.number}" if bill.number else "Stripe's invoice"
    order_id = bill.metadata_order_id
    what = f"{name} made; now {bill.status}"
    yield Entry(bill.created_at, EntryKind.INVOICE, what, bill.id, bill.total, order_id)
    if bill.paid_at is not None:
        yield Entry(bill.paid_at, EntryKind.INVOICE, f"{name} paid", bill.id, None, order_id)


def _of_money(trail: Trail) -> Iterator[Entry]:
    for line in trail.transactions:
        fee = f", fee {line.fee}" if line.fee else ""
        what = f"{line.reporting_category.replace('_', ' ')} in the balance{fee}"
        yield Entry(line.created_at, EntryKind.BALANCE, what, line.id, line.amount)
    for payout in trail.payouts:
        why = f" ({payout.failure_code})" if payout.failure_code else ""
        kind = "payout" if payout.automatic else "manual payout"
        what = f"{kind} made; now {payout.status.replace('_', ' ')}{why}"
        yield Entry(payout.created_at, EntryKind.PAYOUT, what, payout.id, payout.amount)
        arrives = "arrives at" if payout.status in {"pending", "in_transit"} else "was due at"
        arrives = "arrived at" if payout.status == "paid" else arrives
        yield Entry(payout.arrival_at, EntryKind.PAYOUT, f"payout {arrives} the bank", payout.id)


def _of_records(trail: Trail) -> Iterator[Entry]:
    for event in trail.events:
        yield Entry(event.created_at, EntryKind.EVENT, event.type, event.id)
    for recorded in trail.changes:
        yield _change(recorded)
    for seen in trail.findings:
        yield from _finding(seen)


def _change(recorded: RecordedChange) -> Entry:
    change = recorded.change
    state = "" if recorded.state is ChangeState.DONE else f" ({recorded.state})"
    what = f"{change.reason}{state}: {_effect(change)}"
    order_id = change.target_id if change.target is ChangeTarget.ORDER else None
    return Entry(recorded.recorded_at, EntryKind.CHANGE, what, recorded.run_id, None, order_id)


def _effect(change: Change) -> str:
    """What became of the status, and the names of the other fields; `changes list` has it all."""
    fields = change.effect
    if "status" not in fields:
        return change.summary
    old, new = fields["status"]
    others = [name.removeprefix("stripe_").replace("_", " ") for name in fields if name != "status"]
    return f"status {old} → {new}" + (f"; also {', '.join(others)}" if others else "")


def _finding(seen: SeenFinding) -> Iterator[Entry]:
    finding, key = seen.finding, seen.finding.finding_id
    name, order_id = str(finding.discrepancy), finding.order_id

    def at(moment: datetime, what: str) -> Entry:
        return Entry(moment, EntryKind.FINDING, what, key, None, order_id)

    yield at(seen.first_seen_at, f"{name} found: {finding.seen}")
    if seen.resolved_at is not None:
        yield at(seen.resolved_at, f"{name} is no more")
    elif seen.last_seen_at > seen.first_seen_at:
        yield at(seen.last_seen_at, f"{name} seen last")
