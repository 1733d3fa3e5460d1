"""Compare orders, Stripe and invoices; show what differs; repair what is safe.

Read → classify (pure) → plan (pure) → show, and only with `fix` apply.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding
from stakactl.domain.runs import Outcome
from stakactl.operations.bridge import BridgeReport, bridge
from stakactl.operations.compare import Comparison, compare
from stakactl.operations.found import after
from stakactl.operations.ports import Ports
from stakactl.operations.repair import repair
from stakactl.operations.runs import recorded_run
from stakactl.operations.scope import Scope
from stakactl.operations.sync import SyncReport, connect, sync_stripe, unfinished
from stakactl.operations.sync_orders import orders_unread

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

    `unread` says what of Stripe and of the application's orders could not be read, and why;
    `plans` are the changes that were planned and not made, by finding. A single order has no
    bridge.
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
    bridge: BridgeReport | None
    plans: Mapping[str, Change] = field(default_factory=dict)


def reconcile(ports: Ports, request: ReconcileRequest) -> ReconcileReport:
    """One reconciliation as a run of its own, locked when it repairs."""
    with recorded_run(
        ports, "reconcile", locked=request.fix, in_maintenance=not request.fix
    ) as run:
        if request.fix and not request.sync:
            connect(ports)  # repairs fetch objects again: of another account none would be there
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
            remaining = comparison.findings
        unread += comparison.unread
        complete = not unread
        whole = complete and request.scope.is_whole
        resolved = settle(ports, comparison, repaired, complete=whole)
        drawn = None if request.scope.order_id else bridge(ports, request.scope)
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
        drawn,
        {} if request.fix else comparison.plans,
    )


def _read(ports: Ports) -> tuple[SyncReport, tuple[str, ...]]:
    """Read orders, then Stripe, which is asked for what they name; then the orders again, because
    what was paid in the meantime must not look unrecorded."""
    unread = orders_unread(ports)
    sync = sync_stripe(ports)
    return sync, (*sync.unread, *(unread or orders_unread(ports)))


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
