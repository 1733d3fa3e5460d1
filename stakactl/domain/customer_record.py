"""One customer: whom a name means, and everything that is remembered of them.

Identity is the rule of `domain/customers.py`: the application's id of them, else Stripe's, else
their e-mail without regard to case. Whoever has an id of the application is the same customer by
whatever Stripe customer they pay: Checkout makes a new one at each visit unless it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stakactl.domain.invoicing import Invoice
from stakactl.domain.orders import Customer, Order
from stakactl.domain.stripe_objects import StripeCustomer, StripeInvoice, Subscription
from stakactl.domain.trail import OutgoingMail, Payments, SeenFinding


class CustomerKind(StrEnum):
    """What a customer is known by."""

    APPLICATION = "application"
    STRIPE = "stripe"
    GUEST = "guest"  # an e-mail, and orders that name no customer


@dataclass(frozen=True, slots=True)
class CustomerIdentity:
    """`name` is the application's id, Stripe's id or the e-mail in lower case; `stripe_ids` are
    the Stripe customers that are theirs alone; `email` is the last one that they ordered with."""

    kind: CustomerKind
    name: str
    stripe_ids: tuple[str, ...] = ()
    orders: int = 0
    email: str = ""


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """What the store holds of a customer, each oldest first.

    `payments` are those of their orders and those that their Stripe customers made without one;
    `owners` says which order a PaymentIntent is of, `booked` when a charge, refund or dispute
    moved money first. `invoices` are ours, credit notes among them; `findings` are the open ones of
    their orders and payments.
    """

    identity: CustomerIdentity
    orders: tuple[Order, ...] = ()
    payments: Payments = field(default_factory=Payments)
    owners: Mapping[str, str] = field(default_factory=dict)
    booked: Mapping[str, datetime] = field(default_factory=dict)
    invoices: tuple[Invoice, ...] = ()
    stripe_customers: tuple[StripeCustomer, ...] = ()
    stripe_invoices: tuple[StripeInvoice, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    mails: tuple[OutgoingMail, ...] = ()
    findings: tuple[SeenFinding, ...] = ()

    @property
    def buyer(self) -> Customer:
        """As the newest order knows them, else their invoice, else Stripe."""
        if self.orders:
            return self.orders[-1].customer
        if self.invoices:
            return self.invoices[-1].snapshot.buyer
        known = self.stripe_customers[-1] if self.stripe_customers else None
        email = known.email if known and known.email else self.identity.email
        return Customer(email=email, name=known.name if known and known.name else "")
