"""Reconcile, repair and take back where orders live in the application's own database.

The application is that of `tests/staka.py` on MariaDB.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from stakactl.adapters.orders.application import opening
from stakactl.adapters.webhooks.sender import WebhookSender
from stakactl.domain.changes import Change, ChangeState
from stakactl.domain.findings import Discrepancy, FixState
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Event
from stakactl.domain.undo import UndoState
from stakactl.errors import StripeError
from stakactl.operations.fixes.application import write_to_application
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.undo import plan_of_undo, undo
from tests.builders import ORDERED, a_refund, a_session, eur
from tests.operations.workshop import (
    MIRROR,
    RECORDS,
    Cut,
    Workshop,
    classes,
    cut_after,
    cut_before,
    replaced,
    sale,
)
from tests.services import BOTH
from tests.staka import SECRET, Staka, StakaServer, mapped, staka_server

READING = frozenset({"orders", "application_orders", "application_reading"})
FIX = ReconcileRequest(fix=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Our store is on SQLite, except where a test asks for both."""
    kind = getattr(request, "param", "sqlite")
    url: str = request.getfixturevalue(f"{kind}_url")
    return url


on_both_stores = pytest.mark.parametrize("database_url", BOTH, indirect=True)


@pytest.fixture
def server(staka: Staka) -> Iterator[StakaServer]:
    with staka_server(staka) as running:
        yield running


Use = Callable[[str], Workshop]


@pytest.fixture
def use(shop: Workshop, staka: Staka, server: StakaServer) -> Iterator[Use]:
    """Work with the application as ORDERS_WRITE says."""
    opened = []

    def with_write(way: str) -> Workshop:
        webhook = opening.Webhook(server.url, SECRET, None)
        writers = {
            "off": opening.off(),
            "sql": opening.by_sql(shop.clock),
            "repost": opening.by_events(
                webhook, lambda: shop.stripe, lambda: shop.ledger, shop.clock
            ),
        }
        application = mapped(staka.url, writers[way])
        opened.append(application)
        shop.application = application
        return shop

    yield with_write
    for application in opened:
        application.close()


def paid_in_stripe(shop: Workshop, number: int = 1) -> None:
    shop.stripe.put(*sale(number).objects)


def unrecorded_payment(shop: Workshop, staka: Staka) -> None:
    """A-1 is paid, and the application does not know it."""
    staka.order()
    paid_in_stripe(shop)


def states(shop: Workshop) -> list[ChangeState]:
    return [recorded.state for recorded in reversed(shop.changes.find())]


def standing(report: ReconcileReport) -> list[tuple[Discrepancy, FixState]]:
    return [(finding.discrepancy, finding.fix) for finding in report.findings]


# --- off ---


@on_both_stores
def test_off_shows_what_the_application_should_say_and_changes_nothing(
    use: Use, staka: Staka
) -> None:
    shop = use("off")
    unrecorded_payment(shop, staka)
    before = staka.contents()
    for request in (ReconcileRequest(), FIX):
        report = reconcile(shop, request)
        assert report.outcome is Outcome.FINDINGS
        assert standing(report) == [(Discrepancy.PAID_NOT_RECORDED, FixState.NONE)]
        assert "status paid" in report.findings[0].hint
        assert "ORDERS_WRITE" in report.findings[0].hint
        assert report.changes == ()
    assert staka.contents() == before
    assert shop.changes.find() == []
    assert shop.status() is OrderStatus.PENDING


def test_off_still_records_what_the_application_has_no_place_for(use: Use, staka: Staka) -> None:
    shop = use("off")
    staka.order(paymentStatus="paid", statut="EN_COURS")
    staka.invoice()
    paid_in_stripe(shop)
    shop.stripe.put(a_refund(amount=eur(800)))
    before = staka.contents()
    report = reconcile(shop, FIX)
    assert standing(report) == [(Discrepancy.REFUND_NOT_RECORDED, FixState.APPLIED)]
    assert staka.contents() == before
    staka.change(titre="renamed")
    again = reconcile(shop, ReconcileRequest())
    assert again.outcome is Outcome.OK
    assert shop.status() is OrderStatus.PARTIALLY_REFUNDED


