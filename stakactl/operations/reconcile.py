"""Compare orders, Stripe and invoices; show what differs; repair what is safe.

Read → classify (pure) → plan (pure) → show, and only with `fix` apply. Applying refetches the
Stripe objects, classifies and plans again, and swaps the order's fields only while they still
hold what was seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.findings import Discrepancy, Finding, FindingState, FixState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import Context, classify, classify_orphan
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import NotFound
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sync import SyncReport, sync_stripe


@dataclass(frozen=True, slots=True)
class ReconcileRequest:
    """Which orders to look at and what to do about them; times are aware UTC."""

    since: datetime | None = None
    until: datetime | None = None
    order_id: str | None = None
    discrepancies: frozenset[Discrepancy] = frozenset()
    fix: bool = False
    sync: bool = True

    @property
    def is_whole(self) -> bool:
        return not (self.since or self.until or self.order_id or self.discrepancies)


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """`findings` are sorted by priority and date; `changes` are those applied."""

    run_id: str
    started_at: datetime
    outcome: Outcome
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    orders_read: int
    sync: SyncReport | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one pass over the orders found, and the change planned for each finding."""

    findings: tuple[Finding, ...]
    plans: dict[str, Change]
    orders_read: int


def reconcile(ports: Ports, request: ReconcileRequest) -> ReconcileReport:
    """One reconciliation as a run of its own, locked when it repairs."""
    with recorded_run(ports, "reconcile", locked=request.fix) as run:
        sync = sync_stripe(ports) if request.sync else None
        comparison = compare(ports, request, run.run_id)
        applied = apply_plans(ports, comparison, run.run_id) if request.fix else {}
        findings = with_fix_states(comparison, applied if request.fix else None)
        complete = sync is None or sync.complete
        remember(ports, findings, run.run_id, complete=complete and request.is_whole)
        outcome = outcome_of(findings, complete=complete)
        run.ended(outcome, findings=len(findings), changes=sum(applied.values()))
    return ReconcileReport(
        run.run_id,
        run.started_at,
        outcome,
        findings,
        tuple(comparison.plans[key] for key, done in applied.items() if done),
        comparison.orders_read,
        sync,
    )


def compare(ports: Ports, request: ReconcileRequest, run_id: str) -> Comparison:
    """Classify every order of the request and the payments without order. Changes nothing."""
    context = context_of(ports)
    known = ports.findings.known(run_id)
    findings: list[Finding] = []
    plans: dict[str, Change] = {}
    count = 0
    with ports.progress.stage("Comparing orders", ports.orders.count()) as stage:
        for case in _cases(ports, request):
            count += 1
            stage.advance()
            for finding in classify(case, context):
                stated = _with_state(finding, known, ports.policy.invoices_since)
                findings.append(stated)
                change = plan_fix(stated, case)
                if change is not None:
                    plans[stated.finding_id] = change
    if not request.order_id:
        findings += [
            _with_state(classify_orphan(orphan), known, ports.policy.invoices_since)
            for orphan in ports.cases.orphans()
            if _in_period(orphan.intent.created_at, request)
        ]
    wanted = [
        finding
        for finding in findings
        if not request.discrepancies or finding.discrepancy in request.discrepancies
    ]
    wanted.sort(key=lambda finding: (finding.discrepancy.priority, finding.since))
    kept = {finding.finding_id for finding in wanted}
    return Comparison(tuple(wanted), {k: v for k, v in plans.items() if k in kept}, count)


def context_of(ports: Ports) -> Context:
    return Context(
        ports.clock.now(), ports.policy.mode is not Mode.TEST, ports.policy.default_vat_rate
    )


def _cases(ports: Ports, request: ReconcileRequest) -> Iterator[Case]:
    if request.order_id is None:
        yield from ports.cases.cases(request.since, request.until)
        return
    case = ports.cases.case(request.order_id)
    if case is None:
        raise NotFound(
            f"no order {request.order_id!r}", hint="stakactl orders list --search shows ids"
        )
    yield case


