"""What belongs to a page of claims: their orders' cases, their payments, their reminders.

Each is read for the whole page at once, by lists of ids.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.mirror.cases.reader import cases_of
from stakactl.adapters.database.mirror.rows import CHARGES, DISPUTES, INTENTS, REFUNDS, Shape
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.stripe import invoice_payments
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.receivables import PastReminder, Receivable, Source
from stakactl.domain.trail import Payments


def completed(connection: Connection, page: Sequence[Receivable]) -> list[Receivable]:
    """The claims with everything around them."""
    cases = cases_of(connection, [claim.order_id for claim in page if claim.order_id])
    stripe_ids = [c.subject_id for c in page if c.source is Source.STRIPE_INVOICE]
    payments = _payments(connection, stripe_ids) if stripe_ids else {}
    histories = _histories(connection, [claim.subject_id for claim in page])
    return [
        replace(
            claim,
            case=cases.get(claim.order_id or ""),
            payments=payments.get(claim.subject_id, claim.payments),
            history=histories.get(claim.subject_id, ()),
        )
        for claim in page
    ]


def _histories(
    connection: Connection, subject_ids: Sequence[str]
) -> dict[str, tuple[PastReminder, ...]]:
    m = outbox.c
    columns = (m.subject_id, m.step, m.status, m.recipient, m.queued_at, m.sent_at, m.error)
    query = select(*columns).where(
        m.kind == MailKind.REMINDER.value, among(connection, m.subject_id, subject_ids)
    )
    found: dict[str, list[PastReminder]] = defaultdict(list)
    for row in connection.execute(query.order_by(m.subject_id, m.step)):
        at = row.sent_at or row.queued_at
        past = PastReminder(row.step, MailStatus(row.status), row.recipient, at, row.error)
        found[row.subject_id].append(past)
    return {subject_id: tuple(pasts) for subject_id, pasts in found.items()}


def _payments(connection: Connection, invoice_ids: Sequence[str]) -> dict[str, Payments]:
    """What paid, or tried to pay, each of Stripe's invoices."""
    p = invoice_payments.c
    query = select(p.invoice_id, p.payment_intent_id).where(
        among(connection, p.invoice_id, invoice_ids), p.payment_intent_id.is_not(None)
    )
    pairs = [(row[0], row[1]) for row in connection.execute(query)]
    ids = list(dict.fromkeys(intent_id for _, intent_id in pairs))
    intents = {i.id: i for i in _load(connection, INTENTS, INTENTS.table.c.id, ids)}
    charges: dict[str, list[Any]] = defaultdict(list)
    for charge in _load(connection, CHARGES, CHARGES.table.c.payment_intent_id, ids):
        charges[charge.payment_intent_id].append(charge)
    of_charge = {charge.id: intent for intent, group in charges.items() for charge in group}
    refunds = _returned(connection, REFUNDS, ids, of_charge)
    disputes = _returned(connection, DISPUTES, ids, of_charge)
    grouped: dict[str, list[str]] = defaultdict(list)
    for invoice_id, intent_id in pairs:
        grouped[invoice_id].append(intent_id)
    return {
        invoice_id: Payments(
            intents=tuple(intents[key] for key in own if key in intents),
            charges=tuple(charge for key in own for charge in charges.get(key, ())),
            refunds=tuple(refund for key in own for refund in refunds.get(key, ())),
            disputes=tuple(dispute for key in own for dispute in disputes.get(key, ())),
        )
        for invoice_id, own in grouped.items()
    }


def _load(connection: Connection, shape: Shape[Any], column: Any, ids: Sequence[str]) -> list[Any]:
    query = select(*shape.columns).where(among(connection, column, ids))
    return [shape.build(row) for row in connection.execute(query)]


def _returned(
    connection: Connection, shape: Shape[Any], intents: Sequence[str], of_charge: dict[str, str]
) -> dict[str, list[Any]]:
    """Refunds or disputes by PaymentIntent, be it through their charge alone."""
    table = shape.table.c
    by_charge = among(connection, table.charge_id, of_charge)
    where = or_(
        among(connection, table.payment_intent_id, intents),
        and_(table.payment_intent_id.is_(None), by_charge),
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(*shape.columns).where(where)):
        thing = shape.build(row)
        found[thing.payment_intent_id or of_charge[thing.charge_id]].append(thing)
    return found
