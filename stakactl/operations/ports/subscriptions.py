"""What subscriptions bill and how they come and go, added up from the mirror."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stakactl.domain.subscriptions import Conversion, Group, State


@dataclass(frozen=True, slots=True)
class SubscriptionQuestion:
    """`bounds`, ascending and at least two: each period begins with one of them and ends before
    the next. The last of them is the moment that the standing is told of. Numbers of customers
    are told of the moments in `conversions`."""

    bounds: Sequence[datetime]
    conversions: Sequence[datetime]


@dataclass(frozen=True, slots=True)
class SubscriptionAnswer:
    """All of one moment. `new` and `churned` by the number of the period, those without any left
    out; `conversions` in the order in which they were asked for."""

    standing: Mapping[State, Sequence[Group]]
    new: Mapping[int, Sequence[Group]]
    churned: Mapping[int, Sequence[Group]]
    conversions: Sequence[Conversion]


class SubscriptionBook(Protocol):
    """Reads the mirror alone; a moment counts to the period that begins with it."""

    def first(self) -> datetime | None:
        """When the first paid interval of all began; None where there is none."""

    def subscriptions(self, question: SubscriptionQuestion) -> SubscriptionAnswer:
        """What the question asks for."""
