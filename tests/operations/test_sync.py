"""Filling the mirror: windows, what may have changed, what others name, what is unreadable."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.stripe_objects import Absence, Account, StripeKind, StripeObject
from stakactl.domain.windows import Window, merged
from stakactl.errors import StoreForeign, StripeError
from stakactl.operations.ports import Page, Unread, Wanted
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.sync import plan, sync_stripe
from stakactl.operations.sync.plan import BEGINNING, EVENTS_KEPT, OVERLAP, OVERLAPS
from tests.builders import NOW, a_charge, a_dispute, a_refund, a_session, an_intent, an_order
from tests.contracts.mirror import invoice_payment
from tests.fakes_stripe import FakeStripeGateway
from tests.operations.workshop import Workshop, classes, sale

DOWN = StripeError("Stripe answered 500")


def windows(shop: Workshop) -> dict[StripeKind, Window]:
    """What was read of each list: one stretch, in however many parts. With the balance, what
    moves it is read up to a moment ahead; that is left out."""
    found = {}
    asked = [(kind, what) for kind, what in shop.stripe.calls if isinstance(what, Window)]
    for kind in StripeKind:
        parts = [what for of, what in asked if of is kind and what.until <= shop.clock.now()]
        (found[kind],) = merged(parts)
        assert sum((w.until - w.since for w in parts), timedelta()) == (
            found[kind].until - found[kind].since
        )
    return found


def expected_windows(since: datetime, until: datetime, **other: datetime) -> dict[str, Window]:
    wanted = {str(kind): Window(since, until) for kind in StripeKind}
    return wanted | {kind: Window(begin, until) for kind, begin in other.items()}


def retrieved(shop: Workshop) -> list[str]:
    return [what for _, what in shop.stripe.calls if isinstance(what, str)]


def test_the_first_sync_reads_everything_there_ever_was(shop: Workshop) -> None:
    old = sale(1, at=BEGINNING + timedelta(days=1))
    shop.take(old, sale(2))
    report = sync_stripe(shop)
    assert report.complete
    assert report.listed[StripeKind.PAYMENT_INTENT] == 2
    assert windows(shop) == expected_windows(BEGINNING, NOW, event=NOW - EVENTS_KEPT)
    assert shop.mirror.count() == 8
    assert shop.mirror.known_until() == NOW
    case = shop.cases.case("A-1")
    assert case is not None
    assert (case.sessions, case.intents, case.charges) == (
        (old.session,),
        (old.intent,),
        (old.charge,),
    )
    assert retrieved(shop) == []


def test_the_next_sync_continues_with_an_overlap(shop: Workshop) -> None:
    sync_stripe(shop)
    shop.stripe.calls.clear()
    late = sale(1, at=NOW - OVERLAP + timedelta(seconds=1))
    shop.take(late)
    shop.clock.move(days=1)
    sync_stripe(shop)
    refunds = NOW - OVERLAPS[StripeKind.REFUND]
    tomorrow = NOW + timedelta(days=1)
    assert windows(shop) == expected_windows(NOW - OVERLAP, tomorrow, refund=refunds)
    case = shop.cases.case("A-1")
    assert case is not None
    assert case.payments == (late.intent,)


def test_control_without_the_overlap_a_late_object_is_missed(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "OVERLAP", timedelta(0))
    sync_stripe(shop)
    shop.stripe.put(an_intent(id="pi_late", created_at=NOW - timedelta(minutes=1)))
    shop.clock.move(days=1)
    assert sync_stripe(shop).listed[StripeKind.PAYMENT_INTENT] == 0


def test_a_clock_that_ran_ahead_costs_a_whole_read_and_loses_nothing(shop: Workshop) -> None:
    shop.clock.move(days=400)
    sync_stripe(shop)
    shop.clock.move(days=-400)
    shop.stripe.put(an_intent(latest_charge_id=None))
    assert sync_stripe(shop).listed[StripeKind.PAYMENT_INTENT] == 1
    assert shop.mirror.known_until() == NOW


def test_a_refund_that_fails_after_it_succeeded_is_noticed(shop: Workshop) -> None:
    """The customer's bank can send the money back weeks later."""
    refund = a_refund(created_at=NOW - timedelta(days=40))
    shop.take(sale(1, at=NOW - timedelta(days=50)))
    shop.stripe.put(refund)
    sync_stripe(shop)
    shop.stripe.put(replace(refund, status="failed"))
    shop.clock.move(days=1)
    sync_stripe(shop)
    case = shop.cases.case("A-1")
    assert case is not None
    assert [one.status for one in case.refunds] == ["failed"]


