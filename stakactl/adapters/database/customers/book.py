"""Everything of one customer, read in one transaction by lists of ids."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.customers.finding import find_customers, own_orders, payments_by
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.figures.links import orders_of, payments_of, payments_of_bills
from stakactl.adapters.database.invoices import INVOICE_COLUMNS, invoice_of
from stakactl.adapters.database.mirror import rows
from stakactl.adapters.database.mirror.rows import Shape
from stakactl.adapters.database.mirror.rows.billing import item_of
from stakactl.adapters.database.mirror.trail.reader import seen_of
from stakactl.adapters.database.order_rows import load_orders
from stakactl.adapters.database.tables import stripe as tables
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.mail import outbox
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.records import findings
from stakactl.domain.customer_record import CustomerIdentity, CustomerRecord
from stakactl.domain.customers import customer_key
from stakactl.domain.invoicing import Invoice
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.orders import Order
from stakactl.domain.stripe_objects import StripeInvoice, Subscription, SubscriptionItem
from stakactl.domain.trail import OutgoingMail, Payments, SeenFinding


class SqlCustomerBook:
    """`CustomerBook` on the order book, the mirror, the invoices and the outbox."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, name: str) -> list[CustomerIdentity]:
        with self._database.read() as connection:
            return find_customers(connection, name)

    def record(self, identity: CustomerIdentity) -> CustomerRecord:
        with self._database.read() as connection:
            order_ids = own_orders(connection, identity)
            found = load_orders(connection, order_ids)
            own = tuple(found[order_id] for order_id in order_ids)
            bills = _stripe_invoices(connection, identity.stripe_ids, order_ids)
            owners, payments = _payments(connection, identity, own, bills)
            issued = _invoices(connection, identity, own)
            about = {order_id: order_id for order_id in order_ids}
            about |= {bill.id: bill.metadata_order_id or "" for bill in bills}
            about |= {invoice.invoice_id: invoice.order_id for invoice in issued}
            c = tables.customers.c
            return CustomerRecord(
                identity,
                own,
                payments,
                owners,
                _booked(connection, payments),
                issued,
                _load(connection, rows.CUSTOMERS, among(connection, c.id, identity.stripe_ids)),
                bills,
                _subscriptions(connection, identity.stripe_ids),
                _mails(connection, about),
                _findings(connection, order_ids, [intent.id for intent in payments.intents]),
            )


def _payments(
    connection: Connection,
    identity: CustomerIdentity,
    own: tuple[Order, ...],
    bills: tuple[StripeInvoice, ...],
) -> tuple[dict[str, str], Payments]:
    """What paid their orders, and what their Stripe customers paid besides. A payment that pays
    somebody else's order is left out, whoever's customer made it."""
    order_ids = {order.order_id for order in own}
    found = payments_of(connection, order_ids)
    found |= payments_by(connection, identity.stripe_ids)
    found |= payments_of_bills(connection, {bill.id for bill in bills})
    owners = orders_of(connection, found)
    ids = [key for key in sorted(found) if owners.get(key) is None or owners[key] in order_ids]
    recorded = {order.stripe_session_id for order in own if order.stripe_session_id}
    c, s, i = tables.charges.c, tables.sessions.c, tables.intents.c
    charges = _load(connection, rows.CHARGES, among(connection, c.payment_intent_id, ids))
    through = [charge.id for charge in charges]
    opened = or_(among(connection, s.payment_intent_id, ids), among(connection, s.id, recorded))
    return {key: owners[key] for key in ids if key in owners}, Payments(
        _load(connection, rows.SESSIONS, opened),
        _load(connection, rows.INTENTS, among(connection, i.id, ids)),
        charges,
        _load(connection, rows.REFUNDS, _of(connection, tables.refunds, ids, through)),
        _load(connection, rows.DISPUTES, _of(connection, tables.disputes, ids, through)),
    )


def _of(
    connection: Connection, table: Any, payments: list[str], charges: list[str]
) -> ColumnElement[bool]:
    """Of these payments, or of their charges where the object names nothing else."""
    by_charge = among(connection, table.c.charge_id, charges)
    by_payment = among(connection, table.c.payment_intent_id, payments)
    return or_(by_payment, and_(table.c.payment_intent_id.is_(None), by_charge))