@pytest.mark.parametrize("way", ["off", "sql", "repost"])
def test_without_fix_nothing_is_changed_but_our_copies(use: Use, staka: Staka, way: str) -> None:
    shop = use(way)
    unrecorded_payment(shop, staka)
    ours, theirs = shop.contents(MIRROR | RECORDS | READING), staka.contents()
    reconcile(shop, ReconcileRequest())
    assert shop.contents(MIRROR | RECORDS | READING) == ours
    assert staka.contents() == theirs


# --- sql ---


@on_both_stores
def test_sql_writes_by_the_mapping_and_takes_it_back(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    planned = reconcile(shop, ReconcileRequest())
    pending = shop.orders.get("A-1")
    assert standing(planned) == [(Discrepancy.PAID_NOT_RECORDED, FixState.PLANNED)]
    report = reconcile(shop, FIX)
    assert standing(report)[0] == (Discrepancy.PAID_NOT_RECORDED, FixState.APPLIED)
    assert staka.state() == ("EN_COURS", "paid")
    assert states(shop) == [ChangeState.INTENDED, ChangeState.DONE]
    done, intended = shop.changes.find()
    assert done.intent_id == intended.change_id
    assert done.change.before["commandes.paymentStatus"] == "unpaid"
    order = shop.orders.get("A-1")
    assert order is not None
    assert order.status is OrderStatus.PAID
    assert order.stripe_payment_intent_id == "pi_1"
    assert order.paid_at == ORDERED + timedelta(minutes=5)

    plan = plan_of_undo(shop, report.run_id)
    assert [step.state for step in plan.steps] == [UndoState.PLANNED]
    taken_back = undo(shop, plan)
    assert [step.state for step in taken_back.steps] == [UndoState.DONE]
    assert staka.state() == ("EN_ATTENTE", "unpaid")
    assert pending is not None
    assert shop.orders.get("A-1") == replace(pending, updated_at=shop.clock.now())
    assert shop.changes.find(taken_back.run_id)[0].undoes == done.change_id
    assert [step.state for step in plan_of_undo(shop, report.run_id).steps] == [
        UndoState.TAKEN_BACK
    ]


def test_an_undo_leaves_alone_what_the_application_changed_since(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    report = reconcile(shop, FIX)
    staka.change(paymentStatus="refunded")
    plan = plan_of_undo(shop, report.run_id)
    (step,) = undo(shop, plan).steps
    assert step.state is UndoState.REFUSED
    assert "commandes.paymentStatus" in str(step.reason)
    assert staka.state() == ("EN_COURS", "refunded")


def test_the_plan_of_an_undo_sees_the_order_as_the_application_has_it_now(
    use: Use, staka: Staka
) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    staka.change(statut="EN_COURS")
    report = reconcile(shop, FIX)
    staka.change(statut="ANNULEE")
    (step,) = plan_of_undo(shop, report.run_id).steps
    assert str(step.reason).startswith("no longer ours: status is cancelled")


def test_with_off_an_undo_is_refused(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    report = reconcile(shop, FIX)
    use("off")
    (step,) = plan_of_undo(shop, report.run_id).steps
    assert step.state is UndoState.REFUSED
    assert "ORDERS_WRITE" in str(step.reason)
    assert staka.state() == ("EN_COURS", "paid")


def test_a_repair_is_repeated_without_effect(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    reconcile(shop, FIX)
    before = staka.contents()
    report = reconcile(shop, FIX)
    assert report.changes == ()
    assert classes(report.findings) == [Discrepancy.INVOICE_MISSING]
    assert staka.contents() == before


def test_what_was_delivered_already_is_not_begun_again(use: Use, staka: Staka) -> None:
    shop = use("sql")
    staka.order(statut="TERMINE")
    paid_in_stripe(shop)
    reconcile(shop, FIX)
    assert staka.state() == ("TERMINE", "paid")


def test_an_expired_session_and_a_full_refund(use: Use, staka: Staka) -> None:
    shop = use("sql")
    staka.order()
    shop.stripe.put(a_session(status="expired", payment_status="unpaid", payment_intent_id=None))
    staka.order(id="A-2", stripeSessionId="cs_live_2", paymentStatus="paid", statut="EN_COURS")
    staka.invoice(commandeId="A-2")
    paid_in_stripe(shop, 2)
    shop.stripe.put(a_refund(charge_id="ch_2", payment_intent_id="pi_2"))
    report = reconcile(shop, FIX)
    assert {fix for _, fix in standing(report)} == {FixState.APPLIED}
    assert staka.state("A-1") == ("EN_ATTENTE", "expired")
    assert staka.state("A-2") == ("EN_COURS", "refunded")
    assert reconcile(shop, FIX).outcome is Outcome.OK


@pytest.mark.parametrize(
    "meanwhile",
    [{"statut": "ANNULEE"}, {"paymentStatus": "failed"}, {"stripeSessionId": None}, {"amount": 1}],
)
def test_an_order_that_changed_since_it_was_read_is_left_alone(
    use: Use, staka: Staka, meanwhile: dict[str, object]
) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    reconcile(shop, ReconcileRequest())
    staka.change(**meanwhile)
    before = staka.contents()
    report = reconcile(shop, ReconcileRequest(fix=True, sync=False))
    assert FixState.APPLIED not in {fix for _, fix in standing(report)}
    assert staka.contents() == before


def test_an_order_that_changes_at_the_last_moment_is_left_alone(use: Use, staka: Staka) -> None:
    """Between the last look and the UPDATE, where only its WHERE can see it."""
    shop = use("sql")
    unrecorded_payment(shop, staka)
    application = shop.application
    assert application is not None
    write = application.writer.write

    def cancelled_first(change: Change) -> bool:
        staka.change(statut="ANNULEE")
        return write(change)

    replaced(application.writer, "write", cancelled_first)
    report = reconcile(shop, FIX)
    assert FixState.APPLIED not in {fix for _, fix in standing(report)}
    assert staka.state() == ("ANNULEE", "unpaid")
    assert states(shop) == [ChangeState.INTENDED, ChangeState.SKIPPED]
    assert Discrepancy.PAID_AFTER_CANCEL in classes(reconcile(shop, FIX).findings)


def test_a_paid_order_never_becomes_unpaid_by_a_repair(use: Use, staka: Staka) -> None:
    shop = use("sql")
    staka.order(paymentStatus="paid")
    reconcile(shop, ReconcileRequest())
    unpay = Change("A-1", "fnd_1", "x", {"status": "paid"}, {"status": "failed"})
    assert write_to_application(shop, unpay, "run-1") is None
    assert staka.state() == ("EN_ATTENTE", "paid")
    assert shop.changes.find() == []


# --- interrupted between the two databases ---


def interrupted(shop: Workshop, cut: Callable[[object, str], Callable[[], None]]) -> None:
    application = shop.application
    assert application is not None
    heal = cut(application.writer, "write")
    with pytest.raises(Cut):
        reconcile(shop, FIX)
    heal()
    assert states(shop) == [ChangeState.INTENDED]


@on_both_stores
def test_cut_after_the_application_was_written(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    interrupted(shop, cut_after)
    assert staka.state() == ("EN_COURS", "paid")
    report = reconcile(shop, FIX)
    assert report.outcome is not Outcome.INCOMPLETE
    assert states(shop) == [ChangeState.INTENDED, ChangeState.DONE]
    done, intended = shop.changes.find()
    assert (done.intent_id, done.run_id) == (intended.change_id, intended.run_id)
    assert shop.status() is OrderStatus.PAID
    assert reconcile(shop, FIX).changes == ()


def test_cut_before_the_application_was_written(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    interrupted(shop, cut_before)
    assert staka.state() == ("EN_ATTENTE", "unpaid")
    reconcile(shop, FIX)
    assert states(shop) == [
        ChangeState.INTENDED,
        ChangeState.SKIPPED,
        ChangeState.INTENDED,
        ChangeState.DONE,
    ]
    assert staka.state() == ("EN_COURS", "paid")


def test_cut_and_then_somebody_else_changed_the_order(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    interrupted(shop, cut_before)
    staka.change(statut="ANNULEE")
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.INCOMPLETE
    assert "holds something else now" in report.unread[0]
    assert states(shop) == [ChangeState.INTENDED, ChangeState.SKIPPED]
    assert reconcile(shop, FIX).outcome is Outcome.FINDINGS


def test_an_interrupted_undo_is_ended_as_an_undo(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    reconcile(shop, FIX)
    done = shop.changes.find()[0]
    application = shop.application
    assert application is not None
    heal = cut_after(application.writer, "write")
    with pytest.raises(Cut):
        write_to_application(shop, done.change.inverse(), "undo-1", undoes=done.change_id)
    heal()
    reconcile(shop, FIX)
    ended = next(r for r in shop.changes.find("undo-1") if r.state is ChangeState.DONE)
    assert ended.undoes == done.change_id


def test_without_a_mapping_an_interrupted_change_is_told(use: Use, staka: Staka) -> None:
    shop = use("sql")
    unrecorded_payment(shop, staka)
    interrupted(shop, cut_after)
    shop.application = None
    report = reconcile(shop, FIX)
    assert "A-1" in report.unread[0]
    assert "ORDERS_MAPPING" in report.unread[0]


# --- repost ---


@on_both_stores
def test_repost_lets_the_application_fulfil_the_order_itself(
    use: Use, staka: Staka, server: StakaServer
) -> None:
    shop = use("repost")
    unrecorded_payment(shop, staka)
    report = reconcile(shop, FIX)
    assert standing(report) == [(Discrepancy.PAID_NOT_RECORDED, FixState.APPLIED)]
    assert report.outcome is Outcome.OK
    (event,) = server.received
    assert event["type"] == "checkout.session.completed"
    assert event["data"]["object"]["amount_total"] == 46800
    assert staka.state() == ("EN_COURS", "paid")
    assert states(shop) == [ChangeState.INTENDED, ChangeState.DONE]
    order = shop.orders.get("A-1")
    assert order is not None
    assert order.invoice_number == "FACT-2026-A-1"
    assert order.stripe_payment_intent_id == "pi_1"
    assert reconcile(shop, FIX).changes == ()
    assert len(server.received) == 1
    (step,) = plan_of_undo(shop, report.run_id).steps
    assert step.state is UndoState.REFUSED
    assert "application" in str(step.reason)
    assert staka.state() == ("EN_COURS", "paid")


def event_of(shop: Workshop, payment_status: str) -> None:
    """The event that Stripe sent once is still in its feed."""
    event = Event(
        "evt_real",
        ORDERED,
        True,
        "checkout.session.completed",
        "checkout.session",
        "cs_live_1",
        0,
    )
    shop.mirror.upsert([event])
    found = {"id": "cs_live_1", "object": "checkout.session", "status": "complete"}
    found |= {"payment_status": payment_status, "amount_total": 46800}  # type: ignore[dict-item]
    shop.stripe.bodies["evt_real"] = {
        "id": "evt_real",
        "object": "event",
        "type": "checkout.session.completed",
        "data": {"object": found},
    }


@pytest.mark.parametrize(("then", "real"), [("paid", True), ("unpaid", False)])
def test_the_event_of_the_feed_is_sent_where_it_says_what_is_true_now(
    use: Use, staka: Staka, server: StakaServer, then: str, real: bool
) -> None:
    shop = use("repost")
    unrecorded_payment(shop, staka)
    event_of(shop, then)
    reconcile(shop, FIX)
    (event,) = server.received
    assert (event["id"] == "evt_real") is real
    assert event["data"]["object"]["payment_status"] == "paid"
    assert staka.state() == ("EN_COURS", "paid")


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_an_application_that_refuses_leaves_the_finding(
    use: Use, staka: Staka, server: StakaServer, status: int
) -> None:
    shop = use("repost")
    unrecorded_payment(shop, staka)
    server.answer = status
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.INCOMPLETE
    assert f"answered {status}" in report.unread[0]
    assert standing(report) == [(Discrepancy.PAID_NOT_RECORDED, FixState.SKIPPED)]
    assert states(shop) == [ChangeState.INTENDED, ChangeState.SKIPPED]
    assert staka.state() == ("EN_ATTENTE", "unpaid")
    assert len(server.received) == 1


def test_an_application_that_accepts_and_does_nothing_leaves_the_finding(
    use: Use, staka: Staka, server: StakaServer
) -> None:
    shop = use("repost")
    unrecorded_payment(shop, staka)
    server.answer = 200
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.FINDINGS
    assert standing(report) == [(Discrepancy.PAID_NOT_RECORDED, FixState.SKIPPED)]
    assert states(shop) == [ChangeState.INTENDED, ChangeState.SKIPPED]


def test_an_application_that_fulfils_and_then_fails_has_fulfilled(
    use: Use, staka: Staka, server: StakaServer
) -> None:
    shop = use("repost")
    unrecorded_payment(shop, staka)
    receive = server.receive

    def fulfils_and_fails(*args: object) -> int:
        receive(*args)  # type: ignore[arg-type]
        return 500

    server.receive = fulfils_and_fails  # type: ignore[assignment, method-assign]
    report = reconcile(shop, FIX)
    assert standing(report) == [(Discrepancy.PAID_NOT_RECORDED, FixState.APPLIED)]
    assert states(shop) == [ChangeState.INTENDED, ChangeState.DONE]


def test_an_application_that_hangs_is_given_up(
    use: Use, staka: Staka, server: StakaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WebhookSender.__init__, "__defaults__", (0.2,))
    shop = use("repost")
    unrecorded_payment(shop, staka)
    server.hangs = True
    report = reconcile(shop, FIX)
    assert "did not answer within" in report.unread[0]
    assert standing(report) == [(Discrepancy.PAID_NOT_RECORDED, FixState.SKIPPED)]


def test_what_no_event_tells_is_shown_only(use: Use, staka: Staka, server: StakaServer) -> None:
    """A link to another session: the application must correct it itself."""
    shop = use("repost")
    staka.order(paymentStatus="paid", stripeSessionId="cs_live_gone")
    shop.stripe.put(*sale().objects)
    shop.stripe.put(a_session(client_reference_id="A-1"))
    report = reconcile(shop, FIX)
    assert standing(report) == [(Discrepancy.ORDER_WITHOUT_STRIPE, FixState.NONE)]
    assert "no event of Stripe's tells it" in report.findings[0].hint
    assert server.received == []


def test_a_session_that_expired_is_told_by_its_event(
    use: Use, staka: Staka, server: StakaServer
) -> None:
    shop = use("repost")
    staka.order()
    shop.stripe.put(a_session(status="expired", payment_status="unpaid", payment_intent_id=None))
    report = reconcile(shop, FIX)
    assert [event["type"] for event in server.received] == ["checkout.session.expired"]
    assert standing(report) == [(Discrepancy.SESSION_EXPIRED, FixState.SKIPPED)]


def test_stripe_failing_while_an_event_is_made(use: Use, staka: Staka, server: StakaServer) -> None:
    shop = use("repost")
    unrecorded_payment(shop, staka)
    reconcile(shop, ReconcileRequest())
    application = shop.application
    assert application is not None
    original = shop.stripe.raw

    def fails(*args: object, **kwargs: object) -> object:
        raise StripeError("Stripe is away")

    shop.stripe.raw = fails  # type: ignore[assignment, method-assign]
    report = reconcile(shop, FIX)
    assert report.outcome is Outcome.INCOMPLETE
    shop.stripe.raw = original  # type: ignore[method-assign]
    assert server.received == []
    assert reconcile(shop, FIX).outcome is Outcome.OK
