"""Events take effect by reading their object again: in any order, any number of times."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stakactl.domain.changes import ChangeTarget
from stakactl.domain.findings import Discrepancy, Finding, FixState
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Event, StripeCustomer, StripeKind, StripeObject
from stakactl.errors import StripeError
from stakactl.operations.events import Sought, take_effect
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.sweeps.events import GRACE
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, a_refund, an_intent, eur
from tests.contracts.event_log import an_event
from tests.operations.workshop import Cut, Workshop, cut_before, sale, unrecorded, workshop_on

DOWN = StripeError("Stripe answered 500")
HOUR = timedelta(hours=1)


def retrieved(shop: Workshop) -> list[str]:
    return [what for _, what in shop.stripe.calls if isinstance(what, str)]


def unprocessed(shop: Workshop) -> list[str]:
    return [event.id for event in shop.events.unprocessed()]


def test_a_first_sync_reads_nothing_twice_for_its_events(shop: Workshop) -> None:
    shop.take(*(sale(number) for number in range(1, 5)))
    for number in range(1, 5):
        shop.stripe.put(an_event(number, NOW - HOUR, object_id=f"ch_{number}"))
    shop.stripe.put(an_event(9, NOW - HOUR, object_kind="price", object_id="price_1"))
    report = sync_stripe(shop)
    assert (report.complete, report.events, retrieved(shop)) == (True, 0, [])
    assert unprocessed(shop) == []


def test_an_event_about_an_old_object_reads_it_and_what_it_leads_to(shop: Workshop) -> None:
    old = sale(1)
    shop.take(old)
    sync_stripe(shop)
    shop.clock.move(days=1)
    shop.stripe.put(
        replace(old.charge, amount_refunded_minor=46800),
        an_event(1, NOW + HOUR, object_kind="payment_intent", object_id="pi_1"),
        an_event(2, NOW + HOUR, object_kind="payment_intent", object_id="pi_1"),
    )
    shop.stripe.calls.clear()
    report = sync_stripe(shop)
    assert retrieved(shop) == ["pi_1", "ch_1", "txn_1"]
    assert report.events == 3
    case = shop.cases.case("A-1")
    assert case is not None
    assert [charge.amount_refunded_minor for charge in case.charges] == [46800]
    shop.stripe.calls.clear()
    sync_stripe(shop)
    assert retrieved(shop) == []  # it came again, within the overlap of the windows


def test_what_was_deleted_leaves_a_tombstone(shop: Workshop) -> None:
    shop.stripe.put(StripeCustomer("cus_1", NOW - 5 * HOUR, True, "a@b.fr", "Anne", None, "FR"))
    sync_stripe(shop)
    shop.stripe.remove(StripeKind.CUSTOMER, "cus_1")
    shop.stripe.put(an_event(1, NOW + HOUR, object_kind="customer", object_id="cus_1"))
    shop.clock.move(days=1)
    assert sync_stripe(shop).complete
    rows = shop.contents()
    assert rows["stripe_customers"] == []
    assert [row[:3] for row in rows["stripe_absences"]] == [("customer", "cus_1", "deleted")]


def standing(report: ReconcileReport) -> list[Finding]:
    return [f for f in report.findings if f.discrepancy is Discrepancy.EVENT_UNPROCESSED]


def with_an_event_that_died(shop: Workshop) -> None:
    """The sync that brought the event is killed before it comes to it."""
    shop.take(unrecorded(1))
    shop.stripe.put(
        replace(unrecorded(1).session, status="expired", payment_status="unpaid"),
        an_intent(status="canceled", amount_received_minor=0, latest_charge_id=None),
    )
    sync_stripe(shop)
    shop.take(unrecorded(1))
    about = {"object_kind": "checkout.session", "object_id": "cs_live_1"}
    shop.stripe.put(an_event(1, NOW + HOUR, **about), an_event(2, NOW + 2 * HOUR, **about))
    shop.clock.move(hours=3)
    heal = cut_before(shop.events, "mark_foreign")
    with pytest.raises(Cut):
        sync_stripe(shop)
    heal()
    assert unprocessed(shop) == ["evt_1", "evt_2"]


def test_an_event_without_effect_is_a_finding_after_its_grace(shop: Workshop) -> None:
    with_an_event_that_died(shop)
    look = ReconcileRequest(sync=False)
    assert [f.refs["event"] for f in standing(reconcile(shop, look))] == ["evt_1"]
    shop.clock.move(hours=GRACE / HOUR, seconds=1)
    report = reconcile(shop, look)
    assert [f.fix for f in standing(report)] == [FixState.PLANNED, FixState.PLANNED]
    assert report.outcome is Outcome.INCOMPLETE
    assert standing(report)[0].seen == "checkout.session cs_live_1 was not read since"


def test_a_fix_lets_events_take_effect_oldest_first_and_once(shop: Workshop) -> None:
    with_an_event_that_died(shop)
    shop.clock.move(hours=3)
    report = reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert [f.refs["event"] for f in standing(report)] == ["evt_1", "evt_2"]
    assert {f.fix for f in standing(report)} == {FixState.APPLIED}
    assert shop.status() is OrderStatus.PAID
    recorded = [c.change for c in shop.changes.find() if c.change.target is ChangeTarget.EVENT]
    assert [change.target_id for change in recorded] == ["evt_2", "evt_1"]  # newest first
    assert unprocessed(shop) == []
    assert shop.mailer.sent == []
    shop.stripe.calls.clear()
    again = reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert (standing(again), retrieved(shop)) == ([], [])


def test_the_next_sync_catches_up_too(shop: Workshop) -> None:
    with_an_event_that_died(shop)
    assert sync_stripe(shop).complete
    assert unprocessed(shop) == []
    case = shop.cases.case("A-1")
    assert case is not None
    assert len(case.payments) == 1


def test_an_event_whose_object_cannot_be_read_waits(shop: Workshop) -> None:
    shop.take(sale(1))
    sync_stripe(shop)
    shop.stripe.put(an_event(1, NOW + HOUR, object_id="ch_1"))
    shop.stripe.put(an_event(2, NOW + HOUR, object_kind="payment_intent", object_id="pi_1"))
    shop.stripe.unreadable[StripeKind.CHARGE] = DOWN
    shop.clock.move(days=1)
    report = sync_stripe(shop)
    assert report.unread == ("charge: Stripe answered 500",)
    assert unprocessed(shop) == ["evt_1"]
    fixed = reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert fixed.outcome is Outcome.INCOMPLETE
    assert "evt_1: Stripe answered 500" in fixed.unread
    assert unprocessed(shop) == ["evt_1"]
    shop.stripe.unreadable.clear()
    assert sync_stripe(shop).complete
    assert unprocessed(shop) == []


# In any order, with duplicates

TEMPLATE: list[Path] = []


@pytest.fixture(autouse=True)
def _template(sqlite_template: Path) -> None:
    TEMPLATE[:] = [sqlite_template]


@contextmanager
def fresh_shop() -> Iterator[Workshop]:
    with TemporaryDirectory() as folder:
        shutil.copyfile(TEMPLATE[0], f"{folder}/stakactl.db")
        with workshop_on(f"sqlite:///{folder}/stakactl.db") as shop:
            yield shop


History = list[tuple[Event, tuple[StripeObject, ...]]]


def history() -> History:
    """What happens to three orders, in this order: each event with the new state of its objects."""
    steps: list[tuple[str, str, tuple[StripeObject, ...]]] = []
    for number in (1, 2, 3):
        it = unrecorded(number)
        processing = replace(it.intent, status="processing", latest_charge_id=None)
        complete = replace(it.session, payment_status="unpaid")
        refund = a_refund(
            id=f"re_{number}", amount=eur(46800), charge_id=it.charge.id, created_at=NOW
        )
        refund = replace(refund, payment_intent_id=it.intent.id, status="pending")
        refunded = replace(it.charge, amount_refunded_minor=46800)
        steps += [
            ("checkout.session", it.session.id, (complete, processing)),
            ("payment_intent", it.intent.id, (it.intent, it.charge, it.transaction)),
            ("checkout.session", it.session.id, (it.session,)),
        ]
        if number > 1:
            steps.append(("refund", refund.id, (refund,)))
        if number > 2:
            steps.append(("refund", refund.id, (replace(refund, status="succeeded"), refunded)))
            steps.append(("charge", it.charge.id, ()))
    return [
        (an_event(place, NOW, object_kind=kind, object_id=key), objects)
        for place, (kind, key, objects) in enumerate(steps)
    ]


def prepared(shop: Workshop) -> None:
    """Three orders whose sessions were open when the mirror was filled."""
    for number in (1, 2, 3):
        it = unrecorded(number)
        shop.orders.import_orders([it.order])
        opened = replace(it.session, status="open", payment_status="unpaid", payment_intent_id=None)
        shop.stripe.put(opened)
    sync_stripe(shop)


def deliver(shop: Workshop, event: Event) -> None:
    shop.mirror.upsert([event])
    take_effect(shop, [event], Sought())


def finished(shop: Workshop) -> dict[str, Any]:
    """The store after a repair, without what is about the runs themselves."""
    reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert unprocessed(shop) == []
    return shop.contents(without=["runs", "findings", "changes", "run_lock", "store_info"])


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_any_order_with_duplicates_ends_in_the_same_state(data: st.DataObject) -> None:
    """Deliveries come late, in any order, some of them twice, while the world moves on."""
    world = history()
    with fresh_shop() as shop:
        prepared(shop)
        for event, objects in world:
            shop.stripe.put(*objects)
            deliver(shop, event)
        expected = finished(shop)
    events = [event for event, _ in world]
    twice = data.draw(st.lists(st.sampled_from(events), min_size=4, max_size=4), label="twice")
    deliveries = data.draw(st.permutations([*events, *twice]), label="deliveries")
    moments = data.draw(
        st.lists(st.integers(0, len(world)), min_size=len(deliveries), max_size=len(deliveries)),
        label="how much of the world has happened by then",
    )
    with fresh_shop() as shop:
        prepared(shop)
        happened = 0
        for event, moment in zip(deliveries, sorted(moments), strict=True):
            # An event cannot arrive before it happened, nor the world go back.
            happened = _happen(shop, world, happened, max(moment, events.index(event) + 1))
            deliver(shop, event)
        _happen(shop, world, happened, len(world))
        # Stripe delivers at least once, and after the change.
        for event in _last_of_each(world):
            deliver(shop, event)
        assert finished(shop) == expected


def _happen(shop: Workshop, world: History, since: int, until: int) -> int:
    for _, objects in world[since:until]:
        shop.stripe.put(*objects)
    return max(since, until)


def _last_of_each(world: History) -> list[Event]:
    return list({event.object_id: event for event, _ in world}.values())
