"""Orders as the application records them, whatever file or database they come from."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from stakactl.domain.money import Money


class OrderStatus(StrEnum):
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


#: Statuses that say that money came in once.
SETTLED = frozenset({OrderStatus.PAID, OrderStatus.REFUNDED, OrderStatus.PARTIALLY_REFUNDED})
#: Statuses that say that the order was given up.
ABANDONED = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED})


class Nature(StrEnum):
    """What was sold, as décret 2022-1299 wants it on the invoice."""

    GOODS = "goods"
    SERVICES = "services"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Address:
    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""  # ISO 3166 alpha-2, empty when unknown


@dataclass(frozen=True, slots=True)
class Customer:
    """The buyer. `company` makes it a business customer; `locale` is "fr" or "en"."""

    email: str
    name: str
    customer_id: str | None = None
    stripe_customer_id: str | None = None
    company: str = ""
    siren: str = ""
    vat_number: str = ""
    address: Address = field(default_factory=Address)
    locale: str = "fr"

    @property
    def is_business(self) -> bool:
        return bool(self.company or self.siren or self.vat_number)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One position; `unit_amount` includes VAT; `vat_rate` is a percentage (20 means 20 %)."""

    title: str
    quantity: int
    unit_amount: Money
    vat_rate: Decimal | None = None

    @property
    def amount(self) -> Money:
        return self.unit_amount.times(self.quantity)


@dataclass(frozen=True, slots=True)
class Order:
    """What the application says was ordered, and what it believes happened to it.

    `amount` is what was due, VAT included, discounts taken off. `refunded` is what the
    application knows to be refunded so far, None when it does not say. `dispute_status` is
    Stripe's word for the last dispute we know of. `invoice_number` was issued elsewhere.
    `deleted_at` is when the application was first seen without the order: it is kept, because
    its payment and its invoice are.
    """

    order_id: str
    created_at: datetime
    status: OrderStatus
    amount: Money
    title: str
    customer: Customer
    lines: tuple[OrderLine, ...] = ()
    stripe_session_id: str | None = None
    stripe_payment_intent_id: str | None = None
    vat_rate: Decimal | None = None
    nature: Nature = Nature.SERVICES
    level: str = ""
    paid_at: datetime | None = None
    updated_at: datetime | None = None
    due_at: datetime | None = None
    invoice_number: str | None = None
    refunded: Money | None = None
    dispute_status: str | None = None
    deleted_at: datetime | None = None

    @property
    def known_refunded(self) -> Money | None:
        """What is refunded according to the order alone; None when it cannot be told."""
        if self.refunded is not None:
            return self.refunded
        if self.status is OrderStatus.REFUNDED:
            return self.amount
        return (
            None
            if self.status is OrderStatus.PARTIALLY_REFUNDED
            else Money(0, self.amount.currency)
        )
