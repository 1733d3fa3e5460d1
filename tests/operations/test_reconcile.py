"""Comparing and repairing: what is touched, what is not, and what is remembered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from stakactl.domain.changes import ChangeState
from stakactl.domain.findings import Discrepancy, FindingState, FixState
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Absence, Account, StripeKind, StripeObject
from stakactl.errors import LockHeld, NotFound, StoreForeign, StripeError
from stakactl.operations.fixes import orders as module
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.scope import Scope
from tests.builders import NOW, ORDERED, a_dispute, a_refund, an_intent, an_order, eur
from tests.fakes_stripe import FakeStripeGateway
from tests.operations.workshop import (
    MIRROR,
    RECORDS,
    Rows,
    Workshop,
    classes,
    sale,
    unrecorded,
)

FIX = ReconcileRequest(fix=True)
DAY = timedelta(days=1)


def street(shop: Workshop) -> None:
    """One order of every kind of repair, some that nobody may repair, and some that are fine."""
    expired = unrecorded(2)
    failed = unrecorded(3)
    relinked = sale(4, stripe_session_id="cs_live_lost")
    refunded, disputed, cancelled = sale(5), sale(6), sale(7, status=OrderStatus.CANCELLED)
    mismatch, fine = sale(8), sale(9, invoice_number="X-9")
    cheaper = replace(mismatch.session, amount_total=eur(46600))
    shop.take(unrecorded(1))
    shop.orders.import_orders([expired.order, failed.order])
    shop.stripe.put(
        replace(expired.session, status="expired", payment_status="unpaid", payment_intent_id=None)
    )
    shop.stripe.put(replace(failed.session, payment_status="unpaid"))
    shop.stripe.put(replace(failed.intent, status="requires_payment_method", latest_charge_id=None))
    shop.take(relinked, refunded, disputed, cancelled, mismatch, fine)
    shop.stripe.put(replace(relinked.session, metadata_order_id="A-4"), cheaper)
    shop.stripe.put(a_refund(charge_id="ch_5", payment_intent_id="pi_5", amount=eur(10000)))
    shop.stripe.put(a_dispute(charge_id="ch_6", payment_intent_id="pi_6"))
    shop.stripe.put(an_intent(id="pi_orphan", latest_charge_id=None))


SAFE = {
    Discrepancy.PAID_NOT_RECORDED: "A-1",
    Discrepancy.SESSION_EXPIRED: "A-2",
    Discrepancy.ASYNC_FAILED: "A-3",
    Discrepancy.ORDER_WITHOUT_STRIPE: "A-4",
    Discrepancy.REFUND_NOT_RECORDED: "A-5",
    Discrepancy.DISPUTE_UNKNOWN: "A-6",
}
FOR_PEOPLE = {
    Discrepancy.PAID_AFTER_CANCEL: "A-7",
    Discrepancy.AMOUNT_MISMATCH: "A-8",
    Discrepancy.ORPHAN_PAYMENT: None,
}


CHANGEABLE = (
    "changes checklist_items checklists invoices lost_numbers maintenance number_series orders "
    "order_lines outbox renditions restores rollbacks rollback_steps run_lock"
).split()


def untouched(shop: Workshop) -> Rows:
    """What a reconciliation may not change without --fix."""
    assert shop.store.objects == shop.spool.files == {}
    assert shop.mailer.attempts == []
    return shop.contents(without=MIRROR | RECORDS)


def test_without_fix_nothing_is_changed(shop: Workshop) -> None:
    street(shop)
    before = untouched(shop)
    assert set(before) == set(CHANGEABLE)
    report = reconcile(shop, ReconcileRequest())
    assert untouched(shop) == before
    assert report.changes == ()
    assert report.outcome is Outcome.FINDINGS
    found = {f.discrepancy: f for f in report.findings}
    for discrepancy, order_id in SAFE.items():
        assert found[discrepancy].order_id == order_id
        assert found[discrepancy].fix is FixState.PLANNED
    for discrepancy in FOR_PEOPLE:
        assert found[discrepancy].fix is FixState.NONE
    priorities = [f.discrepancy.priority for f in report.findings]
    assert priorities == sorted(priorities)


def test_control_a_reconciliation_that_writes_is_caught(shop: Workshop) -> None:
    street(shop)
    before = untouched(shop)
    reconcile(shop, FIX)
    assert untouched(shop) != before


def test_with_fix_exactly_the_safe_ones(shop: Workshop) -> None:
    street(shop)
    report = reconcile(shop, FIX)
    applied = {f.discrepancy: f.order_id for f in report.findings if f.fix is FixState.APPLIED}
    assert applied == SAFE
    assert {change.target_id for change in report.changes} == set(SAFE.values())
    statuses = {n: shop.status(f"A-{n}") for n in range(1, 10)}
    assert statuses == {
        1: OrderStatus.PAID,
        2: OrderStatus.EXPIRED,
        3: OrderStatus.FAILED,
        4: OrderStatus.PAID,
        5: OrderStatus.PARTIALLY_REFUNDED,
        6: OrderStatus.PAID,
        7: OrderStatus.CANCELLED,
        8: OrderStatus.PAID,
        9: OrderStatus.PAID,
    }
    first, linked = shop.orders.get("A-1"), shop.orders.get("A-4")
    assert first is not None
    assert linked is not None
    assert (first.stripe_payment_intent_id, first.paid_at) == (
        "pi_1",
        ORDERED + timedelta(minutes=5),
    )
    assert (linked.stripe_session_id, linked.stripe_payment_intent_id) == ("cs_live_4", "pi_4")
    fifth, sixth = shop.orders.get("A-5"), shop.orders.get("A-6")
    assert fifth is not None
    assert sixth is not None
    assert (fifth.refunded, sixth.dispute_status) == (eur(10000), "needs_response")


def test_fixing_twice_is_fixing_once(shop: Workshop) -> None:
    street(shop)
    reconcile(shop, FIX)
    before = untouched(shop)
    again = reconcile(shop, FIX)
    assert again.changes == ()
    assert untouched(shop) == before
    left = set(classes(again.findings)) - {Discrepancy.INVOICE_MISSING}
    assert left == set(FOR_PEOPLE)


@pytest.mark.parametrize("recorded", [True, False])
def test_two_repairs_of_one_order_are_both_done_by_one_run(shop: Workshop, recorded: bool) -> None:
    shop.take(sale() if recorded else unrecorded())
    shop.stripe.put(a_dispute())
    if recorded:
        shop.stripe.put(a_refund(amount=eur(10000)))
    report = reconcile(shop, FIX)
    applied = [f for f in report.findings if f.fix is FixState.APPLIED]
    assert len(applied) == len(report.changes) == 2
    assert [c.change for c in reversed(shop.changes.find())] == list(report.changes)
    assert report.changes[1].before["status"] == "paid"
    order = shop.orders.get("A-1")
    assert order is not None
    wanted = OrderStatus.PARTIALLY_REFUNDED if recorded else OrderStatus.PAID
    assert (order.status, order.dispute_status) == (wanted, "needs_response")
    assert reconcile(shop, FIX).changes == ()


# What happened in between

Then = Callable[[Workshop], object]


class BetweenCompareAndApply(FakeStripeGateway):
    """Does something when the first object is read again before its repair."""

    then: Callable[[], object] | None = None

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        if self.then is not None:
            act, self.then = self.then, None
            act()
        return super().retrieve(kind, object_id)


def canceled(shop: Workshop) -> None:
    shop.stripe.put(an_intent(status="canceled", amount_received_minor=0))


def paid_less(shop: Workshop) -> None:
    shop.stripe.put(replace(unrecorded().session, amount_total=eur(1)))


def paid_twice(shop: Workshop) -> None:
    twin = sale(2)
    shop.stripe.put(*twin.objects)
    shop.stripe.put(replace(twin.session, client_reference_id="A-1"))
    shop.mirror.upsert([replace(twin.session, client_reference_id="A-1"), twin.intent])


def deleted(shop: Workshop) -> None:
    shop.stripe.remove(StripeKind.CHECKOUT_SESSION, "cs_live_1")


def order_cancelled(shop: Workshop) -> None:
    update = unrecorded(updated_at=NOW).order
    shop.orders.import_orders([replace(update, status=OrderStatus.CANCELLED)])


@pytest.mark.parametrize("then", [canceled, paid_less, paid_twice, deleted, order_cancelled])
def test_what_changed_between_compare_and_repair_is_left_alone(shop: Workshop, then: Then) -> None:
    gateway = shop.stripe = BetweenCompareAndApply()
    shop.take(unrecorded())
    gateway.then = partial(then, shop)
    report = reconcile(shop, FIX)
    assert shop.stripe.calls
    assert FixState.APPLIED not in {finding.fix for finding in report.findings}
    assert shop.status() is not OrderStatus.PAID
    assert report.changes == ()
    assert shop.changes.find() == []
    assert classes(reconcile(shop, ReconcileRequest()).findings) == classes(report.findings)


def test_control_without_a_second_look_the_repair_would_be_wrong(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "read_case_again", lambda ports, case: canceled(shop))
    shop.take(unrecorded())
    reconcile(shop, FIX)
    assert shop.status() is OrderStatus.PAID


def test_the_swap_compares_at_the_last_moment(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order changes after the second look, right before the write."""
    shop.take(unrecorded())
    original = module._plan_again

    def plan_then_cancel(*arguments: object) -> object:
        plan = original(*arguments)  # type: ignore[arg-type]
        order_cancelled(shop)
        return plan

    monkeypatch.setattr(module, "_plan_again", plan_then_cancel)
    report = reconcile(shop, FIX)
    assert classes(report.findings) == [Discrepancy.PAID_AFTER_CANCEL]
    assert shop.status() is OrderStatus.CANCELLED
    assert shop.changes.find() == []


