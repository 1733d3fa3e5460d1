"""What an id names, and the way from it to orders: event → refund → charge → payment → order.

Every link that Stripe or an order states is followed, so that an id which two orders claim leads
to both of them.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from stakactl.adapters.database.mirror.rows import TABLES
from stakactl.adapters.database.tables import stripe as tables
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.records import findings
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.domain.trail import Subject, SubjectKind

#: A customer may have thousands of orders: a time line of the first of them is enough.
MAX_ORDERS = 20

Node = tuple[StripeKind, str]


def find_subject(connection: Connection, name: str) -> Subject | None:
    """What `name` is, looked for where people take ids from first."""
    looks: tuple[Callable[[Connection, str], Subject | None], ...] = (
        _order,
        _own_invoice,
        _finding,
        _stripe_object,
        _stripe_number,
        _foreign_invoice,
        _recorded,
        _absent,
        _own_reference,
    )
    return next((found for look in looks if (found := look(connection, name))), None)


def _order(connection: Connection, name: str) -> Subject | None:
    if not _existing_orders(connection, [name]):
        return None
    return Subject(name, SubjectKind.ORDER, (name,))


def _own_invoice(connection: Connection, name: str) -> Subject | None:
    i = invoices.c
    this = or_(i.number == name, i.invoice_id == name)
    columns = (i.number, i.order_id, i.invoice_id, i.credits_id)
    row = connection.execute(select(*columns).where(this)).first()
    if row is None:
        return None
    if row.order_id:
        return Subject(row.number, SubjectKind.INVOICE, (row.order_id,))
    invoice_id = row.credits_id or row.invoice_id
    own = select(i.number).where(or_(i.invoice_id == invoice_id, i.credits_id == invoice_id))
    numbers = connection.execute(own.order_by(i.issued_at, i.number)).scalars()
    return Subject(row.number, SubjectKind.INVOICE, invoice_numbers=tuple(numbers))


def _own_reference(connection: Connection, name: str) -> Subject | None:
    """The newest invoice of a reference, standing or cancelled; the slowest look, so the last."""
    i = invoices.c
    query = select(i.number).where(i.reference == name, i.reference != "")
    numbers = connection.execute(query.order_by(i.issued_at.desc(), i.number.desc()).limit(1))
    number = numbers.scalar()
    return None if number is None else _own_invoice(connection, number)


def _finding(connection: Connection, name: str) -> Subject | None:
    row = connection.execute(select(findings).where(findings.c.finding_id == name)).first()
    if row is None:
        return None
    way = _Way(connection)
    if row.order_id:
        way.add_orders([row.order_id])
        return way.subject(name, SubjectKind.FINDING)
    named = [row.session_id, row.payment_intent_id, *json.loads(row.refs).values()]
    way.follow(_node(connection, key) for key in named if key)
    if row.invoice_number and not way.orders:
        own = _own_invoice(connection, row.invoice_number)
        if own is not None and own.invoice_numbers:
            return replace(own, id=name, kind=SubjectKind.FINDING)
        way.add_orders(own.order_ids if own else ())
    return way.subject(name, SubjectKind.FINDING)


def _stripe_object(connection: Connection, name: str) -> Subject | None:
    node = _node(connection, name)
    return None if node is None else _subject_of(connection, node)


def _stripe_number(connection: Connection, name: str) -> Subject | None:
    table = tables.stripe_invoices.c
    key = connection.execute(select(table.id).where(table.number == name)).scalar()
    return None if key is None else _subject_of(connection, (StripeKind.INVOICE, key))


def _foreign_invoice(connection: Connection, name: str) -> Subject | None:
    found = _orders_where(connection, orders.c.invoice_number == name)
    return Subject(name, SubjectKind.FOREIGN_INVOICE, tuple(found)) if found else None


def _recorded(connection: Connection, name: str) -> Subject | None:
    """An id that an order records and the mirror does not hold."""
    for kind, column in (
        (StripeKind.CHECKOUT_SESSION, orders.c.stripe_session_id),
        (StripeKind.PAYMENT_INTENT, orders.c.stripe_payment_intent_id),
        (StripeKind.CUSTOMER, orders.c.stripe_customer_id),
    ):
        found = _orders_where(connection, column == name)
        if found:
            return Subject(name, kind, tuple(found), absence=_absence(connection, kind, name))
    return None


def _absent(connection: Connection, name: str) -> Subject | None:
    absent = tables.absences.c
    query = select(absent.kind, absent.absence).where(absent.object_id == name)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Subject(name, StripeKind(row.kind), absence=Absence(row.absence))


def _subject_of(connection: Connection, node: Node) -> Subject:
    way = _Way(connection)
    way.follow([node])
    return way.subject(node[1], node[0])


class _Way:
    """The walk from objects of Stripe to their orders."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.orders: dict[str, None] = {}
        self.seen: dict[Node, None] = {}

    def subject(self, name: str, kind: SubjectKind | StripeKind) -> Subject:
        intents = tuple(key for kind, key in self.seen if kind is StripeKind.PAYMENT_INTENT)
        ids = tuple(key for _, key in self.seen)
        return Subject(name, kind, tuple(self.orders)[:MAX_ORDERS], intents, ids)

    def add_orders(self, names: Iterable[str]) -> None:
        self.orders.update(dict.fromkeys(names))

    def follow(self, nodes: Iterable[Node | None]) -> None:
        """Walk on from each object until no new one is met."""
        waiting = [node for node in nodes if node is not None]
        while waiting and len(self.orders) < MAX_ORDERS:
            node = waiting.pop(0)
            if node in self.seen:
                continue
            self.seen[node] = None
            step = _STEPS.get(node[0])
            if step is not None:
                waiting += step(self, node[1])

    def _rows(self, columns: Iterable[ColumnElement[Any]], where: ColumnElement[bool]) -> list[Any]:
        query = select(*columns).where(where).limit(MAX_ORDERS)
        return list(self._connection.execute(query).all())

    def session(self, name: str) -> list[Node]:
        s = tables.sessions.c
        self.add_orders(_orders_where(self._connection, orders.c.stripe_session_id == name))
        columns = (s.payment_intent_id, s.invoice_id, s.client_reference_id, s.metadata_order_id)
        nodes: list[Node] = []
        for intent, invoice, *references in self._rows(columns, s.id == name):
            nodes += _nodes(StripeKind.PAYMENT_INTENT, [intent])
            nodes += _nodes(StripeKind.INVOICE, [invoice])
            self.add_orders(_existing_orders(self._connection, references))
        return nodes

    def intent(self, name: str) -> list[Node]:
        s, i = tables.sessions.c, tables.intents.c
        self.add_orders(_orders_where(self._connection, orders.c.stripe_payment_intent_id == name))
        paid = self._rows([s.id], s.payment_intent_id == name)
        named = self._rows([i.metadata_order_id], i.id == name)
        self.add_orders(_existing_orders(self._connection, [row[0] for row in named]))
        return _nodes(StripeKind.CHECKOUT_SESSION, [row[0] for row in paid])

    def charge(self, name: str) -> list[Node]:
        c = tables.charges.c
        found = self._rows([c.payment_intent_id], c.id == name)
        return _nodes(StripeKind.PAYMENT_INTENT, [row[0] for row in found])

    def refund(self, name: str) -> list[Node]:
        return self._of_payment(tables.refunds.c, name)

    def dispute(self, name: str) -> list[Node]:
        return self._of_payment(tables.disputes.c, name)

    def _of_payment(self, c: Any, name: str) -> list[Node]:
        nodes: list[Node] = []
        for charge, intent in self._rows([c.charge_id, c.payment_intent_id], c.id == name):
            nodes += _nodes(StripeKind.CHARGE, [charge])
            nodes += _nodes(StripeKind.PAYMENT_INTENT, [intent])
        return nodes

    def transaction(self, name: str) -> list[Node]:
        b = tables.balance_transactions.c
        return self._known(row[0] for row in self._rows([b.source_id], b.id == name))

    def event(self, name: str) -> list[Node]:
        e = tables.events.c
        return self._known(row[0] for row in self._rows([e.object_id], e.id == name))

    def _known(self, names: Iterable[str | None]) -> list[Node]:
        found = (_node(self._connection, key) for key in names if key)
        return [node for node in found if node is not None]

    def invoice(self, name: str) -> list[Node]:
        p, s, i = tables.invoice_payments.c, tables.sessions.c, tables.stripe_invoices.c
        paid = self._rows([p.payment_intent_id], p.invoice_id == name)
        opened = self._rows([s.id], s.invoice_id == name)
        named = self._rows([i.metadata_order_id], i.id == name)
        self.add_orders(_existing_orders(self._connection, [row[0] for row in named]))
        return [
            *_nodes(StripeKind.PAYMENT_INTENT, [row[0] for row in paid]),
            *_nodes(StripeKind.CHECKOUT_SESSION, [row[0] for row in opened]),
        ]

    def invoice_payment(self, name: str) -> list[Node]:
        p = tables.invoice_payments.c
        found = self._rows([p.invoice_id], p.id == name)
        return _nodes(StripeKind.INVOICE, [row[0] for row in found])

    def subscription(self, name: str) -> list[Node]:
        i = tables.stripe_invoices.c
        found = self._rows([i.id], i.subscription_id == name)
        return _nodes(StripeKind.INVOICE, [row[0] for row in found])

    def customer(self, name: str) -> list[Node]:
        self.add_orders(_orders_where(self._connection, orders.c.stripe_customer_id == name))
        s = tables.sessions.c
        found = self._rows([s.id], s.customer_id == name)
        return _nodes(StripeKind.CHECKOUT_SESSION, [row[0] for row in found])


