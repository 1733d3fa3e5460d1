"""Read everything that Stripe has of one customer again, then reconcile their orders alone.

Stripe's lists by customer name what there is, and each object takes effect in the one way of
`operations/events.py`: as it is now, in the mirror, by which orders are judged. What a guest
without a Stripe customer has is what their orders name. Nothing is changed without `fix` but the
local copy and the list of findings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from stakactl.domain.case import Case
from stakactl.domain.changes import Change
from stakactl.domain.customer_record import CustomerIdentity, CustomerRecord
from stakactl.domain.findings import Discrepancy, Finding, FindingState
from stakactl.domain.runs import Outcome, worst
from stakactl.domain.stripe_links import Reference
from stakactl.domain.stripe_objects import StripeKind, StripeObject
from stakactl.errors import StripeError
from stakactl.operations.compare import Comparison, compare
from stakactl.operations.customers.changed import ObjectChange, changed_objects
from stakactl.operations.customers.find import found_again, known_customer
from stakactl.operations.events import Sought, read_chain, take_objects
from stakactl.operations.ports import Ports, StageProgress
from stakactl.operations.reconcile import outcome_of, settle
from stakactl.operations.repair import repair
from stakactl.operations.runs import recorded_run
from stakactl.operations.scope import Scope
from stakactl.operations.sync import connect
from stakactl.operations.sync_orders import orders_unread

#: What Stripe lists by customer.
_OF_CUSTOMER = (
    StripeKind.CHECKOUT_SESSION,
    StripeKind.PAYMENT_INTENT,
    StripeKind.CHARGE,
    StripeKind.INVOICE,
    StripeKind.SUBSCRIPTION,
)
#: What it lists by a payment alone, and by an invoice.
_OF_PAYMENT = (StripeKind.REFUND, StripeKind.DISPUTE)
#: Orders may lead to Stripe customers that nobody here knew of, and these to more.
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class CustomerSyncRequest:
    """Whom to read; `discrepancies` are those to look for, all where none is named."""

    name: str
    guest: bool = False
    fix: bool = False
    discrepancies: frozenset[Discrepancy] = frozenset()


@dataclass(frozen=True, slots=True)
class CustomerSyncReport:
    """`read` are the objects that were read, by kind; `changed` what differs from what was held
    before. `findings` are those repaired by `changes`, then those that remain, most urgent first;
    `plans` what was planned and not made, by finding."""

    run_id: str
    identity: CustomerIdentity
    outcome: Outcome
    read: Mapping[StripeKind, int]
    changed: tuple[ObjectChange, ...]
    orders: int
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    plans: Mapping[str, Change]
    unread: tuple[str, ...]


def sync_customer(ports: Ports, request: CustomerSyncRequest) -> CustomerSyncReport:
    """As a run of its own, locked when it repairs. Raises NotFound for an unknown name,
    StoreForeign for a key of another account, StripeError when Stripe cannot be reached at all."""
    identity = known_customer(ports, request.name, guest=request.guest)
    before = ports.customers.record(identity)
    with recorded_run(
        ports, "customers sync", locked=request.fix, in_maintenance=not request.fix
    ) as run:
        connect(ports)
        unread = list(orders_unread(ports))
        sought = Sought()
        with ports.progress.stage("Stripe: the customer's objects") as stage:
            after = _read_all(ports, before, sought, stage)
        unread += sought.unread
        looked = _Looked(run.run_id)
        with ports.progress.stage("Comparing orders", len(after.orders)) as stage:
            for case in list(ports.cases.of_orders([o.order_id for o in after.orders])):
                _look_at(ports, request, case, looked, fresh=not unread)
                stage.advance()
        unread += dict.fromkeys(looked.unread)
        outcome = worst([*looked.outcomes, Outcome.INCOMPLETE if unread else Outcome.OK])
        run.ended(outcome, findings=len(looked.remaining), changes=len(looked.changes))
    return CustomerSyncReport(
        run.run_id,
        after.identity,
        outcome,
        _counted(sought),
        tuple(changed_objects(before, after)),
        len(after.orders),
        (*looked.repaired, *sorted(looked.remaining, key=_urgency)),
        tuple(looked.changes),
        {} if request.fix else looked.plans,
        tuple(unread),
    )


def _read_all(
    ports: Ports, before: CustomerRecord, sought: Sought, stage: StageProgress
) -> CustomerRecord:
    """Until nothing more is met: what is read may lead to further Stripe customers."""
    record, listed = before, set[Reference]()
    for _ in range(_ROUNDS):
        for stripe_id in record.identity.stripe_ids:
            owner = (StripeKind.CUSTOMER, stripe_id)
            read_chain(ports, [owner], sought)
            _read_lists(ports, owner, _OF_CUSTOMER, sought, listed, stage)
        read_chain(ports, list(_held(record)), sought)
        record = ports.customers.record(found_again(ports, record.identity))
        for owner in _charged(record):
            _read_lists(ports, owner, _OF_PAYMENT, sought, listed, stage)
        for bill in record.stripe_invoices:
            owner = (StripeKind.INVOICE, bill.id)
            _read_lists(ports, owner, (StripeKind.INVOICE_PAYMENT,), sought, listed, stage)
        record = ports.customers.record(found_again(ports, record.identity))
        if not sought.todo(_held(record)) and not _unlisted(record, listed):
            break
    return record


def _unlisted(record: CustomerRecord, listed: set[Reference]) -> bool:
    """Whether what a customer or a payment has was not asked for yet."""
    owners = [(StripeKind.CUSTOMER, key) for key in record.identity.stripe_ids]
    owners += _charged(record)
    owners += [(StripeKind.INVOICE, bill.id) for bill in record.stripe_invoices]
    return any(owner not in listed for owner in owners)


def _charged(record: CustomerRecord) -> list[Reference]:
    """The payments that may have refunds and disputes."""
    charged = {charge.payment_intent_id for charge in record.payments.charges}
    intents = record.payments.intents
    ids = [i.id for i in intents if i.latest_charge_id or i.id in charged]
    return [(StripeKind.PAYMENT_INTENT, key) for key in ids]


def _read_lists(
    ports: Ports,
    owner: Reference,
    kinds: tuple[StripeKind, ...],
    sought: Sought,
    listed: set[Reference],
    stage: StageProgress,
) -> None:
    """What Stripe lists by its owner, and what that leads to. Once for each owner; the first
    failure of a kind ends that kind."""
    if owner in listed:
        return
    listed.add(owner)
    for kind in kinds:
        if kind in sought.failed:
            continue
        try:
            for page in ports.stripe.related(kind, *owner):
                take_objects(ports, kind, page, sought)
                stage.advance(len(page))
        except StripeError as error:
            sought.note(kind, f"of {owner[1]}", error)


def _held(record: CustomerRecord) -> Iterator[Reference]:
    """What orders record and what the local copy holds, whether Stripe lists it or not."""
    for order in record.orders:
        if order.stripe_session_id:
            yield StripeKind.CHECKOUT_SESSION, order.stripe_session_id
        if order.stripe_payment_intent_id:
            yield StripeKind.PAYMENT_INTENT, order.stripe_payment_intent_id
    groups: tuple[tuple[StripeKind, tuple[StripeObject, ...]], ...] = (
        (StripeKind.CHECKOUT_SESSION, record.payments.sessions),
        (StripeKind.PAYMENT_INTENT, record.payments.intents),
        (StripeKind.CHARGE, record.payments.charges),
        (StripeKind.REFUND, record.payments.refunds),
        (StripeKind.DISPUTE, record.payments.disputes),
        (StripeKind.INVOICE, record.stripe_invoices),
        (StripeKind.SUBSCRIPTION, record.subscriptions),
    )
    for kind, things in groups:
        yield from ((kind, thing.id) for thing in things)


def _counted(sought: Sought) -> dict[StripeKind, int]:
    counts = {kind: sum(one is kind for one, _ in sought.done) for kind in StripeKind}
    return {kind: count for kind, count in counts.items() if count}


# Their orders


@dataclass(slots=True)
class _Looked:
    """What the looks at the orders found and changed."""

    run_id: str
    outcomes: list[Outcome] = field(default_factory=list)
    repaired: list[Finding] = field(default_factory=list)
    remaining: list[Finding] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    plans: dict[str, Change] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


def _look_at(
    ports: Ports, request: CustomerSyncRequest, case: Case, looked: _Looked, *, fresh: bool
) -> None:
    """One order, as `reconcile --order` does. All that it names was read a moment ago; one that
    names nothing may have something that nobody read."""
    order = case.order
    named = order.stripe_session_id or order.stripe_payment_intent_id
    read_at = ports.clock.now() if fresh and named else None
    scope = Scope(order_id=order.order_id, discrepancies=request.discrepancies, read_at=read_at)
    if request.fix:
        repairs = repair(ports, scope, looked.run_id)
        last: Comparison = repairs.last
        looked.repaired += repairs.applied
        looked.changes += repairs.changes
        looked.remaining += repairs.remaining
        looked.unread += repairs.unread
        settle(ports, last, repairs.applied, complete=False)
    else:
        last = compare(ports, scope, looked.run_id)
        looked.remaining += last.findings
        looked.plans |= last.plans
    looked.unread += last.unread
    looked.outcomes.append(outcome_of(last, complete=not last.unread))


def _urgency(finding: Finding) -> tuple[bool, int, str]:
    historical = finding.state is FindingState.HISTORICAL
    return historical, finding.discrepancy.priority, finding.finding_id
