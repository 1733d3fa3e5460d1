"""Customers, told from orders, payments and Stripe's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from stakactl.domain.customer_figures import Heads, PerCustomer, TopCustomer, Unattributed


@dataclass(frozen=True, slots=True)
class CustomerQuestion:
    """Days from `since` to `until`, both included, and those from `before` on to compare with;
    of each currency the `most` best customers. `bounds` are moments, ascending: each period of the
    report begins with one and ends before the next. `before_start` is the moment of `before`."""

    since: date
    until: date
    before: date | None
    bounds: Sequence[datetime]
    before_start: datetime | None
    most: int


@dataclass(frozen=True, slots=True)
class CustomerAnswer:
    """All of one moment; `new` is how many came in each period, `revenue` and `unknown` are by
    currency, `top` by currency and largest first. What was before is empty where not asked for."""

    heads: Heads
    new: Sequence[int]
    revenue: Mapping[str, PerCustomer]
    unknown: Mapping[str, Unattributed]
    top: Sequence[TopCustomer]
    heads_before: Heads
    revenue_before: Mapping[str, PerCustomer]


class CustomerFigureBook(Protocol):
    """Who a customer is says `domain.customer_figures`."""

    def first(self) -> datetime | None:
        """When the first customer was seen; None while there is none."""

    def settle(self) -> None:
        """Find out who there is, if that changed."""

    def customers(self, question: CustomerQuestion) -> CustomerAnswer:
        """What the question asks for. Days that are not added up are added up first."""