def test_a_look_without_sync_is_not_green_before_a_whole_sync(shop: Workshop) -> None:
    shop.take(sale(invoice_number="X-1"), sale(2, stripe_session_id=None))
    without = ReconcileRequest(sync=False)
    never = reconcile(shop, without)
    assert (never.outcome, never.findings) == (Outcome.INCOMPLETE, ())
    assert any("run stakactl sync" in line for line in never.unread)
    sync_stripe(shop)
    assert reconcile(shop, without).outcome is Outcome.FINDINGS
    shop.clock.move(days=1)
    shop.stripe.unreadable[StripeKind.CHARGE] = StripeError("Stripe answered 500")
    sync_stripe(shop)
    report = reconcile(shop, without)
    assert report.outcome is Outcome.INCOMPLETE
    assert [line.partition(":")[0] for line in report.unread] == ["charge"]


def test_an_order_younger_than_what_is_known_is_not_judged(shop: Workshop) -> None:
    """Its payment may be there; it only was not read yet."""
    sync_stripe(shop)
    shop.clock.move(days=9)
    at = NOW + timedelta(days=2)
    shop.orders.import_orders([sale(at=at, stripe_session_id=None, invoice_number="X-1").order])
    assert reconcile(shop, ReconcileRequest(sync=False)).findings == ()
    assert len(reconcile(shop, ReconcileRequest()).findings) == 1


def test_what_can_still_change_is_read_again(shop: Workshop) -> None:
    opened = a_session(status="open", payment_status="unpaid", payment_intent_id=None)
    under_way = an_intent(id="pi_sepa", status="processing", latest_charge_id=None)
    pending = a_refund(status="pending", charge_id=None, payment_intent_id="pi_sepa")
    dispute = a_dispute(charge_id=None, payment_intent_id="pi_sepa")
    unbooked = a_charge(id="ch_new", balance_transaction_id=None)
    settled = an_intent(id="pi_done", latest_charge_id=None)
    shop.stripe.put(opened, under_way, pending, dispute, settled, unbooked)
    assert sync_stripe(shop).refreshed == 0  # they were listed a moment ago
    booked = sale(7)
    shop.stripe.put(
        replace(opened, status="complete", payment_status="paid", payment_intent_id="pi_done"),
        replace(under_way, status="succeeded"),
        replace(pending, status="failed"),
        replace(dispute, status="lost"),
        replace(unbooked, balance_transaction_id="txn_7"),
        booked.transaction,
    )
    shop.stripe.calls.clear()
    shop.clock.move(days=1)
    report = sync_stripe(shop)
    assert (report.refreshed, report.followed) == (4, 1)  # the refund was listed again
    assert retrieved(shop) == ["cs_live_1", "pi_sepa", "ch_new", "du_1", "txn_7"]
    for kind in StripeKind:
        assert shop.mirror.unsettled_ids(kind) == []
    shop.stripe.calls.clear()
    assert sync_stripe(shop).refreshed == 0
    assert retrieved(shop) == []


def test_references_are_followed_through_the_whole_chain(shop: Workshop) -> None:
    """The order names a session that is outside of the window, and so is all behind it."""
    old = sale(1)
    sync_stripe(shop)
    shop.take(old)
    shop.clock.move(days=1)
    report = sync_stripe(shop)
    assert report.complete
    assert report.followed == 4
    case = shop.cases.case("A-1")
    assert case is not None
    assert (case.sessions, case.intents, case.charges) == (
        (old.session,),
        (old.intent,),
        (old.charge,),
    )
    assert shop.mirror.unread_references() == []


