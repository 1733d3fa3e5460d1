"""Changes to an order, recorded before and after, so that they can be explained and taken back."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

#: A field's value as it is recorded: text, whole number or nothing; never personal data.
FieldValue = str | int | None
#: How the reason of a change begins that takes another one back.
UNDO = "undo: "


class ChangeTarget(StrEnum):
    """What a change is made to; `Change.target_id` is the id of it."""

    ORDER = "order"  # fields of the order
    PDF = "pdf"  # the stored PDF of the invoice with this number
    EVENT = "event"  # an event of Stripe whose effect was missing
    SERIES = "series"  # the counter of a series of invoice numbers


class ChangeState(StrEnum):
    INTENDED = "intended"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Change:
    """Set fields of one target, if they still hold what was seen (compare and swap).

    `before` and `after` have the same keys. For an order they are names of `Order`'s fields:
    `status`, `paid_at` (ISO 8601 UTC), `refunded_minor`, `dispute_status`, `stripe_session_id`,
    `stripe_payment_intent_id`.
    """

    target_id: str
    finding_id: str
    reason: str
    before: dict[str, FieldValue]
    after: dict[str, FieldValue]
    target: ChangeTarget = ChangeTarget.ORDER

    def __post_init__(self) -> None:
        if self.before.keys() != self.after.keys():
            raise ValueError("a change names the same fields before and after")

    @property
    def effect(self) -> dict[str, tuple[FieldValue, FieldValue]]:
        """The fields that really change, before and after."""
        return {
            name: (value, self.after[name])
            for name, value in self.before.items()
            if value != self.after[name]
        }

    @property
    def summary(self) -> str:
        """All that really changes, on one line: `status pending → paid`."""
        return "; ".join(
            f"{name.replace('_', ' ')} {_or_none(old)} → {_or_none(new)}"
            for name, (old, new) in self.effect.items()
        )

    def inverse(self) -> "Change":
        """The change that takes this one back; the inverse of that is this one."""
        undone = self.reason.removeprefix(UNDO)
        reason = undone if undone != self.reason else UNDO + self.reason
        return replace(self, reason=reason, before=self.after, after=self.before)


def _or_none(value: FieldValue) -> str:
    return "none" if value is None or value == "" else str(value)


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A row of the append-only record of changes.

    Where a change is made in two places (the application's database and ours), an `intended` row
    precedes it and the row that ends it, done or skipped, names it as its `intent_id`. `undoes` is
    the `change_id` that an undo takes back.
    """

    change_id: int
    run_id: str
    recorded_at: datetime
    state: ChangeState
    change: Change
    intent_id: int | None = None
    undoes: int | None = None
