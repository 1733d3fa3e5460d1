"""Compare orders, Stripe and invoices; show what differs; repair what is safe.

Read → classify (pure) → plan (pure) → show, and only with `fix` apply.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding, FindingState, FixState
from stakactl.domain.runs import Outcome
from stakactl.operations.bridge import BridgeReport, bridge
from stakactl.operations.compare import Comparison, compare
from stakactl.operations.ports import Ports
from stakactl.operations.repair import repair
from stakactl.operations.runs import recorded_run
from stakactl.operations.scope import Scope
from stakactl.operations.sync import SyncReport, sync_stripe, unfinished
from stakactl.operations.sync_orders import orders_unread


@dataclass(frozen=True, slots=True)
class ReconcileRequest:
    """What to look at, and whether to read Stripe first and to repair afterwards."""

    scope: Scope = field(default_factory=Scope)
    fix: bool = False
    sync: bool = True


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """`findings` are those repaired by `changes`, then those that remain, most urgent first.

    `unread` says what of Stripe and of the application's orders could not be read, and why;
    `plans` are the changes that were planned and not made, by finding. A single order has no
    bridge.
    """

    run_id: str
    started_at: datetime
    outcome: Outcome
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    orders_read: int
    sync: SyncReport | None
    unread: tuple[str, ...]
    bridge: BridgeReport | None
    plans: Mapping[str, Change] = field(default_factory=dict)


def reconcile(ports: Ports, request: ReconcileRequest) -> ReconcileReport:
    """One reconciliation as a run of its own, locked when it repairs."""
    with recorded_run(ports, "reconcile", locked=request.fix) as run:
        sync, unread = _read(ports) if request.sync else (None, unfinished(ports))
        repaired: tuple[Finding, ...] = ()
        changes: tuple[Change, ...] = ()
        if request.fix:
            repairs = repair(ports, request.scope, run.run_id)
            repaired, changes = tuple(repairs.applied), tuple(repairs.changes)
            unread += tuple(repairs.unread)
            comparison, remaining = repairs.last, repairs.remaining
        else:
            comparison = compare(ports, request.scope, run.run_id)
            remaining = planned(comparison)
        unread += comparison.unread
        complete = not unread
        remember(ports, remaining, run.run_id, complete=complete and request.scope.is_whole)
        drawn = None if request.scope.order_id else bridge(ports, request.scope)
        outcome = outcome_of(remaining, complete=complete)
        run.ended(outcome, findings=len(remaining), changes=len(changes))
    return ReconcileReport(
        run.run_id,
        run.started_at,
        outcome,
        (*repaired, *remaining),
        changes,
        comparison.orders_read,
        sync,
        unread,
        drawn,
        {} if request.fix else comparison.plans,
    )


def _read(ports: Ports) -> tuple[SyncReport, tuple[str, ...]]:
    """Read orders, then Stripe, which is asked for what they name; then the orders again, because
    what was paid in the meantime must not look unrecorded."""
    unread = orders_unread(ports)
    sync = sync_stripe(ports)
    return sync, (*sync.unread, *(unread or orders_unread(ports)))


def planned(comparison: Comparison) -> tuple[Finding, ...]:
    """The findings of a look that repairs nothing: what could be repaired is planned."""
    return tuple(
        replace(finding, fix=FixState.PLANNED)
        if finding.finding_id in comparison.plans
        else finding
        for finding in comparison.findings
    )


def remember(ports: Ports, remaining: tuple[Finding, ...], run_id: str, *, complete: bool) -> None:
    """Store what stands after this run."""
    ports.findings.record(remaining, run_id, ports.clock.now(), complete=complete)


def outcome_of(remaining: tuple[Finding, ...], *, complete: bool) -> Outcome:
    """Green only when everything was read and nothing but waiting remains."""
    if not complete:
        return Outcome.INCOMPLETE
    standing = [finding for finding in remaining if finding.state is not FindingState.HISTORICAL]
    if any(not finding.is_pending for finding in standing):
        return Outcome.FINDINGS
    return Outcome.PENDING if standing else Outcome.OK
