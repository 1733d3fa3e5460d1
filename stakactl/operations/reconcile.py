"""Compare orders, Stripe and invoices; show what differs; repair what is safe.

Read → classify (pure) → plan (pure) → show, and only with `fix` apply.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding
from stakactl.domain.runs import Outcome
from stakactl.operations.compare import Comparison, compare
from stakactl.operations.found import after
from stakactl.operations.ports import Ports
from stakactl.operations.repair import repair
from stakactl.operations.runs import recorded_run
from stakactl.operations.scope import Scope
from stakactl.operations.sync import SyncReport, missing_windows, sync_stripe

#: So many resolved findings are named; of the rest, how many they are.
RESOLVED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ReconcileRequest:
    """What to look at, and whether to read Stripe first and to repair afterwards."""

    scope: Scope = field(default_factory=Scope)
    fix: bool = False
    sync: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """Findings of earlier runs that stand no more: how many, and the most urgent of them."""

    count: int = 0
    shown: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """`findings` are those repaired by `changes`, then those that remain, most urgent first: many
    are read from the store whenever they are asked for.

    `unread` says what of Stripe could not be read, and why.
    """

    run_id: str
    started_at: datetime
    outcome: Outcome
    findings: Sequence[Finding]
    changes: tuple[Change, ...]
    orders_read: int
    sync: SyncReport | None
    unread: tuple[str, ...]
    resolved: Resolved


def reconcile(ports: Ports, request: ReconcileRequest) -> ReconcileReport:
    """One reconciliation as a run of its own, locked when it repairs."""
    with recorded_run(ports, "reconcile", locked=request.fix) as run:
        sync = sync_stripe(ports) if request.sync else None
        unread = sync.unread if sync else missing_windows(ports)
        repaired: tuple[Finding, ...] = ()
        changes: tuple[Change, ...] = ()
        if request.fix:
            repairs = repair(ports, request.scope, run.run_id)
            repaired, changes = tuple(repairs.applied), tuple(repairs.changes)
            unread += tuple(repairs.unread)
            comparison, remaining = repairs.last, repairs.remaining
        else:
            comparison = compare(ports, request.scope, run.run_id, keep_plans=False)
            remaining = comparison.findings
        unread += comparison.unread
        complete = not unread
        whole = complete and request.scope.is_whole
        resolved = settle(ports, comparison, repaired, complete=whole)
        outcome = outcome_of(comparison, complete=complete)
        run.ended(outcome, findings=len(remaining), changes=len(changes))
    return ReconcileReport(
        run.run_id,
        run.started_at,
        outcome,
        after(repaired, remaining),
        changes,
        comparison.orders_read,
        sync,
        unread,
        resolved,
    )


def settle(
    ports: Ports, last: Comparison, repaired: Iterable[Finding], *, complete: bool
) -> Resolved:
    """Remember what stands no more after the last look of a run; with `complete` that is whatever
    the look did not find."""
    now = ports.clock.now()
    ports.findings.close([finding.finding_id for finding in repaired], last.look, now)
    if not complete:
        return Resolved()
    ports.findings.resolve(last.look, now)
    count, shown = ports.findings.resolved_by(last.look.run_id, RESOLVED_SHOWN)
    return Resolved(count, tuple(shown))


def outcome_of(last: Comparison, *, complete: bool) -> Outcome:
    """Green only when everything was read and nothing but waiting remains."""
    if not complete:
        return Outcome.INCOMPLETE
    if last.breaking:
        return Outcome.FINDINGS
    return Outcome.PENDING if last.standing else Outcome.OK