def _stripe_invoices(
    connection: Connection, stripe_ids: Collection[str], order_ids: Collection[str]
) -> tuple[StripeInvoice, ...]:
    """Billed to them, or naming or being the bill of one of their orders."""
    i, s = tables.stripe_invoices.c, tables.sessions.c
    recorded = (
        select(s.invoice_id)
        .join_from(tables.sessions, orders, orders.c.stripe_session_id == s.id)
        .where(among(connection, orders.c.order_id, order_ids), s.invoice_id.is_not(None))
    )
    billed = set(connection.scalars(recorded))
    where = or_(
        among(connection, i.customer_id, stripe_ids),
        among(connection, i.metadata_order_id, order_ids),
        among(connection, i.id, billed),
    )
    return _load(connection, rows.STRIPE_INVOICES, where)


def _invoices(
    connection: Connection, identity: CustomerIdentity, own: tuple[Order, ...]
) -> tuple[Invoice, ...]:
    """Of their orders, and those of no order that were issued to them by one of their names."""
    i = invoices.c
    names = {identity.name, *identity.stripe_ids, *map(customer_key, own)}
    order_ids = {order.order_id for order in own}
    named = or_(among(connection, i.order_id, order_ids), among(connection, i.customer_id, names))
    query = select(*INVOICE_COLUMNS).where(named).order_by(i.issued_at, i.sequence)
    found = connection.execute(query)
    return tuple(invoice_of(row) for row in found if not row.order_id or row.order_id in order_ids)


def _booked(connection: Connection, payments: Payments) -> dict[str, datetime]:
    """When each charge, refund and dispute moved the balance first."""
    b = tables.balance_transactions.c
    ids = [charge.id for charge in payments.charges]
    ids += [refund.id for refund in payments.refunds]
    ids += [dispute.id for dispute in payments.disputes]
    query = select(b.source_id, func.min(b.created_at)).group_by(b.source_id)
    where = among(connection, b.source_id, ids)
    return {key: at for key, at in connection.execute(query.where(where)) if key}


def _mails(connection: Connection, about: dict[str, str]) -> tuple[OutgoingMail, ...]:
    """The mails about their orders and invoices; the kinds are named for the index's sake."""
    m = outbox.c
    columns = (m.mail_id, m.kind, m.subject_id, m.status, m.queued_at, m.sent_at, m.error)
    where = m.kind.in_([kind.value for kind in MailKind]) & among(connection, m.subject_id, about)
    query = select(*columns).where(where).order_by(m.mail_id)
    return tuple(
        OutgoingMail(
            row.mail_id,
            MailKind(row.kind),
            about[row.subject_id] or None,
            MailStatus(row.status),
            row.queued_at,
            row.sent_at,
            row.error,
        )
        for row in connection.execute(query)
    )


def _findings(
    connection: Connection, order_ids: Collection[str], payments: Collection[str]
) -> tuple[SeenFinding, ...]:
    f = findings.c
    named = or_(
        among(connection, f.order_id, order_ids), among(connection, f.payment_intent_id, payments)
    )
    query = select(findings).where(named).order_by(f.first_seen_at, f.finding_id)
    # Asked for the open ones, SQLite would read all that are open.
    return tuple(seen_of(row) for row in connection.execute(query) if row.resolved_at is None)


def _subscriptions(connection: Connection, stripe_ids: Collection[str]) -> tuple[Subscription, ...]:
    """With their items."""
    by_customer = among(connection, tables.subscriptions.c.customer_id, stripe_ids)
    found = _load(connection, rows.SUBSCRIPTIONS, by_customer)
    item = tables.subscription_items
    of_these = among(connection, item.c.subscription_id, [one.id for one in found])
    query = select(item).where(of_these).order_by(item.c.subscription_id, item.c.position)
    items: dict[str, list[SubscriptionItem]] = defaultdict(list)
    for row in connection.execute(query):
        items[row.subscription_id].append(item_of(row))
    return tuple(replace(one, items=tuple(items[one.id])) for one in found)


def _load(connection: Connection, shape: Shape[Any], where: ColumnElement[bool]) -> tuple[Any, ...]:
    table = shape.table.c
    query = select(*shape.columns).where(where).order_by(table.created_at, table.id)
    found: Iterable[Any] = connection.execute(query)
    return tuple(shape.build(row) for row in found)
