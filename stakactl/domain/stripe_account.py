"""What an account, a price and a clock must be like before anybody is charged."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from stakactl.domain.money import Money


@dataclass(frozen=True, slots=True)
class Requirements:
    """What Stripe wants to know about the company; `due_at` is when it wants it at the latest."""

    past_due: tuple[str, ...] = ()
    currently_due: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()  # given, and being verified
    disabled_reason: str | None = None
    due_at: datetime | None = None

    @property
    def due(self) -> tuple[str, ...]:
        """Due, and not yet past due: Stripe lists the latter among both."""
        return tuple(each for each in self.currently_due if each not in self.past_due)


@dataclass(frozen=True, slots=True)
class AccountState:
    id: str
    name: str
    charges_enabled: bool
    payouts_enabled: bool
    requirements: Requirements


@dataclass(frozen=True, slots=True)
class Price:
    """`unit_amount` is in minor units, possibly a part of one; None where tiers or the customer
    make the amount. `interval` is None for a price that is paid once."""

    id: str
    active: bool
    currency: str
    unit_amount: Decimal | None
    interval: str | None  # day | week | month | year
    interval_count: int = 1

    @property
    def period(self) -> str:
        if self.interval is None:
            return "once"
        every = self.interval if self.interval_count == 1 else f"{self.interval_count} "
        return f"every {every}" + ("" if self.interval_count == 1 else f"{self.interval}s")

    @property
    def amount(self) -> str:
        if self.unit_amount is None:
            return "an amount by tiers"
        if self.unit_amount == self.unit_amount.to_integral_value():
            return str(Money(int(self.unit_amount), self.currency))
        return f"{self.unit_amount} minor units of {self.currency}"

    @property
    def months(self) -> int | None:
        """The period in months; None when it is none of whole months."""
        return {"month": 1, "year": 12}.get(self.interval or "", 0) * self.interval_count or None


@dataclass(frozen=True, slots=True)
class WantedPrice:
    """What a setting says about a price: its id, and by its name the period."""

    setting: str
    id: str
    months: int
    currency: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and what to do."""

    seen: str
    hint: str


def price_faults(price: Price, wanted: WantedPrice) -> Iterator[Fault]:
    """Everything about `price` that would charge customers wrongly, or not at all."""
    dashboard = f"Dashboard → Product catalogue → {price.id}"
    another = f"set {wanted.setting} to another price"
    if not price.active:
        yield Fault(
            f"{price.id} is archived: no subscription can begin with it",
            f"unarchive it ({dashboard}), or {another}",
        )
    if price.unit_amount is not None and price.unit_amount <= 0:
        yield Fault(f"{price.id} costs nothing", another)
    if price.currency != wanted.currency:
        yield Fault(
            f"{price.id} is in {price.currency}, the company's currency is {wanted.currency}",
            f"{another}, or set CURRENCY={price.currency}",
        )
    if price.months != wanted.months:
        period = "month" if wanted.months == 1 else "year"
        yield Fault(f"{price.id} is paid {price.period}, not every {period}", another)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The server's `date` (whole seconds) in an answer, and when that answer was asked for and
    received by this machine's clock."""

    sent_at: datetime
    received_at: datetime
    date: datetime

    @property
    def offset(self) -> timedelta:
        """How far this machine's clock is ahead of the server's, at least; negative when behind.

        The answer was dated somewhere between sending and receiving, and the date is cut off to
        its second: what these two explain is no offset.
        """
        ahead = self.sent_at - (self.date + timedelta(seconds=1))
        behind = self.date - self.received_at
        if ahead > timedelta():
            return ahead
        return -behind if behind > timedelta() else timedelta()
