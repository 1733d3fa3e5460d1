"""What is wrong with some orders: what differs now, and what runs found beyond that."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.causes import CAUSES, LOOK_AGAIN, OF_ORDERS
from stakactl.domain.findings import Finding, FindingState, FixState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import Context, classify
from stakactl.domain.trail import SeenFinding
from stakactl.operations.compare import context_of
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, and why; `seen_at` is when it was seen by a run, None for now."""

    finding: Finding
    cause: str
    seen_at: datetime | None = None


def judged_by(ports: Ports, cases: Iterable[Case], *, live: bool) -> dict[str, Context]:
    """The context of every order that can be judged. One whose own objects were fetched a moment
    ago can, however young it is; one that names none may have some that nobody read yet."""
    known = context_of(ports)
    fetched = replace(known, known_until=known.now) if live else known
    found = {}
    for case in cases:
        order = case.order
        names_one = order.stripe_session_id or order.stripe_payment_intent_id
        context = fetched if names_one else known
        if order.deleted_at is not None or context.can_judge(order):
            found[order.order_id] = context
    return found


def problems_of(
    ports: Ports,
    cases: Iterable[Case],
    recorded: Sequence[SeenFinding],
    judged: Mapping[str, Context],
) -> Iterator[Problem]:
    """What differs now, then what runs found that cannot be told from an order alone."""
    known = {seen.finding.finding_id for seen in recorded if seen.resolved_at is None}
    since = ports.policy.invoices_since
    told: set[str] = set()
    for case in cases:
        context = judged.get(case.order.order_id)
        for finding in classify(case, context) if context else ():
            old = since is not None and finding.since < since
            persisting = finding.finding_id in known
            state = FindingState.PERSISTING if persisting else FindingState.NEW
            stated = replace(finding, state=FindingState.HISTORICAL if old else state)
            if plan_fix(stated, case) is not None:
                stated = replace(stated, fix=FixState.PLANNED)
            told.add(finding.finding_id)
            yield Problem(stated, CAUSES[finding.discrepancy])
    for seen in recorded:
        finding = seen.finding
        looked_at = finding.order_id in judged and finding.discrepancy in OF_ORDERS
        if seen.resolved_at is None and finding.finding_id not in told and not looked_at:
            stored = replace(
                finding, state=FindingState.PERSISTING, hint=finding.hint or LOOK_AGAIN
            )
            yield Problem(stored, CAUSES[finding.discrepancy], seen.last_seen_at)
