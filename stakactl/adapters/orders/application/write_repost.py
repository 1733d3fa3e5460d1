"""ORDERS_WRITE=repost: the application is told again what Stripe had told it, and acts itself.

Its own fulfilment runs: it marks the order, issues its invoice, writes its mails. Nothing is
written into its database by us; whether the order became what it should is read afterwards.
"""

from typing import Any

from stakactl.adapters.orders.application.events import (
    EventSource,
    RawStripe,
    Subject,
)
from stakactl.adapters.orders.application.writing import (
    IN_THE_APPLICATION,
    LiveOrders,
    own_columns,
)
from stakactl.adapters.webhooks.sender import WebhookSender
from stakactl.domain.changes import Change
from stakactl.domain.orders import Order, OrderStatus
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.operations.ports import Clock, Holding

#: The events that tell of a session's end, by what the order becomes.
_SESSION_EVENTS = {
    OrderStatus.PAID: ("checkout.session.async_payment_succeeded", "checkout.session.completed"),
    OrderStatus.FAILED: ("checkout.session.async_payment_failed",),
    OrderStatus.EXPIRED: ("checkout.session.expired",),
}
_REFUNDS = frozenset({OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED})


class RepostOrderWriter:
    """`OrderWriter` by signed events."""

    def __init__(
        self,
        live: LiveOrders,
        stripe: RawStripe,
        source: EventSource,
        sender: WebhookSender,
        clock: Clock,
    ) -> None:
        self._live = live
        self._stripe = stripe
        self._source = source
        self._sender = sender
        self._clock = clock

    def obstacle(self, change: Change) -> str | None:
        if own_columns(change, self._live.mapping.table):
            return f"it was written with ORDERS_WRITE=sql; set that, or {IN_THE_APPLICATION}"
        if change.reason.startswith("undo"):
            return f"an application cannot be told that an event was not: {IN_THE_APPLICATION}"
        status = change.effect.get("status")
        if status is None or OrderStatus(str(status[1])) not in {*_SESSION_EVENTS, *_REFUNDS}:
            return f"no event of Stripe's tells it: {IN_THE_APPLICATION}, or set ORDERS_WRITE=sql"
        return None

    def prepare(self, change: Change) -> Change | None:
        found = self._live.find(change.target_id)
        return change if found and self._live.still_before(found[1], change) else None

    def write(self, change: Change) -> bool:
        found = self._live.find(change.target_id)
        subject = None if found is None else self._subject(change, found[1])
        if subject is None:
            return False
        now = int(self._clock.now().timestamp())
        event = self._source.event_for(subject, now)
        if event is not None:
            self._sender.send(event)
        return False  # what the application made of it, only the order itself can say

    def holding(self, change: Change) -> Holding:
        return self._live.holding(change)

    def _subject(self, change: Change, order: Order) -> Subject | None:
        status = OrderStatus(str(change.after["status"]))
        session = change.after.get("stripe_session_id") or order.stripe_session_id
        intent = change.after.get("stripe_payment_intent_id") or order.stripe_payment_intent_id
        if status in _REFUNDS:
            charge = self._charge(intent, session)
            return Subject(StripeKind.CHARGE, charge, ("charge.refunded",)) if charge else None
        if session:
            return Subject(StripeKind.CHECKOUT_SESSION, str(session), _SESSION_EVENTS[status])
        if intent and status is OrderStatus.PAID:
            return Subject(StripeKind.PAYMENT_INTENT, str(intent), ("payment_intent.succeeded",))
        return None

    def _charge(self, intent: Any, session: Any) -> str | None:
        """The charge behind the order's payment."""
        if not intent and session:
            found = self._stripe.raw(StripeKind.CHECKOUT_SESSION, str(session))
            intent = None if isinstance(found, Absence) else found.get("payment_intent")
        if not intent:
            return None
        payment = self._stripe.raw(StripeKind.PAYMENT_INTENT, str(intent))
        charge = None if isinstance(payment, Absence) else payment.get("latest_charge")
        return str(charge) if charge else None
