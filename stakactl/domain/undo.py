"""What taking a recorded change back means, and when that is refused.

Only what still stands is taken back: each field that holds our value becomes the old one again,
whatever happened to the others. Where something was built on the change since, it stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from stakactl.domain.changes import Change, ChangeState, ChangeTarget, FieldValue, RecordedChange
from stakactl.domain.orders import SETTLED, OrderStatus
from stakactl.domain.trail import Trail

#: An invoice and its mail say nothing about disputes: all other fields they are made of.
_NOT_ON_INVOICES = frozenset({"dispute_status"})


class UndoState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    REFUSED = "refused"
    KEPT = "kept"  # of a kind that is never taken back
    TAKEN_BACK = "taken back"  # by an earlier undo


@dataclass(frozen=True, slots=True)
class UndoStep:
    """One recorded change and what becomes of it. `inverse` is what is (to be) written, `reason`
    why it is not, or not wholly."""

    recorded: RecordedChange
    state: UndoState
    inverse: Change | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How the order of a change stands now: its fields (None: it is gone), what depends on it,
    and every change of it that was ever recorded."""

    fields: Mapping[str, FieldValue] | None
    trail: Trail

    @property
    def taken_back(self) -> dict[int, str]:
        """change → the run that took it back."""
        return {c.undoes: c.run_id for c in self.trail.changes if c.undoes is not None}


def is_undoable_record(recorded: RecordedChange, known: Sequence[RecordedChange]) -> bool:
    """Whether the row stands for something done or perhaps done. An intent that another row ended
    is told by that one."""
    if recorded.state is ChangeState.SKIPPED or not recorded.change.effect:
        return False
    ended = any(other.intent_id == recorded.change_id for other in known)
    return not (recorded.state is ChangeState.INTENDED and ended)


def plan_undo(recorded: RecordedChange, standing: Standing) -> UndoStep:
    """What becomes of one change, as everything stands now."""
    if recorded.change.target is not ChangeTarget.ORDER:
        return UndoStep(recorded, UndoState.KEPT, reason=_KEPT[recorded.change.target])
    earlier = standing.taken_back.get(recorded.change_id)
    if earlier is not None:
        return UndoStep(recorded, UndoState.TAKEN_BACK, reason=f"by run {earlier}")
    reason = _refusal(recorded, standing)
    if reason is not None or standing.fields is None:
        return UndoStep(recorded, UndoState.REFUSED, reason=reason)
    inverse = _inverse(recorded.change, standing.fields)
    if not inverse.before:
        return UndoStep(recorded, UndoState.REFUSED, reason=_moved_on(recorded, standing.fields))
    unpaid = _unpays(inverse) and next((i for i in standing.trail.invoices if i.live), None)
    if unpaid:
        reason = f"it would leave invoice {unpaid.number} without payment"
        return UndoStep(recorded, UndoState.REFUSED, reason=reason)
    partly = inverse.before.keys() != recorded.change.effect.keys()
    kept = _moved_on(recorded, standing.fields) if partly else None
    return UndoStep(recorded, UndoState.PLANNED, inverse, kept)


_KEPT = {
    ChangeTarget.PDF: "a stored PDF stays",
    ChangeTarget.SERIES: "a number is never given twice",
    ChangeTarget.EVENT: "reading an event again changes nothing by itself",
}


def _refusal(recorded: RecordedChange, standing: Standing) -> str | None:
    if standing.fields is None:
        return "the order is gone"
    if recorded.state is ChangeState.INTENDED:
        return "it is not known yet whether it was made; stakactl reconcile --fix settles it"
    later = next((c for c in standing.trail.changes if _builds_on(c, recorded, standing)), None)
    if later is not None:
        return f"run {later.run_id} built on it; first: stakactl undo {later.run_id}"
    return _dependence(recorded, standing.trail)


def _builds_on(later: RecordedChange, recorded: RecordedChange, standing: Standing) -> bool:
    """Whether another run saw a field that ours had set, and what it made of it still stands."""
    now = standing.fields or {}
    return (
        later.change_id > recorded.change_id
        and later.run_id != recorded.run_id
        and later.state is ChangeState.DONE
        and later.undoes is None
        and later.change_id not in standing.taken_back
        and not recorded.change.effect.keys().isdisjoint(later.change.before)
        and any(now.get(name) == after for name, (_, after) in later.change.effect.items())
    )


def _dependence(recorded: RecordedChange, trail: Trail) -> str | None:
    """The invoice or mail that was made of what the change says."""
    if recorded.change.effect.keys() <= _NOT_ON_INVOICES:
        return None
    since = recorded.recorded_at
    invoice = next((i for i in trail.invoices if i.issued_at >= since), None)
    if invoice is not None:
        return f"invoice {invoice.number} was issued for it since"
    mail = next((m for m in trail.mails if m.queued_at >= since), None)
    return None if mail is None else f"mail {mail.mail_id} about it is {mail.status}"


def _inverse(change: Change, now: Mapping[str, FieldValue]) -> Change:
    """The old value again for each field that holds ours."""
    ours = [name for name, (_, after) in change.effect.items() if now.get(name) == after]
    return replace(
        change.inverse(),
        before={name: change.after[name] for name in ours},
        after={name: change.before[name] for name in ours},
    )


def _moved_on(recorded: RecordedChange, now: Mapping[str, FieldValue]) -> str:
    """Which fields hold another value by now."""
    moved = [
        f"{name.replace('_', ' ')} is {_shown(now.get(name))}"
        for name, (_, after) in recorded.change.effect.items()
        if now.get(name) != after
    ]
    return f"no longer ours: {', '.join(moved)}"


def _shown(value: FieldValue) -> str:
    return "none" if value is None or value == "" else str(value)


def _unpays(inverse: Change) -> bool:
    """Whether the order would become one that was never paid."""
    if "status" not in inverse.after:
        return False
    before, after = (OrderStatus(str(part["status"])) for part in (inverse.before, inverse.after))
    return before in SETTLED and after not in SETTLED