def _in_period(moment: datetime, request: ReconcileRequest) -> bool:
    after = request.since is None or moment >= request.since
    return after and (request.until is None or moment < request.until)


def _with_state(finding: Finding, known: set[str], since: datetime | None) -> Finding:
    if since is not None and finding.since < since:
        return replace(finding, state=FindingState.HISTORICAL)
    if finding.finding_id in known:
        return replace(finding, state=FindingState.PERSISTING)
    return finding


def apply_plans(ports: Ports, comparison: Comparison, run_id: str) -> dict[str, bool]:
    """Apply each planned change; tells for each finding id whether its order took it.

    The plan of an order's second finding becomes what it is after the first one was repaired.
    """
    applied = {}
    with ports.progress.stage("Repairing", len(comparison.plans)) as stage:
        for finding_id, change in comparison.plans.items():
            done = _apply(ports, change, run_id)
            applied[finding_id] = done is not None
            if done is not None:
                comparison.plans[finding_id] = done
            stage.advance()
    return applied


def _apply(ports: Ports, change: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when it is no longer what was planned."""
    case = ports.cases.case(change.order_id)
    if case is None:
        return None
    _refetch(ports, case)
    fresh = ports.cases.case(change.order_id)
    again = None if fresh is None else _plan_again(ports, fresh, change.finding_id)
    if again is None or again.effect != change.effect:
        return None
    return again if ports.orders.apply(again, run_id, ports.clock.now()) else None


def _refetch(ports: Ports, case: Case) -> None:
    """Read the case's Stripe objects again, as they are now."""
    wanted = [
        *((StripeKind.CHECKOUT_SESSION, session.id) for session in case.sessions),
        *((StripeKind.PAYMENT_INTENT, intent.id) for intent in case.intents),
        *((StripeKind.CHARGE, charge.id) for charge in case.charges),
        *((StripeKind.REFUND, refund.id) for refund in case.refunds),
        *((StripeKind.DISPUTE, dispute.id) for dispute in case.disputes),
    ]
    for kind, object_id in wanted:
        found = ports.stripe.retrieve(kind, object_id)
        if isinstance(found, Absence):
            ports.mirror.mark_absent(kind, object_id, found)
        else:
            ports.mirror.upsert([found])


def _plan_again(ports: Ports, case: Case, finding_id: str) -> Change | None:
    for finding in classify(case, context_of(ports)):
        if finding.finding_id == finding_id:
            return plan_fix(finding, case)
    return None


def with_fix_states(comparison: Comparison, applied: dict[str, bool] | None) -> tuple[Finding, ...]:
    """Findings with what became of their fix; `applied` is None when nothing was to be applied."""

    def state(finding: Finding) -> FixState:
        if finding.finding_id not in comparison.plans:
            return FixState.NONE
        if applied is None:
            return FixState.PLANNED
        return FixState.APPLIED if applied[finding.finding_id] else FixState.SKIPPED

    return tuple(replace(finding, fix=state(finding)) for finding in comparison.findings)


def remember(ports: Ports, findings: tuple[Finding, ...], run_id: str, *, complete: bool) -> None:
    """Store what stands after this run."""
    standing = [finding for finding in findings if finding.fix is not FixState.APPLIED]
    ports.findings.record(standing, run_id, ports.clock.now(), complete=complete)


def outcome_of(findings: tuple[Finding, ...], *, complete: bool) -> Outcome:
    """Green only when everything was read and nothing but waiting remains."""
    if not complete:
        return Outcome.INCOMPLETE
    remaining = [
        finding
        for finding in findings
        if finding.fix is not FixState.APPLIED and finding.state is not FindingState.HISTORICAL
    ]
    if any(not finding.is_pending for finding in remaining):
        return Outcome.FINDINGS
    return Outcome.PENDING if remaining else Outcome.OK
