"""All that is known about one order, gathered for comparison."""

from dataclasses import dataclass, field

from stakactl.domain.orders import Order
from stakactl.domain.stripe_objects import (
    Absence,
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    Refund,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One order and every Stripe object that belongs to it, oldest first.

    An object belongs to an order when the order records its id; failing that, when the object's
    own reference names the order and no other order records it. A PaymentIntent also belongs to
    the order of its session; charges, refunds and disputes to the order of their PaymentIntent.

    `absent` tells why a recorded id could not be read. `claimants` names, for each recorded
    session or PaymentIntent that several orders record, all of them in the order of their ids.
    `other_orders` are the ids of other existing orders that these objects' references name.
    `invoice_number` is our own live invoice.
    """

    order: Order
    sessions: tuple[CheckoutSession, ...] = ()
    intents: tuple[PaymentIntent, ...] = ()
    charges: tuple[Charge, ...] = ()
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    absent: dict[str, Absence] = field(default_factory=dict)
    claimants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    other_orders: frozenset[str] = frozenset()
    invoice_number: str | None = None

    @property
    def payments(self) -> tuple[PaymentIntent, ...]:
        """The succeeded PaymentIntents."""
        return tuple(intent for intent in self.intents if intent.status == "succeeded")

    @property
    def customer_country(self) -> str:
        """ISO country of the buyer: the order's word first, then the Checkout Session's."""
        recorded = self.order.customer.address.country
        seen = (session.customer_country for session in self.sessions if session.customer_country)
        return recorded or next(seen, "")

    @property
    def stripe_tax_minor(self) -> int | None:
        """The tax that Stripe computed for the paid session, None where it computed none."""
        return next((s.amount_tax_minor for s in self.sessions if s.is_paid), None)


@dataclass(frozen=True, slots=True)
class OrphanPayment:
    """A succeeded payment that no order, subscription or Stripe invoice accounts for."""

    intent: PaymentIntent
    session: CheckoutSession | None