def test_stripe_fails_while_repairing(shop: Workshop) -> None:
    gateway = shop.stripe = BetweenCompareAndApply()
    shop.take(unrecorded())
    down = StripeError("Stripe answered 500")
    gateway.then = lambda: gateway.unreadable.update({StripeKind.CHECKOUT_SESSION: down})
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.INCOMPLETE
    assert [f.fix for f in report.findings] == [FixState.SKIPPED]
    assert "Stripe answered 500" in report.unread[0]
    assert shop.status() is OrderStatus.PENDING
    gateway.unreadable.clear()
    assert len(reconcile(shop, FIX).changes) == 1


# Records


def test_the_record_of_a_change(shop: Workshop) -> None:
    shop.take(unrecorded())
    report = reconcile(shop, FIX)
    (recorded,) = shop.changes.find()
    assert (recorded.run_id, recorded.state) == (report.run_id, ChangeState.DONE)
    assert recorded.change == report.changes[0]
    assert recorded.change.reason == "PAID_NOT_RECORDED"
    assert recorded.change.finding_id == report.findings[0].finding_id
    assert recorded.change.before == {
        "status": "pending",
        "paid_at": None,
        "stripe_payment_intent_id": None,
    }
    assert recorded.change.after == {
        "status": "paid",
        "paid_at": (ORDERED + timedelta(minutes=5)).isoformat(),
        "stripe_payment_intent_id": "pi_1",
    }
    rows = repr(shop.contents()["changes"])
    for personal in ("example.com", "Martin", "Lilas", "75011", "Correction"):
        assert personal not in rows