def test_ids_that_do_not_exist_are_remembered(shop: Workshop) -> None:
    missing = an_order(stripe_session_id="cs_live_gone", stripe_payment_intent_id="pi_test")
    shop.orders.import_orders([missing])
    shop.stripe.put(invoice_payment("pi_test"))
    shop.stripe.other_mode.add("pi_test")
    report = sync_stripe(shop)
    assert report.complete
    assert report.absent == 3  # the invoice too
    case = shop.cases.case("A-1")
    assert case is not None
    assert case.absent == {"cs_live_gone": Absence.MISSING, "pi_test": Absence.OTHER_MODE}
    shop.stripe.calls.clear()
    sync_stripe(shop)
    assert retrieved(shop) == []


def test_an_absent_id_that_appears_after_all_is_held(shop: Workshop) -> None:
    shop.orders.import_orders([an_order()])
    sync_stripe(shop)
    shop.clock.move(days=1)
    shop.stripe.put(a_session(created_at=NOW, payment_intent_id=None))
    sync_stripe(shop)
    case = shop.cases.case("A-1")
    assert case is not None
    assert case.absent == {}
    assert len(case.sessions) == 1


def test_an_object_deleted_in_stripe_leaves_a_tombstone(shop: Workshop) -> None:
    opened = a_session(status="open", payment_status="unpaid", payment_intent_id=None)
    shop.orders.import_orders([an_order(invoice_number="X-1")])
    shop.stripe.put(opened)
    sync_stripe(shop)
    shop.stripe.remove(StripeKind.CHECKOUT_SESSION, opened.id)
    shop.clock.move(days=1)
    (finding,) = reconcile(shop, ReconcileRequest()).findings
    assert (finding.discrepancy, finding.seen) == (
        "ORDER_WITHOUT_STRIPE",
        "cs_live_1 was deleted in Stripe",
    )
    (row,) = shop.contents()["stripe_absences"]
    assert row == ("checkout.session", "cs_live_1", "deleted", shop.clock.now())
    shop.stripe.put(replace(opened, created_at=shop.clock.now()))
    shop.clock.move(days=1)
    sync_stripe(shop)
    assert shop.contents()["stripe_absences"] == []
    assert shop.mirror.count() == 1


@pytest.mark.parametrize("kind", StripeKind)
def test_one_unreadable_kind_does_not_stop_the_others(shop: Workshop, kind: StripeKind) -> None:
    shop.take(sale())
    shop.stripe.unreadable[kind] = DOWN
    report = sync_stripe(shop)
    assert report.unread == (f"{kind}: Stripe answered 500",)
    for other in StripeKind:
        reached = shop.mirror.synced_until(other)
        assert reached == (None if other is kind else NOW)
    del shop.stripe.unreadable[kind]
    shop.stripe.calls.clear()
    shop.clock.move(days=1)
    assert sync_stripe(shop).complete
    kept = shop.clock.now() - EVENTS_KEPT
    assert windows(shop)[kind].since == (kept if kind is StripeKind.EVENT else BEGINNING)
    assert reconcile(shop, ReconcileRequest(sync=False)).orders_read == 1


def test_an_incomplete_sync_is_never_green(shop: Workshop) -> None:
    shop.take(sale(invoice_number="X-1"))
    assert reconcile(shop, ReconcileRequest()).outcome is Outcome.OK
    shop.clock.move(days=1)
    shop.stripe.unreadable[StripeKind.REFUND] = DOWN
    report = reconcile(shop, ReconcileRequest())
    assert classes(report.findings) == []
    assert report.outcome is Outcome.INCOMPLETE
    assert report.outcome.exit_code == 4
    assert shop.last_run().outcome is Outcome.INCOMPLETE


