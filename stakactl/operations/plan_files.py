"""A plan of repairs written for review, and applied later: exactly what it says, or less.

Each change goes the same way as with `reconcile --fix`: its objects are fetched again, classified
and planned again, and it is made only if that comes to the same change. What no longer holds is
skipped and told; nothing that the plan does not name is changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stakactl.domain.changes import ChangeTarget
from stakactl.domain.findings import Finding, FixState
from stakactl.domain.fixes import plan_fix, recorded_fields
from stakactl.domain.plans import PlannedRepair, RepairPlan
from stakactl.domain.reconciliation import classify
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused, ServiceError
from stakactl.operations.compare import context_of
from stakactl.operations.fixes.application import end_interrupted_writes
from stakactl.operations.ports import Ports
from stakactl.operations.reconcile import ReconcileReport
from stakactl.operations.repair import MAX_UNREAD, apply_change
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync import SyncReport, connect, sync_stripe, unfinished
from stakactl.operations.sync_orders import orders_unread

_DONE_ALREADY = "it is as planned already"
_NO_LONGER = "nothing differs any more"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one repair of the plan: its finding with the state of its fix, and why it
    was not made."""

    finding: Finding
    reason: str | None = None

    @property
    def stands(self) -> bool:
        """Whether there is still something to repair."""
        settled = self.finding.fix is FixState.APPLIED
        return not settled and self.reason not in (_DONE_ALREADY, _NO_LONGER)


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """`run_id` is None for a dry run; `unread` says what could not be fetched again, and why."""

    plan: RepairPlan
    outcome: Outcome
    fates: tuple[Fate, ...]
    unread: tuple[str, ...] = ()
    run_id: str | None = None


def plan_of(ports: Ports, report: ReconcileReport) -> RepairPlan:
    """The plan of a reconciliation that repaired nothing."""
    repairs = (
        PlannedRepair(finding, report.plans[finding.finding_id])
        for finding in report.findings
        if finding.finding_id in report.plans
    )
    return RepairPlan(
        ports.binding.identity(),
        ports.policy.mode,
        ports.clock.now(),
        report.run_id,
        tuple(repairs),
    )


def require_fitting(ports: Ports, plan: RepairPlan) -> None:
    """Raises Refused for a plan of another store, account, mode or time."""
    reason = plan.misfit(ports.binding.identity(), ports.policy.mode, ports.clock.now())
    if reason is not None:
        raise Refused(
            f"this plan cannot be applied here: {reason}",
            hint="make a new one: stakactl reconcile --plan-out FILE",
        )


def preview_plan(ports: Ports, plan: RepairPlan) -> ApplyReport:
    """What applying would do by what is known here. Changes nothing."""
    require_fitting(ports, plan)
    fates = tuple(_foreseen(ports, repair) for repair in plan.repairs)
    return ApplyReport(plan, _outcome(fates, ()), fates)


def apply_plan(ports: Ports, plan: RepairPlan, *, sync: bool = True) -> ApplyReport:
    """Make the changes of the plan that still hold, as a locked run of its own."""
    require_fitting(ports, plan)
    with recorded_run(ports, "reconcile --apply", locked=True) as run:
        if not sync:
            connect(ports)  # repairs fetch objects again: of another account none would be there
        orders = orders_unread(ports) if sync else ()
        read: SyncReport | None = sync_stripe(ports) if sync else None
        unread = [
            *end_interrupted_writes(ports),
            *orders,
            *(read.unread if read else unfinished(ports)),
        ]
        known = len(unread)
        fates: list[Fate] = []
        with ports.progress.stage("Repairing", len(plan.repairs)) as stage:
            for repair in plan.repairs:
                stage.advance()
                is_down = len(unread) - known >= MAX_UNREAD
                fates.append(
                    _skipped(repair.finding, "a service does not answer")
                    if is_down
                    else _make(ports, repair, run.run_id, unread)
                )
        report = ApplyReport(plan, _outcome(fates, unread), tuple(fates), tuple(unread), run.run_id)
        applied = sum(fate.finding.fix is FixState.APPLIED for fate in fates)
        run.ended(report.outcome, plan=plan.run_id, changes=applied, skipped=len(fates) - applied)
    return report


def _make(ports: Ports, repair: PlannedRepair, run_id: str, unread: list[str]) -> Fate:
    finding, change = repair.finding, repair.change
    if reason := _settled(ports, repair):
        return _skipped(finding, reason)
    try:
        applied = apply_change(ports, change, run_id)
    except ServiceError as error:
        unread.append(f"{finding.subject}: {error.message}")
        return _skipped(finding, error.message)
    if applied is not None:
        return Fate(replace(finding, fix=FixState.APPLIED))
    return _skipped(finding, _difference(ports, repair) or "the order changed in this very moment")


def _foreseen(ports: Ports, repair: PlannedRepair) -> Fate:
    reason = _settled(ports, repair) or _difference(ports, repair)
    if reason is not None:
        return _skipped(repair.finding, reason)
    return Fate(replace(repair.finding, fix=FixState.PLANNED))


def _skipped(finding: Finding, reason: str) -> Fate:
    return Fate(replace(finding, fix=FixState.SKIPPED), reason)


def _settled(ports: Ports, repair: PlannedRepair) -> str | None:
    """Why nothing is to be done, whatever Stripe says."""
    since = ports.policy.invoices_since
    if since is not None and repair.finding.since < since:
        return "it is of the time before INVOICES_SINCE"
    if repair.change.target is not ChangeTarget.ORDER:
        return None
    order = ports.orders.get(repair.change.target_id)
    if order is None:
        return "the order is gone"
    now = recorded_fields(order)
    held = all(now.get(name) == after for name, (_, after) in repair.change.effect.items())
    return _DONE_ALREADY if held else None


def _difference(ports: Ports, repair: PlannedRepair) -> str | None:
    """How the repair that is due by now differs from the planned one; None when it does not."""
    if repair.change.target is not ChangeTarget.ORDER:
        return None  # looked at by whoever makes it
    case = ports.cases.case(repair.change.target_id)
    found = classify(case, context_of(ports)) if case else ()
    wanted = repair.finding.finding_id
    finding = next((finding for finding in found if finding.finding_id == wanted), None)
    if case is None or (finding is None and not found):
        return _NO_LONGER
    if finding is None:
        return f"something else differs by now: {', '.join(f.discrepancy for f in found)}"
    due = plan_fix(finding, case)
    if due is None:
        return f"a person has to decide by now: {finding.seen}"
    return None if due.effect == repair.change.effect else "another change is due by now"


def _outcome(fates: Sequence[Fate], unread: Sequence[str]) -> Outcome:
    if unread:
        return Outcome.INCOMPLETE
    return Outcome.FINDINGS if any(fate.stands for fate in fates) else Outcome.OK