def states(report: ReconcileReport) -> list[FindingState]:
    return [finding.state for finding in report.findings]


def test_new_then_persisting_then_resolved_then_new(shop: Workshop) -> None:
    cancelled = sale(status=OrderStatus.CANCELLED)
    shop.take(cancelled)
    assert states(reconcile(shop, ReconcileRequest())) == [FindingState.NEW]
    shop.clock.move(days=1)
    assert states(reconcile(shop, ReconcileRequest())) == [FindingState.PERSISTING]
    assert unresolved(shop) == 1
    reopened = replace(cancelled.order, status=OrderStatus.PAID, invoice_number="X-1")
    shop.orders.import_orders([replace(reopened, updated_at=NOW)])
    assert states(reconcile(shop, ReconcileRequest())) == []
    assert unresolved(shop) == 0
    shop.orders.import_orders([replace(cancelled.order, updated_at=NOW + DAY)])
    assert states(reconcile(shop, ReconcileRequest())) == [FindingState.NEW]


def unresolved(shop: Workshop) -> int:
    return len(shop.findings.known("no run"))


def test_what_was_repaired_does_not_stand(shop: Workshop) -> None:
    shop.take(unrecorded())
    reconcile(shop, ReconcileRequest())
    assert unresolved(shop) == 1
    report = reconcile(shop, FIX)
    assert classes(report.findings) == [
        Discrepancy.PAID_NOT_RECORDED,
        Discrepancy.INVOICE_MISSING,
    ]
    assert shop.findings.known("no run") == {report.findings[1].finding_id}


