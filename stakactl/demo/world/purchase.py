"""Somebody buying something: what the objects of a sale are made from, and what it left behind."""

from dataclasses import dataclass, field

from stakactl.demo.world.catalogue import Cart
from stakactl.demo.world.ids import Json
from stakactl.demo.world.people import Person


@dataclass(frozen=True, slots=True)
class References:
    """What the Stripe objects of a sale say about their order; nothing by default."""

    client_reference_id: str | None = None
    session_metadata: Json = field(default_factory=dict)
    intent_metadata: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Presented:
    """Adaptive Pricing: what the customer saw and paid instead of the price in our currency.

    `legacy` is the shape from before 2025-03-31: every object in the customer's currency, ours
    only in the session's `currency_conversion`. Since then it is the other way round.
    """

    amount: int
    currency: str
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Purchase:
    """Somebody buying something: what every object of a sale is made from.

    `amount` and `currency` are what Stripe is asked to take; normally the cart's. `booked` says
    whether the charge has its balance transaction already.
    """

    buyer: Person
    cart: Cart
    amount: int
    currency: str
    customer_id: str | None = None
    references: References = References()
    method: str = "card"
    livemode: bool = True
    knows_country: bool = True
    presented: Presented | None = None
    booked: bool = True

    @property
    def taken(self) -> tuple[int, str]:
        """Amount and currency of the PaymentIntent and its charge."""
        if self.presented is not None and self.presented.legacy:
            return self.presented.amount, self.presented.currency
        return self.amount, self.currency

    @property
    def presentment(self) -> Json:
        """What every object of the sale says about the customer's currency."""
        if self.presented is None or self.presented.legacy:
            return {}
        shown = self.presented
        details = {
            "presentment_amount": shown.amount,
            "presentment_currency": shown.currency,
        }
        return {"presentment_details": details}


@dataclass(frozen=True, slots=True)
class Payment:
    """What an attempt to pay left behind. `paid_at` is when the money was certain."""

    purchase: Purchase
    intent: Json
    charge: Json | None
    session: Json | None = None
    paid_at: int | None = None

    @property
    def succeeded(self) -> Json:
        """The charge of a payment that has one."""
        if self.charge is None:
            raise ValueError(f"{self.intent['id']} has no charge")
        return self.charge
