"""Apply what is planned: each change on its own, checked once more right before.

How a change is checked and made depends on what it is made to: `operations/fixes/` has one module
per target. A repair can uncover another (a refund behind an unrecorded payment), so everything is
compared again until nothing is left to repair.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from stakactl.domain.changes import Change, ChangeTarget
from stakactl.domain.findings import Finding, FixState
from stakactl.errors import ServiceError
from stakactl.operations.compare import Comparison, compare
from stakactl.operations.fixes.application import end_interrupted_writes
from stakactl.operations.fixes.events import apply_event
from stakactl.operations.fixes.orders import apply_to_order
from stakactl.operations.fixes.pdfs import apply_to_pdf, end_interrupted_repairs
from stakactl.operations.found import after
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope

#: Longer chains of repairs than this go on in the next run.
MAX_PASSES = 4
#: A service is taken for down after so many objects that could not be fetched again.
MAX_UNREAD = 3


@dataclass(slots=True)
class Repairs:
    """What was repaired, and the look at everything after the last change.

    `skipped` are the ids of findings whose object changed in between; `unread`
    says which could not be fetched again and why.
    """

    last: Comparison
    applied: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    @property
    def remaining(self) -> Sequence[Finding]:
        """What stands at the end."""
        return after((), self.last.findings, self.skipped)

    def was_skipped(self, finding: Finding) -> bool:
        return finding.finding_id in self.skipped


def repair(ports: Ports, scope: Scope, run_id: str) -> Repairs:
    """End what an interrupted repair began, then compare and repair until nothing is left."""
    interrupted = [*end_interrupted_repairs(ports, run_id), *end_interrupted_writes(ports)]
    repairs = Repairs(compare(ports, scope, run_id), unread=interrupted)
    for _ in range(MAX_PASSES):
        todo = [f for f in repairs.last.findings if _is_open(f, repairs)]
        if not todo or len(repairs.unread) >= MAX_UNREAD:
            break
        with ports.progress.stage("Repairing", len(todo)) as stage:
            for finding in todo:
                _repair_one(ports, finding, repairs, run_id)
                stage.advance()
        repairs.last = compare(ports, scope, run_id)
    return repairs


def _is_open(finding: Finding, repairs: Repairs) -> bool:
    return finding.finding_id in repairs.last.plans and not repairs.was_skipped(finding)


def _repair_one(ports: Ports, finding: Finding, repairs: Repairs, run_id: str) -> None:
    if len(repairs.unread) >= MAX_UNREAD:
        return
    try:
        change = apply_change(ports, repairs.last.plans[finding.finding_id], run_id)
    except ServiceError as error:
        repairs.unread.append(f"{finding.subject}: {error.message}")
        repairs.skipped.add(finding.finding_id)
        return
    if change is None:
        repairs.skipped.add(finding.finding_id)
        return
    repairs.applied.append(replace(finding, fix=FixState.APPLIED))
    repairs.changes.append(change)


def apply_change(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when it is no longer what was planned."""
    return _APPLIERS[planned.target](ports, planned, run_id)


_APPLIERS: dict[ChangeTarget, Callable[[Ports, Change, str], Change | None]] = {
    ChangeTarget.ORDER: apply_to_order,
    ChangeTarget.EVENT: apply_event,
    ChangeTarget.PDF: apply_to_pdf,
}
