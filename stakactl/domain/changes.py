"""Changes to an order, recorded before and after, so that they can be explained and taken back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: A field's value as it is recorded: text, whole number or nothing; never personal data.
FieldValue = str | int | None


class ChangeState(StrEnum):
    INTENDED = "intended"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Change:
    """Set fields of one order, if they still hold what was seen (compare and swap).

    `before` and `after` have the same keys, names of `Order`'s fields: `status`, `paid_at`
    (ISO 8601 UTC), `refunded_minor`, `dispute_status`, `stripe_session_id`,
    `stripe_payment_intent_id`.
    """

    order_id: str
    finding_id: str
    reason: str
    before: dict[str, FieldValue]
    after: dict[str, FieldValue]

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

    def inverse(self) -> "Change":
        """The change that takes this one back."""
        return Change(
            self.order_id, self.finding_id, f"undo: {self.reason}", self.after, self.before
        )


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A row of the append-only record of changes."""

    change_id: int
    run_id: str
    recorded_at: datetime
    state: ChangeState
    change: Change