def test_an_interrupted_list_keeps_what_was_read_and_is_read_again(shop: Workshop) -> None:
    shop.stripe = FakeStripeGateway(page_size=2)
    shop.take(*(sale(number) for number in range(1, 6)))
    shop.stripe.unreadable[StripeKind.BALANCE_TRANSACTION] = DOWN
    report = sync_stripe(shop)
    assert report.unread == ("balance_transaction: Stripe answered 500",)
    assert StripeKind.BALANCE_TRANSACTION not in report.listed
    kept = shop.mirror.count()
    assert kept == 3 * 5 + 2
    assert shop.mirror.synced_until(StripeKind.BALANCE_TRANSACTION) is None
    assert shop.mirror.known_until() == NOW  # it does not tell whether an order was paid
    shop.stripe.unreadable.clear()
    assert sync_stripe(shop).listed[StripeKind.BALANCE_TRANSACTION] == 5
    assert shop.mirror.count() == 4 * 5


class Deaf(FakeStripeGateway):
    """Lists are readable, single objects are not."""

    def retrieve(self, kind: StripeKind, object_id: str) -> StripeObject | Absence:
        super().retrieve(kind, object_id)
        raise DOWN


def test_an_object_that_cannot_be_read_is_told(shop: Workshop) -> None:
    opened = a_session(status="open", payment_status="unpaid", payment_intent_id=None)
    shop.stripe.put(opened, replace(opened, id="cs_live_2"))
    sync_stripe(shop)
    shop.stripe = Deaf()
    shop.clock.move(days=1)
    report = sync_stripe(shop)
    assert report.unread == ("checkout.session cs_live_1: Stripe answered 500",)
    assert shop.mirror.synced_until(StripeKind.CHECKOUT_SESSION) == NOW
    assert shop.mirror.known_until() == NOW
    assert shop.mirror.synced_until(StripeKind.CHARGE) == shop.clock.now()


class LateComer(FakeStripeGateway):
    """While the lists are read, another PaymentIntent is created."""

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Page | Unread]:
        self.put(an_intent(id="pi_new", created_at=NOW, latest_charge_id=None))
        return super().read(wanted)


def test_what_is_created_while_reading_is_read_the_next_time(shop: Workshop) -> None:
    shop.stripe = LateComer()
    assert sync_stripe(shop).listed[StripeKind.PAYMENT_INTENT] == 0
    shop.clock.move(days=1)
    assert sync_stripe(shop).listed[StripeKind.PAYMENT_INTENT] == 1


class Forgetful(FakeStripeGateway):
    """Never says that the last window of refunds is complete."""

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Page | Unread]:
        for answer in super().read(wanted):
            if isinstance(answer, Page) and answer.kind is StripeKind.REFUND:
                yield replace(answer, covered=None)
            else:
                yield answer


def test_a_list_that_nobody_completed_is_not_complete(shop: Workshop) -> None:
    shop.stripe = Forgetful()
    assert sync_stripe(shop).unread == ("refund: its list was not read to the end",)
    assert shop.mirror.known_until() is None


def test_a_store_belongs_to_one_account_and_mode(shop: Workshop) -> None:
    sync_stripe(shop)
    before = shop.contents()
    shop.stripe = FakeStripeGateway(account=Account("acct_other", livemode=True, name="Other"))
    with pytest.raises(StoreForeign, match="acct_fake"):
        sync_stripe(shop)
    shop.stripe = FakeStripeGateway()
    shop.rules(mode=Mode.TEST)
    with pytest.raises(StoreForeign, match="live mode"):
        sync_stripe(shop)
    assert shop.contents() == before
    assert shop.stripe.calls == []


def test_the_same_sync_twice_changes_nothing_but_cursors(shop: Workshop) -> None:
    shop.take(sale(1), sale(2))
    sync_stripe(shop)
    moments = ["sync_cursors", "stripe_balances"]
    before = shop.contents(without=moments)
    shop.clock.move(hours=1)
    sync_stripe(shop)
    assert shop.contents(without=moments) == before
