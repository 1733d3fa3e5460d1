"""Stripe does not stand still: sessions appear while pages are read, and settle between two nights.

Lists by `created` show none of this by themselves; whatever was paid is found, once.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stakactl.demo.offline_stripe.faults import meanwhile
from stakactl.demo.seed import load_truth
from stakactl.demo.world.ids import Ids
from stakactl.demo.world.rhythm import HOUR
from stakactl.domain.findings import Discrepancy
from stakactl.domain.money import Money
from stakactl.domain.orders import OrderStatus
from stakactl.operations.import_orders import import_orders
from stakactl.operations.ports import OrderFilter
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from tests.builders import an_order
from tests.operations.nightly_world import NightlyWorld, nightly_world

ORDERS = 80
EVERYTHING = OrderFilter(limit=10_000)
#: So many payments appear after each of the first pages of a list.
BURST, PAGES = 7, 6
Json = dict[str, Any]


@pytest.fixture
def running(sqlite_url: str, tmp_path: Path) -> Iterator[NightlyWorld]:
    with nightly_world(tmp_path, sqlite_url, seed=21, orders=ORDERS) as opened:
        yield opened


def look(running: NightlyWorld, *, fix: bool = False) -> ReconcileReport:
    running.clock.move(minutes=1)
    report = reconcile(running.container, ReconcileRequest(fix=fix))
    assert report.unread == ()
    return report


def payments_without_order(report: ReconcileReport) -> list[str | None]:
    return [
        finding.payment_intent_id
        for finding in report.findings
        if finding.discrepancy is Discrepancy.ORPHAN_PAYMENT
    ]


class Crowd:
    """Buyers nobody has an order for, who arrive while Stripe is being read."""

    def __init__(self, running: NightlyWorld) -> None:
        self._state = running.stripe.state
        self._clock = running.clock
        self._ids = Ids(99)
        paid = self._state.list("checkout.session", {"status": "complete"}, limit=100).objects
        self._session = next(
            s for s in paid if s["payment_intent"] and s["payment_status"] == "paid"
        )
        intent = self._state.get("payment_intent", self._session["payment_intent"])
        assert intent is not None
        self._intent = intent
        self.paid: list[str] = []

    def arrives(self, *, ago: int = 0) -> None:
        """BURST payments through Checkout, made `ago` seconds ago, all in one second."""
        for _ in range(BURST):
            self.buys(int(self._clock.now().timestamp()) - ago)

    def buys(self, at: int) -> str:
        intent_id = self._ids.new("payment_intent")
        nobody: Json = {"created": at, "metadata": {}, "customer": None}
        self._state.put({**self._intent, "id": intent_id, "latest_charge": None, **nobody})
        session_id = self._ids.new("checkout.session")
        session = {**self._session, "id": session_id, "payment_intent": intent_id, **nobody}
        self._state.put({**session, "client_reference_id": None})
        self.paid.append(intent_id)
        return session_id


@pytest.mark.parametrize("path", ["/v1/checkout/sessions", "/v1/payment_intents"])
@pytest.mark.parametrize("ago", [0, 60, 600])
def test_sessions_that_appear_while_pages_are_read(
    running: NightlyWorld, path: str, ago: int
) -> None:
    """None is missed and none counted twice, whether it is of this second or a late arrival."""
    planted = load_truth(running.home.path).of(Discrepancy.ORPHAN_PAYMENT)
    crowd = Crowd(running)
    burst = meanwhile(lambda: crowd.arrives(ago=ago))
    running.stripe.faults.add(burst, path=path, times=PAGES)
    look(running)
    assert crowd.paid
    running.stripe.faults.clear()
    found = payments_without_order(look(running))
    expected = [*(one.payment_intent_id for one in planted), *crowd.paid]
    assert sorted(map(str, found)) == sorted(map(str, expected))


def test_a_session_that_completes_late_is_found(running: NightlyWorld) -> None:
    """It was open when its window was read, and its PaymentIntent is all that is new."""
    crowd, state = Crowd(running), running.stripe.state
    session_id = crowd.buys(int(running.clock.now().timestamp()) - 20 * HOUR)
    session = state.get("checkout.session", session_id)
    assert session is not None
    unpaid = {"status": "open", "payment_status": "unpaid", "payment_intent": None}
    state.put({**session, **unpaid})
    state.delete("payment_intent", session["payment_intent"])
    amount = Money(session["amount_total"], session["currency"])
    order = an_order(
        order_id="CMD-LATE",
        status=OrderStatus.PENDING,
        paid_at=None,
        amount=amount,
        lines=(),
        stripe_session_id=session_id,
        stripe_payment_intent_id=None,
    )
    import_orders(running.container, (order,), ())
    assert "CMD-LATE" not in {finding.order_id for finding in look(running).findings}
    crowd.buys(int(running.clock.now().timestamp()))
    state.put({**session, "payment_intent": crowd.paid[-1]})
    found = [f for f in look(running).findings if f.order_id == "CMD-LATE"]
    assert [finding.discrepancy for finding in found] == [Discrepancy.PAID_NOT_RECORDED]


def test_a_dispute_that_ends_after_it_was_recorded(running: NightlyWorld) -> None:
    repaired = look(running, fix=True)
    disputed = [f for f in repaired.findings if f.discrepancy is Discrepancy.DISPUTE_UNKNOWN]
    state = running.stripe.state
    for finding, outcome in zip(disputed, ("won", "lost", "lost"), strict=True):
        dispute = state.get("dispute", finding.refs["dispute"])
        assert dispute is not None
        state.put({**dispute, "status": outcome})
    report = look(running)
    outcomes = {f.order_id for f in report.findings if f.discrepancy is Discrepancy.DISPUTE_OUTCOME}
    assert outcomes == {finding.order_id for finding in disputed}
    again = look(running, fix=True)
    assert {f.order_id for f in again.findings[: len(again.changes)]} == outcomes


def test_a_refund_that_fails_weeks_after_it_succeeded(running: NightlyWorld) -> None:
    """Stripe takes it back: the order says refunded, and the customer has nothing."""
    look(running)
    state = running.stripe.state
    done = state.list("refund", limit=100).objects
    orders = running.container.orders.find(EVERYTHING)
    refunded = {one.stripe_session_id: one for one in orders if one.status == "refunded"}
    refund, order = next(
        (refund, refunded[session["id"]])
        for refund in done
        for session in state.list(
            "checkout.session", {"payment_intent": refund["payment_intent"]}, limit=1
        ).objects
        if refund["status"] == "succeeded"
        and session["id"] in refunded
        and refund["amount"] == refunded[session["id"]].amount.minor
    )
    state.put({**refund, "status": "failed", "failure_reason": "expired_or_canceled_card"})
    report = look(running)
    (found,) = [f for f in report.findings if f.order_id == order.order_id]
    assert found.discrepancy is Discrepancy.REFUND_FAILED
    assert found.refs["refund"] == refund["id"]
