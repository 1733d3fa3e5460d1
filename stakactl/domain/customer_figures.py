"""Customers in figures: how many there are, how many paid, and what one of them brings.

Who a customer is: the application's own id; else Stripe's customer, who is the application's where
the newest order that knows both says so; else the e-mail in lower case; else the order itself. A
guest who orders twice under one e-mail is one customer, under two e-mails two.

Net is what `revenue` calls so: payments less refunds, disputes and fees, in the settlement
currency. Mean and median are of the customers who paid in the period, of what of theirs moved in
it, rounded half up to the minor unit.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from stakactl.domain.revenue import share_percent
from stakactl.domain.subscriptions import rounded


@dataclass(frozen=True, slots=True)
class Heads:
    """`customers` are all known by the end: whoever ordered, paid or not, and Stripe's customers;
    `new` came in the period. `paying` paid in it; `returning` are those who had paid before it."""

    customers: int = 0
    new: int = 0
    paying: int = 0
    returning: int = 0

    @property
    def first_time(self) -> int:
        """Paid in the period for the first time."""
        return self.paying - self.returning

    @property
    def paying_rate(self) -> Decimal | None:
        """Of all customers, in percent; None where there is none."""
        return share_percent(self.paying, self.customers)


@dataclass(frozen=True, slots=True)
class PerCustomer:
    """Of one currency: how many paid, what they brought, and the one or two in the middle."""

    paying: int = 0
    net: int = 0
    middle: tuple[int, int] = (0, 0)

    @property
    def mean(self) -> int | None:
        """In minor units; None where nobody paid."""
        return rounded(Fraction(self.net, self.paying)) if self.paying else None

    @property
    def median(self) -> int | None:
        return rounded(Fraction(sum(self.middle), 2)) if self.paying else None


@dataclass(frozen=True, slots=True)
class Unattributed:
    """What moved of nobody known: a payment without order and without customer, fees."""

    payments: int = 0
    net: int = 0


@dataclass(frozen=True, slots=True)
class TopCustomer:
    """One of those who brought most in a currency; `name` and `email` are empty where unknown."""

    customer_id: str
    name: str
    email: str
    currency: str
    payments: int
    net: int


@dataclass(frozen=True, slots=True)
class CustomerPeriod:
    """A day, week or month; both days count. `customers` are all known by its end."""

    start: date
    end: date
    customers: int
    new: int
