"""All that is known about one order, gathered for comparison."""

from dataclasses import dataclass, field

from stakactl.domain.money import Money
from stakactl.domain.orders import Order
from stakactl.domain.stripe_objects import (
    Absence,
    Charge,
    CheckoutSession,
    Dispute,
    InvoicePayment,
    PaymentIntent,
    Refund,
    StripeInvoice,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One order and every Stripe object that belongs to it, oldest first.

    An object belongs to an order when the order records its id; failing that, when the object's
    own reference names the order and no other order records it. A session and its PaymentIntent
    are one for this: who records the one records the other. A PaymentIntent also belongs to
    the order of its session or of the Stripe invoice that it pays; charges, refunds and disputes
    to the order of their PaymentIntent.

    `absent` tells why a recorded id could not be read. `claimants` names, for each session or
    PaymentIntent that another order records too, all of them in the order of their ids; an order
    that was deleted claims nothing any more.
    `other_orders` are the ids of other existing orders that these objects' references name.
    `invoice_number` is our own live invoice, of which credit notes took back `credited_minor`.
    `stripe_invoices` are those that Stripe issued for the order's sessions and payments or that
    name the order, `invoice_payments` what paid them.
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
    stripe_invoices: tuple[StripeInvoice, ...] = ()
    invoice_payments: tuple[InvoicePayment, ...] = ()
    credited_minor: int = 0

    @property
    def payments(self) -> tuple[PaymentIntent, ...]:
        """The succeeded PaymentIntents. One that was given back in full counts only where no
        other one is left: refunding one of two payments leaves the order paid by the other."""
        succeeded = tuple(intent for intent in self.intents if intent.status == "succeeded")
        return tuple(i for i in succeeded if not self.is_given_back(i)) or succeeded[:1]

    @property
    def payment_refunds(self) -> tuple[Refund, ...]:
        """The refunds of `payments`, whatever became of them."""
        counted = {intent.id for intent in self.payments}
        return tuple(r for r in self.refunds if self._intent_of(r) in counted)

    def excess_returned(self, paid: Money) -> int:
        """By how much more than the order's amount was paid, where refunds have returned that:
        the order's amount is what was kept. Zero otherwise."""
        returned = [r.amount for r in self.payment_refunds if r.status == "succeeded"]
        if len(self.payments) != 1 or paid.currency != self.order.amount.currency:
            return 0
        if any(amount.currency != paid.currency for amount in returned):
            return 0
        excess = paid.minor - self.order.amount.minor
        enough = sum(amount.minor for amount in returned) >= excess
        return excess if excess > 0 and enough else 0

    def is_given_back(self, payment: PaymentIntent) -> bool:
        """Whether succeeded refunds return all that was received through it."""
        returned = [
            refund.amount.minor
            for refund in self.refunds
            if refund.status == "succeeded" and self._intent_of(refund) == payment.id
        ]
        return bool(returned) and sum(returned) >= payment.amount_received_minor

    @property
    def is_money_gone(self) -> bool:
        """Whether nothing is left of its payment: given back in full, or lost in a dispute."""
        lost = any(dispute.status == "lost" for dispute in self.disputes)
        return lost or any(map(self.is_given_back, self.payments))

    def _intent_of(self, refund: Refund) -> str | None:
        """The PaymentIntent of a refund; old refunds name their charge alone."""
        through = (c.payment_intent_id for c in self.charges if c.id == refund.charge_id)
        return refund.payment_intent_id or next(through, None)

    @property
    def billed_session(self) -> CheckoutSession | None:
        """A session paid through a Stripe invoice, as subscriptions are: often it names no
        PaymentIntent. An invoice that is not mirrored is taken for a legal one."""
        illegal = {invoice.id for invoice in self.stripe_invoices if not invoice.is_legal}
        billed = (s for s in self.sessions if s.is_paid and s.invoice_id)
        return next((s for s in billed if s.invoice_id not in illegal), None)

    @property
    def paid_stripe_invoice(self) -> StripeInvoice | None:
        """A legal invoice of Stripe that is paid, be it outside of Stripe."""
        paid = (i for i in self.stripe_invoices if i.is_legal and i.status == "paid")
        return next(paid, None)

    @property
    def is_invoiced_by_stripe(self) -> bool:
        legal = any(invoice.is_legal for invoice in self.stripe_invoices)
        return legal or self.billed_session is not None

    def session_of(self, intent: PaymentIntent) -> CheckoutSession | None:
        """The session that a PaymentIntent pays, itself or through the session's invoice."""
        billed = {p.invoice_id for p in self.invoice_payments if p.payment_intent_id == intent.id}
        own = (s for s in self.sessions if s.payment_intent_id == intent.id)
        return next(own, None) or next((s for s in self.sessions if s.invoice_id in billed), None)

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
