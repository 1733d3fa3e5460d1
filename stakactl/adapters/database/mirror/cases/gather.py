"""Joining a batch of orders with the Stripe objects that belong to them.

Everything is loaded per batch, by lists of ids, and put together here: what belongs to whom is
written down in `domain/case.py`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.mirror.cases.billing import Billing
from stakactl.adapters.database.mirror.rows import (
    CHARGES,
    DISPUTES,
    INTENTS,
    REFUNDS,
    SESSIONS,
    Shape,
)
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import absences
from stakactl.domain.case import Case
from stakactl.domain.orders import Order
from stakactl.domain.stripe_objects import (
    Absence,
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    Refund,
    StripeKind,
)


class _Aged(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def created_at(self) -> Any: ...


Thing = TypeVar("Thing", bound=_Aged)
Groups = dict[str, list[Thing]]
_exists = orders.c.deleted_at.is_(None)


def gather(
    connection: Connection, batch: Sequence[tuple[Order, tuple[str | None, int]]]
) -> list[Case]:
    """The cases of a batch of orders, each given with the number of its live invoice and the sum
    of the credit notes on that."""
    found = _Batch(connection, [order for order, _ in batch])
    return [found.case(order, number, int(credited)) for order, (number, credited) in batch]


class _Batch:
    """What the mirror knows about the orders of one batch, grouped to be looked up."""

    def __init__(self, connection: Connection, batch: list[Order]) -> None:
        self._connection = connection
        order_ids = [order.order_id for order in batch]
        recorded_sessions = _known(order.stripe_session_id for order in batch)
        recorded_intents = _known(order.stripe_payment_intent_id for order in batch)
        self._read_sessions(order_ids, recorded_sessions)
        self._billing = Billing(connection, order_ids, self._all_sessions())
        self._read_intents(order_ids, recorded_intents)
        self._billing.follow(self._intent_ids)
        self._read_money()
        self._claims = self._session_claims(recorded_sessions)
        self._claims |= self._intent_claims()
        self._absent = {
            StripeKind.CHECKOUT_SESSION: self._absences(
                StripeKind.CHECKOUT_SESSION, recorded_sessions
            ),
            StripeKind.PAYMENT_INTENT: self._absences(StripeKind.PAYMENT_INTENT, recorded_intents),
        }
        self._existing = self._existing_orders(order_ids)

    def _read_sessions(self, order_ids: list[str], recorded: list[str]) -> None:
        table = SESSIONS.table.c
        self._sessions = {
            s.id: s for s in self._load(SESSIONS, among(self._connection, table.id, recorded))
        }
        names = or_(
            among(self._connection, table.client_reference_id, order_ids),
            among(self._connection, table.metadata_order_id, order_ids),
        )
        unclaimed = ~exists().where(orders.c.stripe_session_id == table.id)
        self._naming_sessions: Groups[CheckoutSession] = defaultdict(list)
        for session in self._load(SESSIONS, and_(names, unclaimed)):
            for reference in set(session.order_references):
                self._naming_sessions[reference].append(session)

    def _all_sessions(self) -> list[CheckoutSession]:
        naming = (s for group in self._naming_sessions.values() for s in group)
        return [*self._sessions.values(), *naming]

    def _read_intents(self, order_ids: list[str], recorded: list[str]) -> None:
        table = INTENTS.table.c
        through = (session.payment_intent_id for session in self._all_sessions())
        wanted = _known([*recorded, *through, *self._billing.paying])
        self._intents = {
            i.id: i for i in self._load(INTENTS, among(self._connection, table.id, wanted))
        }
        unclaimed = ~exists().where(orders.c.stripe_payment_intent_id == table.id)
        naming = self._load(
            INTENTS, and_(among(self._connection, table.metadata_order_id, order_ids), unclaimed)
        )
        self._naming_intents: Groups[PaymentIntent] = defaultdict(list)
        for intent in naming:
            for reference in intent.order_references:
                self._naming_intents[reference].append(intent)
        self._intent_ids = _known([*wanted, *(intent.id for intent in naming)])

    def _read_money(self) -> None:
        """Charges, refunds and disputes of the intents, be it through their charge alone."""
        ids = self._intent_ids
        self._charges: Groups[Charge] = defaultdict(list)
        for charge in self._load(
            CHARGES, among(self._connection, CHARGES.table.c.payment_intent_id, ids)
        ):
            self._charges[charge.payment_intent_id or ""].append(charge)
        intent_of = {c.id: intent for intent, group in self._charges.items() for c in group}
        self._refunds: Groups[Refund] = defaultdict(list)
        for refund in self._load(
            REFUNDS, _through(self._connection, REFUNDS, ids, list(intent_of))
        ):
            key = refund.payment_intent_id or intent_of[refund.charge_id or ""]
            self._refunds[key].append(refund)
        self._disputes: Groups[Dispute] = defaultdict(list)
        for dispute in self._load(
            DISPUTES, _through(self._connection, DISPUTES, ids, list(intent_of))
        ):
            key = dispute.payment_intent_id or intent_of[dispute.charge_id or ""]
            self._disputes[key].append(dispute)

    def _load(self, shape: Shape[Thing], where: ColumnElement[bool]) -> list[Thing]:
        rows = self._connection.execute(select(*shape.columns).where(where))
        return [shape.build(row) for row in rows]

    def _session_claims(self, recorded: list[str]) -> dict[str, set[str]]:
        """The orders that record each session; those that were deleted claim nothing any more."""
        column = orders.c.stripe_session_id
        query = select(column, orders.c.order_id).where(
            among(self._connection, column, recorded), _exists
        )
        return _grouped(self._connection.execute(query))

    def _intent_claims(self) -> dict[str, set[str]]:
        """The orders that record each PaymentIntent, itself or through a session of it."""
        column, through = orders.c.stripe_payment_intent_id, SESSIONS.table.c
        direct = select(column, orders.c.order_id).where(
            among(self._connection, column, self._intent_ids), _exists
        )
        by_session = (
            select(through.payment_intent_id, orders.c.order_id)
            .join(orders, orders.c.stripe_session_id == through.id)
            .where(among(self._connection, through.payment_intent_id, self._intent_ids), _exists)
        )
        return _grouped([*self._connection.execute(direct), *self._connection.execute(by_session)])

    def _is_free(self, intent_id: str | None, order: Order) -> bool:
        """Whether no other order has a better claim to what only names this one."""
        return not self._claims.get(intent_id or "", set()) - {order.order_id}

    def _absences(self, kind: StripeKind, recorded: list[str]) -> dict[str, Absence]:
        query = select(absences.c.object_id, absences.c.absence).where(
            absences.c.kind == kind.value, among(self._connection, absences.c.object_id, recorded)
        )
        return {key: Absence(reason) for key, reason in self._connection.execute(query)}

    def _existing_orders(self, order_ids: list[str]) -> frozenset[str]:
        """Which of the orders that the batch's objects name exist."""
        intents = [*self._intents.values()]
        intents += (i for group in self._naming_intents.values() for i in group)
        named = _named([*self._all_sessions(), *intents])
        own = named.intersection(order_ids)
        if not (others := named - own):
            return frozenset(own)
        query = select(orders.c.order_id).where(
            among(self._connection, orders.c.order_id, list(others))
        )
        return frozenset(own.union(self._connection.execute(query).scalars()))

    def case(self, order: Order, invoice_number: str | None, credited_minor: int) -> Case:
        """One order with everything that belongs to it."""
        session_id, intent_id = order.stripe_session_id, order.stripe_payment_intent_id
        sessions = {
            s.id: s
            for s in self._naming_sessions.get(order.order_id, ())
            if self._is_free(s.payment_intent_id, order)
        }
        if session_id in self._sessions:
            sessions[session_id] = self._sessions[session_id]
        naming = {
            i.id: i
            for i in self._naming_intents.get(order.order_id, ())
            if self._is_free(i.id, order)
        }
        own = self._billing.own(order.order_id, sessions.values())
        ids = _known([intent_id, *(s.payment_intent_id for s in sessions.values()), *naming])
        billed = (key for key in self._billing.paid_by(own) if self._is_free(key, order))
        ids = _known([*ids, *billed])
        stripe_invoices, invoice_payments = self._billing.of(own, ids)
        intents = [self._intents.get(key) or naming.get(key) for key in ids]
        held = [intent for intent in intents if intent is not None]
        named = _named([*sessions.values(), *held])
        claims = {key: self._claims.get(key, set()) for key in _known([session_id, *ids])}
        recorded = (
            (StripeKind.CHECKOUT_SESSION, session_id),
            (StripeKind.PAYMENT_INTENT, intent_id),
        )
        return Case(
            order=order,
            sessions=_by_age(sessions.values()),
            intents=_by_age(held),
            charges=_by_age(charge for key in ids for charge in self._charges.get(key, ())),
            refunds=_by_age(refund for key in ids for refund in self._refunds.get(key, ())),
            disputes=_by_age(dispute for key in ids for dispute in self._disputes.get(key, ())),
            absent={
                key: self._absent[kind][key]
                for kind, key in recorded
                if key and key in self._absent[kind]
            },
            claimants={
                key: tuple(sorted(who)) for key, who in claims.items() if who - {order.order_id}
            },
            other_orders=(self._existing & named) - {order.order_id},
            invoice_number=invoice_number,
            credited_minor=credited_minor,
            stripe_invoices=_by_age(stripe_invoices),
            invoice_payments=_by_age(invoice_payments),
        )


def _through(
    connection: Connection, shape: Shape[Any], intents: list[str], charges: list[str]
) -> ColumnElement[bool]:
    """Refunds or disputes of these intents, or of these charges where they name no intent."""
    table = shape.table.c
    by_charge = among(connection, table.charge_id, charges)
    by_intent = among(connection, table.payment_intent_id, intents)
    return or_(by_intent, and_(table.payment_intent_id.is_(None), by_charge))


def _grouped(pairs: Iterable[Sequence[str]]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for key, order_id in pairs:
        groups[key].add(order_id)
    return groups


def _known(ids: Iterable[str | None]) -> list[str]:
    """The ids that are there, each once, in their order."""
    return list(dict.fromkeys(key for key in ids if key))


def _named(things: Iterable[CheckoutSession | PaymentIntent]) -> set[str]:
    """The orders that the objects' own references name, existing or not."""
    return {name for thing in things for name in thing.order_references}


def _by_age(things: Iterable[Thing]) -> tuple[Thing, ...]:
    return tuple(sorted(things, key=lambda thing: (thing.created_at, thing.id)))