_STEPS: dict[StripeKind, Callable[[_Way, str], list[Node]]] = {
    StripeKind.CHECKOUT_SESSION: _Way.session,
    StripeKind.PAYMENT_INTENT: _Way.intent,
    StripeKind.CHARGE: _Way.charge,
    StripeKind.REFUND: _Way.refund,
    StripeKind.DISPUTE: _Way.dispute,
    StripeKind.BALANCE_TRANSACTION: _Way.transaction,
    StripeKind.EVENT: _Way.event,
    StripeKind.INVOICE: _Way.invoice,
    StripeKind.INVOICE_PAYMENT: _Way.invoice_payment,
    StripeKind.SUBSCRIPTION: _Way.subscription,
    StripeKind.CUSTOMER: _Way.customer,
}


def _nodes(kind: StripeKind, ids: Iterable[str | None]) -> list[Node]:
    return [(kind, key) for key in ids if key]


def _node(connection: Connection, name: str) -> Node | None:
    """The kind of an object that the mirror holds."""
    for kind, table in TABLES.items():
        if connection.execute(select(table.c.id).where(table.c.id == name)).first():
            return kind, name
    return None


def _absence(connection: Connection, kind: StripeKind, name: str) -> Absence | None:
    absent = tables.absences.c
    query = select(absent.absence).where(absent.kind == kind.value, absent.object_id == name)
    found = connection.execute(query).scalar()
    return None if found is None else Absence(found)


def _existing_orders(connection: Connection, names: Iterable[str | None]) -> list[str]:
    wanted = [name for name in names if name]
    return _orders_where(connection, orders.c.order_id.in_(wanted)) if wanted else []


def _orders_where(connection: Connection, where: ColumnElement[bool]) -> list[str]:
    query = select(orders.c.order_id).where(where).order_by(orders.c.created_at, orders.c.order_id)
    return list(connection.execute(query.limit(MAX_ORDERS)).scalars())
