"""Taking a run back: what still stands, what stays and why, and never twice."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from stakactl.adapters.database.tables.orders import orders
from stakactl.domain.changes import Change, ChangeState, ChangeTarget, FieldValue
from stakactl.domain.fixes import recorded_fields
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.domain.undo import UndoState
from stakactl.errors import LockHeld, NotFound, Refused
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mail import send_outbox
from stakactl.operations.ports import OrderFilter
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.undo import UndoReport, plan_of_undo, undo
from tests.builders import ORDERED, a_dispute, a_refund, an_order, eur
from tests.operations.test_reconcile import street
from tests.operations.workshop import (
    BEGINNING,
    MIRROR,
    Workshop,
    replaced,
    sale,
    unrecorded,
    workshop_on,
)

FIX = ReconcileRequest(fix=True)
ALL = OrderFilter(limit=100)
PAID: dict[str, FieldValue] = {
    "status": "paid",
    "paid_at": (ORDERED + timedelta(minutes=5)).isoformat(),
}


def take_back(shop: Workshop, run_id: str) -> UndoReport:
    return undo(shop, plan_of_undo(shop, run_id))


def states(report: UndoReport) -> list[UndoState]:
    return [step.state for step in report.steps]


def only_reason(report: UndoReport) -> str:
    (step,) = report.steps
    assert step.state is UndoState.REFUSED
    assert step.reason is not None
    return step.reason


def fields(shop: Workshop, order_id: str = "A-1") -> dict[str, FieldValue]:
    order = shop.orders.get(order_id)
    assert order is not None
    return recorded_fields(order)


def test_a_run_is_taken_back_whole(shop: Workshop) -> None:
    street(shop)
    before = shop.orders.find(ALL)
    fixed = reconcile(shop, FIX)
    assert shop.orders.find(ALL) != before
    records = shop.contents()["changes"]
    report = take_back(shop, fixed.run_id)
    assert shop.orders.find(ALL) == before
    assert (report.outcome, report.count(UndoState.DONE)) == (Outcome.OK, len(fixed.changes))
    assert [step.recorded.change for step in report.steps] == list(reversed(fixed.changes))
    assert set(records) < set(shop.contents()["changes"])  # append-only
    run = shop.last_run("undo")
    assert run.summary == {
        "undoes": fixed.run_id,
        "taken_back": len(fixed.changes),
        "refused": 0,
    }
    for recorded in shop.changes.find(report.run_id):
        assert recorded.state is ChangeState.DONE
        assert recorded.undoes is not None
        assert recorded.change.reason.startswith("undo: ")


def test_a_plan_changes_nothing(shop: Workshop) -> None:
    street(shop)
    fixed = reconcile(shop, FIX)
    before = shop.contents()
    plan = plan_of_undo(shop, fixed.run_id)
    assert set(states(plan)) == {UndoState.PLANNED}
    assert plan.run_id is None
    assert shop.contents() == before


def test_two_repairs_of_one_order_go_in_the_reverse_order(shop: Workshop) -> None:
    one = unrecorded(1)
    shop.take(one)
    shop.stripe.put(a_refund(amount=eur(100)))
    fixed = reconcile(shop, FIX)
    assert [change.reason for change in fixed.changes] == [
        "PAID_NOT_RECORDED",
        "REFUND_NOT_RECORDED",
    ]
    assert states(take_back(shop, fixed.run_id)) == [UndoState.DONE] * 2
    assert shop.orders.get("A-1") == one.order


def test_a_second_undo_changes_nothing_and_says_so(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    fixed = reconcile(shop, FIX)
    first = take_back(shop, fixed.run_id)
    before = shop.contents(without=["runs"])
    again = take_back(shop, fixed.run_id)
    assert states(again) == [UndoState.TAKEN_BACK]
    assert again.steps[0].reason == f"by run {first.run_id}"
    assert again.outcome is Outcome.OK
    assert shop.contents(without=["runs"]) == before


def test_an_undo_is_not_undone_but_repaired_anew(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    first = take_back(shop, reconcile(shop, FIX).run_id)
    assert first.run_id is not None
    with pytest.raises(Refused, match="is an undo itself") as caught:
        plan_of_undo(shop, first.run_id)
    assert "reconcile --fix" in (caught.value.hint or "")
    again = reconcile(shop, FIX)
    assert shop.status() is OrderStatus.PAID
    assert states(take_back(shop, again.run_id)) == [UndoState.DONE]
    assert shop.status() is OrderStatus.PENDING


def test_only_fields_that_hold_our_value_are_restored(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    fixed = reconcile(shop, FIX)
    outside(shop, status="refunded", dispute_status="lost")
    report = take_back(shop, fixed.run_id)
    (step,) = report.steps
    assert step.state is UndoState.DONE
    assert step.reason == "no longer ours: status is refunded"
    assert fields(shop) == {
        "status": "refunded",
        "paid_at": None,
        "refunded_minor": None,
        "dispute_status": "lost",
        "stripe_session_id": "cs_live_1",
        "stripe_payment_intent_id": None,
    }


def test_what_no_longer_stands_is_left(shop: Workshop) -> None:
    shop.take(sale(1, invoice_number="X-1"))
    shop.stripe.put(a_dispute())
    fixed = reconcile(shop, FIX)
    outside(shop, dispute_status="won")
    report = take_back(shop, fixed.run_id)
    assert only_reason(report) == "no longer ours: dispute status is won"
    assert report.outcome is Outcome.REFUSED
    assert fields(shop)["dispute_status"] == "won"


def test_an_invoice_keeps_what_it_was_made_of(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    fixed = reconcile(shop, FIX)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    assert only_reason(take_back(shop, fixed.run_id)) == (
        "invoice FACT-2026-000001 was issued for it since"
    )
    assert shop.status() is OrderStatus.PAID


def test_an_older_invoice_is_never_left_unpaid(shop: Workshop) -> None:
    """The application lost the payment of an invoiced order, and a repair brought it back."""
    shop.take(sale(1))
    reconcile(shop, ReconcileRequest())
    generate_invoices(shop, GenerateRequest(BEGINNING))
    outside(shop, status="pending", paid_at=None)
    shop.clock.move(days=1)
    fixed = reconcile(shop, FIX)
    assert [change.reason for change in fixed.changes] == ["PAID_NOT_RECORDED"]
    assert only_reason(take_back(shop, fixed.run_id)) == (
        "it would leave invoice FACT-2026-000001 without payment"
    )


def test_a_mail_keeps_what_it_says(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    fixed = reconcile(shop, FIX)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    send_outbox(shop, "run_mail")
    trail = shop.trail.dependants("A-1")
    without_invoice = replace(trail, invoices=())
    heal = replaced(shop.trail, "dependants", lambda order_id: without_invoice)
    assert only_reason(plan_of_undo(shop, fixed.run_id)).endswith("about it is sent")
    heal()


def test_a_dispute_stands_on_no_invoice(shop: Workshop) -> None:
    shop.take(sale(1))
    shop.stripe.put(a_dispute())
    fixed = reconcile(shop, FIX)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    assert states(take_back(shop, fixed.run_id)) == [UndoState.DONE]
    assert fields(shop)["dispute_status"] is None


def test_a_later_run_built_on_it(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    first = reconcile(shop, FIX)
    shop.stripe.put(a_refund())
    second = reconcile(shop, FIX)
    assert [change.reason for change in second.changes] == ["REFUND_NOT_RECORDED"]
    reason = only_reason(take_back(shop, first.run_id))
    assert reason == f"run {second.run_id} built on it; first: stakactl undo {second.run_id}"
    take_back(shop, second.run_id)
    assert states(take_back(shop, first.run_id)) == [UndoState.DONE]
    assert shop.status() is OrderStatus.PENDING


def test_a_later_run_of_which_nothing_stands_is_no_obstacle(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    first = reconcile(shop, FIX)
    shop.stripe.put(a_refund())
    reconcile(shop, FIX)
    outside(shop, status="cancelled", refunded_minor=None)
    assert states(take_back(shop, first.run_id)) == [UndoState.DONE]
    now = fields(shop)
    assert (now["status"], now["paid_at"]) == ("cancelled", None)


def test_some_yes_some_no_is_partial_and_a_rerun_says_the_same(shop: Workshop) -> None:
    shop.take(unrecorded(1), unrecorded(2))
    fixed = reconcile(shop, FIX)
    outside(shop, status="refunded", paid_at=None, stripe_payment_intent_id=None)
    report = take_back(shop, fixed.run_id)
    assert sorted(states(report)) == [UndoState.DONE, UndoState.REFUSED]
    assert report.outcome is Outcome.PARTIAL
    again = take_back(shop, fixed.run_id)
    assert sorted(states(again)) == [UndoState.REFUSED, UndoState.TAKEN_BACK]
    assert again.outcome is Outcome.PARTIAL


def test_pdfs_and_events_stay(shop: Workshop) -> None:
    shop.runs.start("run_1", "nightly", shop.clock.now())
    for target in (ChangeTarget.PDF, ChangeTarget.EVENT):
        change = Change("X-1", "fnd_1", "PDF_MISSING", {"a": None}, {"a": "b"}, target)
        shop.changes.record(change, "run_1", shop.clock.now(), ChangeState.DONE)
    report = plan_of_undo(shop, "run_1")
    assert states(report) == [UndoState.KEPT] * 2
    assert report.outcome is Outcome.OK


def test_what_was_never_done_is_not_listed(shop: Workshop) -> None:
    shop.take(sale(1))
    shop.runs.start("run_1", "nightly", shop.clock.now())
    change = Change("A-1", "fnd_1", "X", {"status": "pending"}, {"status": "paid"})
    now = shop.clock.now()
    ended = shop.changes.record(change, "run_1", now, ChangeState.INTENDED)
    shop.changes.record(change, "run_1", now, ChangeState.SKIPPED, intent_id=ended)
    assert plan_of_undo(shop, "run_1").steps == ()
    shop.changes.record(change, "run_1", now, ChangeState.INTENDED)
    assert "not known yet whether it was made" in only_reason(plan_of_undo(shop, "run_1"))


def test_an_intent_and_its_end_are_one_change(shop: Workshop) -> None:
    shop.take(sale(1, invoice_number="X-1"))
    shop.runs.start("run_1", "nightly", shop.clock.now())
    change = Change("A-1", "fnd_1", "X", {"status": "pending"}, {"status": "paid"})
    intent = shop.changes.record(change, "run_1", shop.clock.now(), ChangeState.INTENDED)
    shop.changes.record(change, "run_1", shop.clock.now(), ChangeState.DONE, intent_id=intent)
    assert states(take_back(shop, "run_1")) == [UndoState.DONE]
    assert shop.status() is OrderStatus.PENDING


def test_the_order_changes_while_the_plan_is_read(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    plan = plan_of_undo(shop, reconcile(shop, FIX).run_id)
    outside(shop, paid_at=None)
    assert only_reason(undo(shop, plan)) == "the order changed since it was shown"
    assert shop.status() is OrderStatus.PAID


def test_an_unknown_run_and_a_held_lock(shop: Workshop) -> None:
    with pytest.raises(NotFound) as caught:
        plan_of_undo(shop, "nope")
    assert "runs list" in (caught.value.hint or "")
    shop.take(unrecorded(1))
    plan = plan_of_undo(shop, reconcile(shop, FIX).run_id)
    with shop.lock.hold("run_x", "nightly"), pytest.raises(LockHeld):
        undo(shop, plan)
    assert shop.status() is OrderStatus.PAID


def test_a_run_that_changed_nothing(shop: Workshop) -> None:
    run_id = reconcile(shop, ReconcileRequest()).run_id
    report = plan_of_undo(shop, run_id)
    assert (report.steps, report.outcome) == ((), Outcome.OK)


def outside(shop: Workshop, **values: object) -> None:
    """The application changes its order A-1, and no run of ours records it."""
    with shop.database.database.write() as connection:
        connection.execute(update(orders).where(orders.c.order_id == "A-1").values(**values))


# Whatever happened: what held our value holds the old one again, the rest is as it was.

VALUES: dict[str, st.SearchStrategy[FieldValue]] = {
    "status": st.sampled_from([str(status) for status in OrderStatus]),
    "refunded_minor": st.sampled_from([None, 0, 100, 46800]),
    "dispute_status": st.sampled_from([None, "lost", "won"]),
    "stripe_session_id": st.sampled_from([None, "cs_1", "cs_2"]),
    "stripe_payment_intent_id": st.sampled_from([None, "pi_1", "pi_2"]),
    "paid_at": st.sampled_from([None, "2026-03-05T03:05:00+00:00", "2026-03-06T00:00:00+00:00"]),
}
SOME_FIELDS = st.fixed_dictionaries({}, optional=VALUES)


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[bool, dict[str, FieldValue]]]:
    """Changes of ours (True) and of the application (False), in the order they happen."""
    return draw(st.lists(st.tuples(st.booleans(), SOME_FIELDS.filter(bool)), max_size=8))


@pytest.fixture(scope="module")
def one_shop(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    """Every example uses orders and runs of its own."""
    path = tmp_path_factory.mktemp("undo") / "stakactl.db"
    shutil.copyfile(sqlite_template, path)
    with workshop_on(f"sqlite:///{path}") as shop:
        yield shop


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories())
def test_fields_that_held_our_values_hold_the_old_ones_again(
    one_shop: Workshop, history: list[tuple[bool, dict[str, FieldValue]]]
) -> None:
    shop, number = one_shop, one_shop.orders.count()
    order_id, run_id = f"H-{number}", f"run_{number}"
    shop.orders.import_orders([an_order(order_id=order_id, amount=eur(46800))])
    shop.runs.start(run_id, "reconcile", shop.clock.now())
    ours: list[tuple[dict[str, FieldValue], dict[str, FieldValue]]] = []
    for is_ours, wanted in history:
        now = fields(shop, order_id)
        before = {name: now[name] for name in wanted}
        change = Change(order_id, "fnd_1", "X", before, wanted)
        if is_ours:
            assert shop.orders.apply(change, run_id, shop.clock.now())
            ours.append((before, wanted))
        else:
            _silently(shop, change)
    expected = fields(shop, order_id)
    for before, after in reversed(ours):
        held = [name for name in after if expected[name] == after[name] != before[name]]
        expected |= {name: before[name] for name in held}
    first = taken_back(take_back(shop, run_id))
    assert fields(shop, order_id) == expected
    # What an older value brought back may be ours again; but nothing is taken back twice.
    assert not first & taken_back(take_back(shop, run_id))


def taken_back(report: UndoReport) -> set[int]:
    return {step.recorded.change_id for step in report.steps if step.state is UndoState.DONE}


def _silently(shop: Workshop, change: Change) -> None:
    """A change of the application's: made by the same code, and its record taken out again."""
    from stakactl.adapters.database.tables.records import changes

    assert shop.orders.apply(change, "outside", shop.clock.now())
    with shop.database.database.write() as connection:
        connection.execute(changes.delete().where(changes.c.run_id == "outside"))