@pytest.mark.parametrize(
    "request_",
    [
        ReconcileRequest(Scope(order_id="A-2")),
        ReconcileRequest(Scope(discrepancies=frozenset({Discrepancy.AMOUNT_MISMATCH}))),
        ReconcileRequest(Scope(since=NOW - DAY)),
        ReconcileRequest(Scope(until=ORDERED - DAY)),
    ],
    ids=["order", "class", "since", "until"],
)
def test_a_part_of_the_orders_resolves_nothing_of_the_rest(
    shop: Workshop, request_: ReconcileRequest
) -> None:
    shop.take(sale(1, status=OrderStatus.CANCELLED), sale(2, invoice_number="X-2"))
    reconcile(shop, ReconcileRequest())
    assert reconcile(shop, request_).findings == ()
    assert unresolved(shop) == 1
    assert states(reconcile(shop, ReconcileRequest())) == [FindingState.PERSISTING]


def test_an_incomplete_sync_resolves_nothing(shop: Workshop) -> None:
    cancelled = sale(status=OrderStatus.CANCELLED)
    shop.take(cancelled)
    reconcile(shop, ReconcileRequest())
    shop.orders.import_orders(
        [replace(cancelled.order, status=OrderStatus.PAID, invoice_number="X", updated_at=NOW)]
    )
    shop.stripe.unreadable[StripeKind.DISPUTE] = StripeError("down")
    assert reconcile(shop, ReconcileRequest()).findings == ()
    assert unresolved(shop) == 1


# Filters


def test_one_order(shop: Workshop) -> None:
    street(shop)
    report = reconcile(shop, ReconcileRequest(Scope(order_id="A-1"), fix=True))
    assert [c.target_id for c in report.changes] == ["A-1"]
    assert report.orders_read == 1
    assert shop.status("A-1") is OrderStatus.PAID
    assert shop.status("A-2") is OrderStatus.PENDING
    with pytest.raises(NotFound, match="A-99"):
        reconcile(shop, ReconcileRequest(Scope(order_id="A-99")))


def test_one_class(shop: Workshop) -> None:
    street(shop)
    wanted = frozenset({Discrepancy.SESSION_EXPIRED, Discrepancy.ORPHAN_PAYMENT})
    report = reconcile(shop, ReconcileRequest(Scope(discrepancies=wanted), fix=True))
    assert set(classes(report.findings)) == wanted
    assert [change.target_id for change in report.changes] == ["A-2"]
    assert shop.status("A-1") is OrderStatus.PENDING


def test_a_period_includes_its_beginning_and_excludes_its_end(shop: Workshop) -> None:
    moments = [ORDERED - DAY, ORDERED, ORDERED + DAY]
    shop.take(*(sale(n, at=at, status=OrderStatus.CANCELLED) for n, at in enumerate(moments, 1)))
    shop.stripe.put(
        *(
            an_intent(id=f"pi_x{n}", created_at=at, latest_charge_id=None)
            for n, at in enumerate(moments)
        )
    )
    report = reconcile(shop, ReconcileRequest(Scope(since=ORDERED, until=ORDERED + DAY)))
    found = {f.order_id or f.payment_intent_id for f in report.findings}
    assert found == {"A-2", "pi_x1"}


# What lies before INVOICES_SINCE, and what only waits


def test_history_is_shown_and_never_repaired(shop: Workshop) -> None:
    shop.rules(invoices_since=ORDERED + DAY)
    shop.take(unrecorded(1), unrecorded(2, at=ORDERED + 2 * DAY))
    report = reconcile(shop, FIX)
    (first,) = [f for f in report.findings if f.order_id == "A-1"]
    assert first.state is FindingState.HISTORICAL
    assert first.fix is FixState.NONE
    assert [c.target_id for c in report.changes] == ["A-2"]
    assert shop.status("A-1") is OrderStatus.PENDING
    assert states(reconcile(shop, FIX))[0] is FindingState.HISTORICAL


def test_history_ends_exactly_at_the_date(shop: Workshop) -> None:
    shop.rules(invoices_since=ORDERED)
    shop.take(unrecorded(1, at=ORDERED - timedelta(seconds=1)), unrecorded(2, at=ORDERED))
    reconcile(shop, FIX)
    assert [shop.status("A-1"), shop.status("A-2")] == [OrderStatus.PENDING, OrderStatus.PAID]


def sepa(shop: Workshop, at: datetime) -> None:
    debit = unrecorded(at=at)
    shop.orders.import_orders([debit.order])
    shop.stripe.put(
        replace(debit.session, payment_status="unpaid"),
        replace(
            debit.intent,
            status="processing",
            payment_method_type="sepa_debit",
            latest_charge_id=None,
        ),
    )


