"""Checklists of a deployment: their items, what the automatic ones find, and the record of one.

An automatic item is looked at again whenever its list is continued: what was right an hour ago
proves nothing now. An answer of a person stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from stakactl.domain.checks import CheckResult, CheckState, Severity
from stakactl.domain.runs import Outcome

#: So long before a list is begun a backup may be made that still is one of what is to be changed;
#: and so old it may be at most, unless a rollback holds everything since.
BACKUP_AGE = timedelta(hours=1)
OLDEST_BACKUP = timedelta(hours=24)
#: So long after its end a rollback still belongs to a checklist that begins.
ROLLBACK_AGE = timedelta(hours=24)
MAX_COMMENT = 500
_SHOWN = 3


class ListName(StrEnum):
    """In the order in which they are gone through; the last one only where it has to be."""

    PRE_DEPLOY = "pre-deploy"
    DEPLOY = "deploy"
    POST_DEPLOY = "post-deploy"
    ROLLBACK = "rollback"

    @property
    def following(self) -> "ListName | None":
        """The list that comes after it when all goes well."""
        return {self.PRE_DEPLOY: self.DEPLOY, self.DEPLOY: self.POST_DEPLOY}.get(self)


class ItemKind(StrEnum):
    AUTOMATIC = "automatic"
    MANUAL = "manual"


class OwnCheck(StrEnum):
    """What an automatic item may look at besides the checks of `config validate`."""

    BACKUP_RECENT = "backup.recent"
    MAINTENANCE_ON = "maintenance.on"
    MAINTENANCE_OFF = "maintenance.off"
    ENDPOINTS_DISABLED = "endpoints.disabled"
    ENDPOINTS_ENABLED = "endpoints.enabled"
    HEALTH_CRITICAL = "health.critical"
    RECONCILE_BREAKS = "reconcile.breaks"


@dataclass(frozen=True, slots=True)
class Item:
    """One item of `data/checklists.toml`, which explains every field.

    `checks` are ids, areas or globs of `config validate`, `needed` the ids of those that must have
    been made; `after` are ids of earlier items.
    """

    item_id: str
    title: str
    kind: ItemKind
    checks: tuple[str, ...] = ()
    own_checks: tuple[OwnCheck, ...] = ()
    strict: bool = False
    needed: tuple[str, ...] = ()
    once: bool = False
    after: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    name: ListName
    title: str
    items: tuple[Item, ...]


class ItemState(StrEnum):
    OPEN = "open"  # nobody answered, or it could not be found out
    DONE = "done"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"

    @property
    def is_closed(self) -> bool:
        return self in {ItemState.DONE, ItemState.NOT_APPLICABLE}


class Reply(StrEnum):
    YES = "yes"
    NO = "no"
    SKIP = "skip"  # it does not apply

    @property
    def state(self) -> ItemState:
        return _STATES[self]


_STATES = {
    Reply.YES: ItemState.DONE,
    Reply.NO: ItemState.FAILED,
    Reply.SKIP: ItemState.NOT_APPLICABLE,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person, or CI in a file, says of a manual item. `by` is "" for whoever types."""

    reply: Reply
    comment: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item as it stands. `answer`, `comment` and `by` are those of a manual item, `detail` is
    what was seen of an automatic one and `hint` what to type; `noted_at` is when."""

    item_id: str
    title: str
    kind: ItemKind
    state: ItemState = ItemState.OPEN
    answer: Reply | None = None
    comment: str = ""
    by: str = ""
    noted_at: datetime | None = None
    detail: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ChecklistRecord:
    """One going through a list. `finished_at` is None while an item is open or failed."""

    record_id: str
    name: ListName
    title: str
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    items: tuple[ItemRecord, ...]

    @property
    def unclosed(self) -> tuple[ItemRecord, ...]:
        return tuple(each for each in self.items if not each.state.is_closed)

    @property
    def outcome(self) -> Outcome:
        return Outcome.FINDINGS if self.unclosed else Outcome.OK

    def count(self, state: ItemState) -> int:
        return sum(each.state is state for each in self.items)

    def item(self, item_id: str) -> ItemRecord | None:
        return next((each for each in self.items if each.item_id == item_id), None)

    def waiting_for(self, item: Item) -> tuple[str, ...]:
        """The items that must be closed before this one's turn comes."""
        unclosed = {each.item_id for each in self.unclosed}
        return tuple(item_id for item_id in item.after if item_id in unclosed)

    def with_item(self, item: ItemRecord) -> "ChecklistRecord":
        """With it in the place of what stood there."""
        items = (item if each.item_id == item.item_id else each for each in self.items)
        return replace(self, items=tuple(items))


