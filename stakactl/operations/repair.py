"""Apply what is planned: each order's change on its own, checked once more right before.

The Stripe objects of the order are fetched again, classified and planned again; the change is
made only if it is still the same, and only while the order still holds what was seen. A repair
can uncover another (a refund behind an unrecorded payment), so the orders are compared again
until nothing is left to repair.
"""

from dataclasses import dataclass, field, replace

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding, FixState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.reconciliation import classify
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import StripeError
from stakactl.operations.compare import Comparison, Scope, compare, context_of
from stakactl.operations.ports import Ports

#: Longer chains of repairs than this go on in the next run.
MAX_PASSES = 4
#: Stripe is taken for down after so many orders that could not be fetched again.
MAX_UNREAD = 3


@dataclass(slots=True)
class Repairs:
    """What was repaired, and the look at everything after the last change.

    `skipped` are the ids of findings whose order or Stripe object changed in between; `unread`
    says which could not be fetched again and why.
    """

    last: Comparison
    applied: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)

    @property
    def remaining(self) -> tuple[Finding, ...]:
        """What stands at the end."""
        return tuple(
            replace(finding, fix=FixState.SKIPPED) if self.was_skipped(finding) else finding
            for finding in self.last.findings
        )

    def was_skipped(self, finding: Finding) -> bool:
        return finding.finding_id in self.skipped


def repair(ports: Ports, scope: Scope, run_id: str) -> Repairs:
    """Compare and repair until nothing is left to repair."""
    repairs = Repairs(compare(ports, scope, run_id))
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
        change = _apply(ports, repairs.last.plans[finding.finding_id], run_id)
    except StripeError as error:
        repairs.unread.append(f"order {finding.order_id}: {error.message}")
        repairs.skipped.add(finding.finding_id)
        return
    if change is None:
        repairs.skipped.add(finding.finding_id)
        return
    repairs.applied.append(replace(finding, fix=FixState.APPLIED))
    repairs.changes.append(change)


def _apply(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was applied; None when it is no longer what was planned."""
    case = ports.cases.case(planned.order_id)
    if case is None:
        return None
    _refetch(ports, case)
    fresh = ports.cases.case(planned.order_id)
    again = None if fresh is None else _plan_again(ports, fresh, planned.finding_id)
    if again is None or again.effect != planned.effect:
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
