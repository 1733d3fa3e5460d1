"""Whether the ids that an order records lead to objects that are really its own."""

from collections.abc import Iterator

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.orders import Order
from stakactl.domain.reconciliation.context import Context
from stakactl.domain.stripe_objects import Absence, CheckoutSession, PaymentIntent


def link_findings(case: Case, context: Context) -> Iterator[Finding]:
    """At most one finding: wrong mode, another order's object, or an unknown id."""
    wrong_mode = _wrong_mode(case, context)
    if wrong_mode is not None:
        yield wrong_mode
        return
    conflict = next(_conflicts(case), None)
    if conflict is not None:
        yield conflict
        return
    yield from _unknown_ids(case)


def _wrong_mode(case: Case, context: Context) -> Finding | None:
    order = case.order
    recorded = (order.stripe_session_id, order.stripe_payment_intent_id)
    objects: tuple[CheckoutSession | PaymentIntent, ...] = (*case.sessions, *case.intents)
    foreign = {entry.id for entry in objects if entry.livemode != context.livemode}
    foreign |= {key for key, absence in case.absent.items() if absence is Absence.OTHER_MODE}
    other_prefix = "cs_test_" if context.livemode else "cs_live_"
    session_id = order.stripe_session_id
    if session_id and session_id.startswith(other_prefix):
        foreign.add(session_id)
    hit = next((key for key in recorded if key in foreign), None)
    if hit is None:
        return None
    ours, theirs = ("live", "test") if context.livemode else ("test", "live")
    return Finding(
        Discrepancy.MODE_MISMATCH,
        since=order.paid_at or order.created_at,
        expected=f"an object of {ours} mode",
        seen=f"its {_kind(order, hit)} is of {theirs} mode",
        hint="correct the id that the application recorded, then import the order again",
        order_id=order.order_id,
        session_id=session_id,
        payment_intent_id=order.stripe_payment_intent_id,
    )


def _kind(order: Order, object_id: str) -> str:
    return "session" if object_id == order.stripe_session_id else "PaymentIntent"


def _conflicts(case: Case) -> Iterator[Finding]:
    """A recorded object that names another order, or that several orders record. A recorded
    session stands for its PaymentIntent too."""
    order = case.order
    recorded = {order.stripe_session_id, order.stripe_payment_intent_id}
    recorded |= {s.payment_intent_id for s in case.sessions if s.id == order.stripe_session_id}
    # A session that names the order settles whose its PaymentIntent is.
    own = {s.payment_intent_id for s in case.sessions if order.order_id in s.order_references}
    objects: tuple[CheckoutSession | PaymentIntent, ...] = (*case.sessions, *case.intents)
    for entry in objects:
        if entry.id not in recorded or order.order_id in entry.order_references:
            continue
        named = [name for name in entry.order_references if name in case.other_orders]
        shared = () if entry.id in own else case.claimants.get(entry.id, ())
        others = named or [name for name in shared if name != order.order_id]
        if not others:
            continue
        verb = "names" if named else "is also recorded by"
        yield Finding(
            Discrepancy.LINK_CONFLICT,
            since=order.paid_at or order.created_at,
            expected=f"{entry.id} belongs to order {order.order_id}",
            seen=f"its {_kind(order, entry.id)} {verb} order {', '.join(others)}",
            hint="find out which order was paid and correct the other in the application",
            order_id=order.order_id,
            session_id=entry.id if isinstance(entry, CheckoutSession) else None,
            payment_intent_id=entry.id if isinstance(entry, PaymentIntent) else None,
            refs={"other_order": others[0]},
        )


def _unknown_ids(case: Case) -> Iterator[Finding]:
    order = case.order
    recorded = (order.stripe_session_id, order.stripe_payment_intent_id)
    missing = next((key for key in recorded if key and key in case.absent), None)
    if missing is None:
        return
    backlinks = backlinked_sessions(case)
    gone = case.absent[missing] is Absence.DELETED
    yield Finding(
        Discrepancy.ORDER_WITHOUT_STRIPE,
        since=order.paid_at or order.created_at,
        expected=f"{missing} exists in this Stripe account",
        seen=f"{backlinks[0].id} names this order"
        if len(backlinks) == 1
        else f"{missing} was deleted in Stripe"
        if gone
        else "no such object",
        hint="stakactl reconcile --fix links it to the session that names it"
        if len(backlinks) == 1
        else "find out in Stripe's dashboard who deleted it, and how the order was paid"
        if gone
        else "look the payment up in Stripe's dashboard; it may be of another account",
        order_id=order.order_id,
        session_id=order.stripe_session_id,
        payment_intent_id=order.stripe_payment_intent_id,
    )


def backlinked_sessions(case: Case) -> list[CheckoutSession]:
    """Paid sessions whose own reference names the order."""
    return [
        session
        for session in case.sessions
        if session.is_paid and case.order.order_id in session.order_references
    ]