def test_waiting_is_pending_until_it_breaks(shop: Workshop) -> None:
    sepa(shop, NOW - DAY)
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.PENDING
    assert report.outcome.exit_code == 0
    assert report.findings[0].break_on == NOW + 13 * DAY
    shop.clock.move(days=13)
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.FINDINGS
    assert report.findings[0].break_on is None
    assert shop.status() is OrderStatus.PENDING


def test_a_session_is_not_expired_while_money_may_still_arrive(shop: Workshop) -> None:
    order = unrecorded(stripe_payment_intent_id="pi_1")
    shop.orders.import_orders([order.order])
    shop.stripe.put(
        replace(order.session, status="expired", payment_status="unpaid", payment_intent_id=None),
        replace(order.intent, status="processing", latest_charge_id=None),
    )
    assert Discrepancy.SESSION_EXPIRED not in classes(reconcile(shop, FIX).findings)
    assert shop.status() is OrderStatus.PENDING


def test_nothing_to_say_is_ok(shop: Workshop) -> None:
    shop.take(sale(invoice_number="X-1"))
    report = reconcile(shop, ReconcileRequest())
    assert (report.outcome, report.findings, report.orders_read) == (Outcome.OK, (), 1)
    run = shop.last_run()
    assert (run.command, run.outcome, run.summary) == (
        "reconcile",
        Outcome.OK,
        {"findings": 0, "changes": 0},
    )


def test_a_repairing_run_is_locked_and_a_looking_one_is_not(shop: Workshop) -> None:
    shop.take(unrecorded())
    with shop.lock.hold("other", "nightly"):
        before = shop.contents()
        with pytest.raises(LockHeld):
            reconcile(shop, FIX)
        assert shop.contents() == before
        found = reconcile(shop, ReconcileRequest()).findings
        assert classes(found) == [Discrepancy.PAID_NOT_RECORDED]
    assert len(reconcile(shop, FIX).changes) == 1


def test_an_order_fully_refunded_under_the_status_paid_needs_no_invoice(shop: Workshop) -> None:
    """As `invoices generate` sees it: it waits for its credit note."""
    shop.take(sale(refunded=eur(46800)))
    shop.stripe.put(a_refund())
    assert classes(reconcile(shop, ReconcileRequest()).findings) == []


def test_a_recorded_payment_without_stripe_is_an_order_without_stripe(shop: Workshop) -> None:
    shop.orders.import_orders([an_order()])
    report = reconcile(shop, FIX)
    assert classes(report.findings) == [Discrepancy.ORDER_WITHOUT_STRIPE]
    assert report.changes == ()


def test_repairs_without_a_sync_are_refused_with_the_key_of_another_account(
    shop: Workshop,
) -> None:
    """There, every object that is fetched again would look deleted."""
    shop.take(unrecorded(1))
    reconcile(shop, ReconcileRequest())
    before = shop.contents(without={"runs", "run_lock"})
    shop.stripe = FakeStripeGateway(account=Account("acct_other", livemode=True, name="Other"))
    with pytest.raises(StoreForeign):
        reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert shop.contents(without={"runs", "run_lock"}) == before


def test_an_order_is_not_given_up_by_what_stripe_said_long_ago(shop: Workshop) -> None:
    one = unrecorded(1)
    shop.orders.import_orders([one.order])
    unpaid = replace(one.session, payment_status="unpaid", payment_intent_id=None)
    shop.stripe.put(replace(unpaid, status="expired"))
    reconcile(shop, ReconcileRequest())
    shop.clock.move(days=2)
    again = replace(one.session, id="cs_live_2", created_at=NOW + DAY, client_reference_id="A-1")
    shop.stripe.put(again, replace(one.intent, created_at=NOW + DAY))
    report = reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert [(f.discrepancy, f.fix) for f in report.findings] == [
        (Discrepancy.SESSION_EXPIRED, FixState.SKIPPED)
    ]
    assert shop.status() is OrderStatus.PENDING
    reconcile(shop, FIX)
    assert shop.status() is OrderStatus.PAID


def test_an_order_made_anew_takes_the_place_of_the_deleted_one(shop: Workshop) -> None:
    one = sale(1, invoice_number="X-1")
    gone = replace(one.order, order_id="A-0", invoice_number=None, deleted_at=NOW)
    shop.take(one)
    shop.orders.import_orders([gone])
    assert reconcile(shop, ReconcileRequest()).findings == ()