def arranged(checklist: Checklist, known: Iterable[ItemRecord] = ()) -> tuple[ItemRecord, ...]:
    """The items of the list as it is today, with what is known of those that are still in it."""
    before = {(each.item_id, each.kind): each for each in known}
    items = []
    for item in checklist.items:
        new = ItemRecord(item.item_id, item.title, item.kind, hint=item.hint)
        kept = before.get((item.item_id, item.kind), new)
        hint = item.hint if item.kind is ItemKind.MANUAL else kept.hint
        items.append(replace(kept, title=item.title, hint=hint))
    return tuple(items)


def answered(item: ItemRecord, answer: Answer, at: datetime) -> ItemRecord:
    """Said again, an answer keeps its time."""
    if (item.answer, item.comment, item.by) == (answer.reply, answer.comment, answer.by):
        return item
    return replace(
        item,
        state=answer.reply.state,
        answer=answer.reply,
        comment=answer.comment,
        by=answer.by,
        noted_at=at,
        detail="",
    )


def waiting(item: ItemRecord, waits_for: Sequence[str]) -> ItemRecord:
    """Its turn has not come; an answer that was given stands all the same."""
    if item.answer is not None:
        return item
    return replace(
        item, state=ItemState.OPEN, noted_at=None, detail=f"comes after {', '.join(waits_for)}"
    )


def judged(
    item: Item, before: ItemRecord, results: Sequence[CheckResult], at: datetime
) -> ItemRecord:
    """What the checks of an automatic item make of it."""
    state, detail, hint = _judgement(item, results)
    if item.once and before.state is ItemState.DONE and state is not ItemState.DONE:
        return before  # a step, not a state: a later item takes it back
    return replace(before, state=state, noted_at=at, detail=detail, hint=hint)


def _judgement(item: Item, results: Sequence[CheckResult]) -> tuple[ItemState, str, str]:
    """State, what was seen, what to type."""
    of = {state: [r for r in results if r.verdict.state is state] for state in CheckState}
    counted = [r for r in of[CheckState.FAILED] if item.strict or r.severity is Severity.ERROR]
    good, unknown = of[CheckState.OK], of[CheckState.UNKNOWN]
    missing = [r for r in of[CheckState.SKIPPED] if r.id in item.needed]
    if counted:
        return ItemState.FAILED, _told(counted), _hint(counted) or item.hint
    if unknown and (item.strict or not good):
        return ItemState.OPEN, _told(unknown), _hint(unknown) or item.hint
    if not good:
        return ItemState.NOT_APPLICABLE, _reason(of[CheckState.SKIPPED]), ""
    if missing:
        return ItemState.OPEN, _told(missing), item.hint
    return ItemState.DONE, _in_order(good, len(of[CheckState.FAILED])), ""


def _in_order(good: Sequence[CheckResult], warnings: int) -> str:
    if len(good) == 1 and not warnings:
        return _seen(good[0])
    count = len({each.id for each in good})
    text = f"{count} checks are in order" if count > 1 else "1 check is in order"
    if not warnings:
        return text
    return f"{text}, {warnings} warning{'s' if warnings > 1 else ''}: stakactl config validate"


def _told(results: Sequence[CheckResult]) -> str:
    text = "; ".join(f"{each.id}: {_seen(each)}" for each in results[:_SHOWN])
    more = len(results) - _SHOWN
    return f"{text}; and {more} more" if more > 0 else text


def _reason(skipped: Sequence[CheckResult]) -> str:
    return skipped[0].verdict.seen if skipped else "nothing was looked at"


def _seen(result: CheckResult) -> str:
    verdict = result.verdict
    return f"{verdict.subject} {verdict.seen}" if verdict.subject else verdict.seen


def _hint(results: Sequence[CheckResult]) -> str:
    """What to type for those that are told; what helps several is said once."""
    hints = (each.verdict.hint for each in results[:_SHOWN] if each.verdict.hint)
    return "; then ".join(dict.fromkeys(hints))