@given(SOME_FIELDS.filter(bool), st.sampled_from(["PAID_NOT_RECORDED", "undo: X", ""]))
def test_the_inverse_of_the_inverse(after: dict[str, FieldValue], reason: str) -> None:
    before: dict[str, FieldValue] = dict.fromkeys(after, "seen")
    change = Change("A-1", "fnd_1", reason, before, after)
    assert change.inverse().inverse() == change
    assert change.inverse().before == change.after


def test_control_an_undo_that_forgets_a_field_is_caught(one_shop: Workshop) -> None:
    shop = one_shop
    shop.orders.import_orders([an_order(order_id="C-1", status=OrderStatus.PENDING, paid_at=None)])
    shop.runs.start("run_control", "reconcile", shop.clock.now())
    before = fields(shop, "C-1")
    seen: dict[str, FieldValue] = {"status": "pending", "paid_at": None}
    change = Change("C-1", "fnd_1", "X", seen, PAID)
    assert shop.orders.apply(change, "run_control", shop.clock.now())
    plan = plan_of_undo(shop, "run_control")
    (step,) = plan.steps
    assert step.inverse is not None
    assert shop.orders.apply(
        replace(step.inverse, before={"status": "paid"}, after={"status": "pending"}),
        "run_careless",
        shop.clock.now(),
    )
    assert fields(shop, "C-1") != before


def test_an_undo_touches_nothing_but_orders_and_the_record(shop: Workshop) -> None:
    street(shop)
    fixed = reconcile(shop, FIX)
    allowed = ["orders", "changes", "runs"]
    before = shop.contents(without=allowed)
    take_back(shop, fixed.run_id)
    assert shop.contents(without=allowed) == before
    assert MIRROR & set(before)
