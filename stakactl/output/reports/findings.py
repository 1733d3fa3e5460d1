"""Findings as rows, in the shape that every command shares."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stakactl.domain.findings import Finding, FindingState, FixState
from stakactl.output.view import STATES, Cell, Column, Item, Kind, Section

if TYPE_CHECKING:
    from stakactl.operations.reconcile import Resolved

#: The keys of `refs` are always there, null where they do not apply.
REFS = (
    *("charge", "refund", "dispute", "payout", "event", "object_key", "duplicate", "other_order"),
    *("currency", "reporting_category", "series"),
)

#: Colours of `class_lines`: how urgent it is, and what to do in the background.
CLASS_STYLES = {r"^P1": "bold red", r"^P2": "yellow", r"^→.*": "dim"}

COLUMNS = (
    Column("priority", "P", Kind.NUMBER),
    Column("class", "class", min_width=20),
    Column("object", "order or payment", min_width=10, max_width=28),
    Column("seen", "seen", min_width=20, max_width=60),
    Column("fix", "fix", style=STATES, priority=2),
    Column("state", "state", style=STATES, priority=4),
    Column("since", "since", Kind.DATE, priority=3),
    Column("expected", "expected", priority=None),
    Column("break_on", "break on", Kind.DATE, priority=None),
    Column("order_id", "order", priority=None),
    Column("session_id", "session", priority=None),
    Column("payment_intent_id", "payment intent", priority=None),
    Column("invoice_number", "invoice", priority=None),
    Column("id", "id", priority=None),
    Column("hint", "hint", priority=None),
)


def finding_item(finding: Finding) -> Item:
    refs: dict[str, Cell] = {name: finding.refs.get(name) for name in REFS}
    return {
        "id": finding.finding_id,
        "class": finding.discrepancy,
        "priority": finding.discrepancy.priority,
        "state": finding.state,
        "object": finding.subject,
        "order_id": finding.order_id,
        "session_id": finding.session_id,
        "payment_intent_id": finding.payment_intent_id,
        "invoice_number": finding.invoice_number,
        "refs": refs,
        "expected": finding.expected,
        "seen": finding.seen,
        "since": finding.since,
        "break_on": finding.break_on,
        "first_seen_at": finding.first_seen_at,
        "last_seen_at": finding.last_seen_at,
        "fix": finding.fix,
        "hint": finding.hint,
    }


@dataclass(frozen=True, slots=True)
class FindingItems:
    """Findings as items, made while they are read: there may be a million."""

    findings: Iterable[Finding]

    def __iter__(self) -> Iterator[Item]:
        return map(finding_item, self.findings)


def resolved_section(resolved: "Resolved") -> tuple[Section, ...]:
    """What earlier runs found and what is gone."""
    if not resolved.count:
        return ()
    lines = [f"{finding.discrepancy}: {finding.subject}" for finding in resolved.shown]
    if resolved.count > len(lines):
        lines.append(f"and {resolved.count - len(lines)} more")
    return (Section("Resolved since", tuple(lines)),)


def hint_lines(findings: Iterable[Finding]) -> tuple[str, ...]:
    """What to do, once for each class that stands; twice where two things are to be done."""
    return tuple(f"{name}: {hint}" for name, hint in _standing(findings))


def count_lines(counts: Counter[str]) -> tuple[str, ...]:
    """How many of each class, the most first."""
    return tuple(f"{count:>4}  {name}" for name, count in counts.most_common())


def class_lines(findings: Iterable[Finding]) -> tuple[str, ...]:
    """For each class that stands: how many, the first few of them, and what to do."""
    lines = []
    for (name, hint), group in _standing(findings).items():
        count = f"P{group.priority} {group.count:>4}"
        lines.append(f"{count}  {name}: {_first_few(group, 64 - len(name))}")
        lines.append(f"         → {hint}")
    return tuple(lines)


#: Ids of a class are at least this wide: so many fit at most into a line.
_NAMED = 16


@dataclass(slots=True)
class _Group:
    """The standing findings of one class and hint: how many, and the first of them."""

    priority: int
    count: int = 0
    names: list[str] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.count += 1
        if len(self.names) < _NAMED:
            self.names.append(finding.subject)


def _first_few(group: _Group, width: int) -> str:
    """As many ids as fit into `width` columns, at least one, and how many more there are."""
    most = range(len(group.names), 0, -1)
    shown = next(n for n in most if n == 1 or len(_listed(group, n)) <= width)
    return _listed(group, shown)


def _listed(group: _Group, shown: int) -> str:
    more = f" and {group.count - shown} more" if shown < group.count else ""
    return ", ".join(group.names[:shown]) + more


def _standing(findings: Iterable[Finding]) -> dict[tuple[str, str], _Group]:
    """By class and hint."""
    groups: dict[tuple[str, str], _Group] = {}
    for finding in findings:
        if finding.fix is not FixState.APPLIED and finding.state is not FindingState.HISTORICAL:
            key = (str(finding.discrepancy), finding.hint)
            groups.setdefault(key, _Group(finding.discrepancy.priority)).add(finding)
    return groups
