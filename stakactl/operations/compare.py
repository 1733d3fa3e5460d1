"""One look at every order: what differs, and the change that would repair it.

Changes nothing but the log of findings, which takes them in batches as they are found.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding, FindingState, FixState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import Context, classify
from stakactl.domain.runs import Mode
from stakactl.errors import NotFound
from stakactl.operations.fixes.application import obstacle_to
from stakactl.operations.found import Collector
from stakactl.operations.ports import Look, Ports
from stakactl.operations.scope import Scope
from stakactl.operations.sweeps import ORDER_SWEEPS, SWEEPS

#: Without a whole sync, a payment that is not there says nothing about an order.
NEVER_READ = "Stripe was never read completely, so no order can be judged: run stakactl sync"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one look found, most urgent first, and the planned change of each finding by its id.

    `standing` are those that are not history, `breaking` those of them that do not just wait.
    `unread` says what could not be looked at, and why: the look is incomplete then.
    """

    look: Look
    findings: Sequence[Finding]
    plans: dict[str, Change]
    orders_read: int
    standing: int
    breaking: int
    unread: tuple[str, ...] = ()


def compare(ports: Ports, scope: Scope, run_id: str, *, keep_plans: bool = True) -> Comparison:
    """Classify every order of the scope that may differ, and what the sweeps find beyond orders.

    Without `keep_plans` the findings only tell that they could be repaired.
    """
    context = context_of(ports)
    if scope.read_at is not None:
        context = replace(context, known_until=scope.read_at)
    look = Look(f"{run_id}/{secrets.token_hex(4)}", run_id, ports.clock.now())
    found = Collector(ports, look)
    plans: dict[str, Change] = {}
    unread: list[str] = [] if context.known_until else [NEVER_READ]
    for finding, change in _differences(ports, scope, context, unread):
        if scope.discrepancies and finding.discrepancy not in scope.discrepancies:
            continue
        planned = change is not None and finding.state is not FindingState.HISTORICAL
        if planned and change is not None and keep_plans:
            plans[finding.finding_id] = change
        found.add(replace(finding, fix=FixState.PLANNED) if planned else finding)
    orders_read = 1 if scope.order_id else ports.cases.count(scope.since, scope.until)
    return Comparison(
        look, found.finish(), plans, orders_read, found.standing, found.breaking, tuple(unread)
    )


def _differences(
    ports: Ports, scope: Scope, context: Context, unread: list[str]
) -> Iterator[tuple[Finding, Change | None]]:
    since = ports.policy.invoices_since
    with ports.progress.stage("Comparing orders") as stage:
        for case in _cases(ports, scope, context):
            stage.advance()
            for finding in classify(case, context):
                yield _planned(ports, _with_history(finding, since), case)
    for sweep in ORDER_SWEEPS if scope.order_id else SWEEPS:
        for finding, change in sweep(ports, scope, context, unread):
            yield _with_history(finding, since), change


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
        ports.policy.adopt_stripe_invoices,
    )


def _cases(ports: Ports, scope: Scope, context: Context) -> Iterator[Case]:
    if scope.order_id is None:
        yield from ports.cases.doubtful(context, scope.since, scope.until)
        return
    case = ports.cases.case(scope.order_id)
    if case is None:
        raise NotFound(
            f"no order {scope.order_id!r}", hint="stakactl orders list --search TEXT shows ids"
        )
    yield case


def _with_history(finding: Finding, since: datetime | None) -> Finding:
    if since is not None and finding.since < since:
        return replace(finding, state=FindingState.HISTORICAL)
    return finding
