"""One look at every order: what differs, and the change that would repair it. Changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding, FindingState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import Context, classify
from stakactl.domain.runs import Mode
from stakactl.errors import NotFound
from stakactl.operations.fixes.application import obstacle_to
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope
from stakactl.operations.sweeps import ORDER_SWEEPS, SWEEPS

#: Without a whole sync, a payment that is not there says nothing about an order.
NEVER_READ = "Stripe was never read completely, so no order can be judged: run stakactl sync"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one look found, most urgent first, and the planned change of each finding by its id.

    `unread` says what could not be looked at, and why: the look is incomplete then.
    """

    findings: tuple[Finding, ...]
    plans: dict[str, Change]
    orders_read: int
    unread: tuple[str, ...] = ()


def compare(ports: Ports, scope: Scope, run_id: str) -> Comparison:
    """Classify every order of the scope, and whatever the sweeps find beyond orders."""
    context = context_of(ports)
    known = ports.findings.known(run_id)
    findings: list[Finding] = []
    plans: dict[str, Change] = {}
    count = 0
    with ports.progress.stage("Comparing orders", ports.orders.count()) as stage:
        for case in _cases(ports, scope):
            count += 1
            stage.advance()
            for finding in classify(case, context):
                stated = _with_state(finding, known, ports.policy.invoices_since)
                stated, change = _planned(ports, stated, case)
                findings.append(stated)
                if change is not None:
                    plans[stated.finding_id] = change
    unread: list[str] = [] if context.known_until else [NEVER_READ]
    for sweep in ORDER_SWEEPS if scope.order_id else SWEEPS:
        for finding, change in sweep(ports, scope, context, unread):
            stated = _with_state(finding, known, ports.policy.invoices_since)
            findings.append(stated)
            if change is not None and stated.state is not FindingState.HISTORICAL:
                plans[stated.finding_id] = change
    wanted = [
        finding
        for finding in findings
        if not scope.discrepancies or finding.discrepancy in scope.discrepancies
    ]
    wanted.sort(key=lambda finding: (finding.discrepancy.priority, finding.since))
    kept = {finding.finding_id for finding in wanted}
    planned = {key: change for key, change in plans.items() if key in kept}
    return Comparison(tuple(wanted), planned, count, tuple(unread))


def _planned(ports: Ports, finding: Finding, case: Case) -> tuple[Finding, Change | None]:
    """The finding with its fix. One that we may not make is told instead: it is not planned."""
    change = plan_fix(finding, case)
    obstacle = None if change is None else obstacle_to(ports, change)
    return (finding, change) if obstacle is None else (replace(finding, hint=obstacle), None)


def context_of(ports: Ports) -> Context:
    return Context(
        ports.clock.now(),
        ports.policy.mode is not Mode.TEST,
        ports.policy.default_vat_rate,
        ports.mirror.known_until(),
        ports.application is not None and ports.application.issues_invoices,
    )


def _cases(ports: Ports, scope: Scope) -> Iterator[Case]:
    if scope.order_id is None:
        yield from ports.cases.cases(scope.since, scope.until)
        return
    case = ports.cases.case(scope.order_id)
    if case is None:
        raise NotFound(
            f"no order {scope.order_id!r}", hint="stakactl orders list --search shows ids"
        )
    yield case


def _with_state(finding: Finding, known: set[str], since: datetime | None) -> Finding:
    if since is not None and finding.since < since:
        return replace(finding, state=FindingState.HISTORICAL)
    if finding.finding_id in known:
        return replace(finding, state=FindingState.PERSISTING)
    return finding
