"""Orders that live through anything, night after night, against a model of twenty lines."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from stakactl.adapters.database import orders as order_book
from stakactl.domain.mail import MailStatus
from stakactl.domain.orders import SETTLED, Order, OrderStatus
from stakactl.operations.nightly import nightly
from tests.builders import a_refund, eur
from tests.operations.workshop import Cut, Sale, Workshop, cut_after, cut_before, sale, workshop_on

PENDING, PAID, FAILED, EXPIRED, CANCELLED, REFUNDED, PARTLY = (
    OrderStatus.PENDING,
    OrderStatus.PAID,
    OrderStatus.FAILED,
    OrderStatus.EXPIRED,
    OrderStatus.CANCELLED,
    OrderStatus.REFUNDED,
    OrderStatus.PARTIALLY_REFUNDED,
)
PRICE = 46800
STEPS = [
    "mirror.upsert",
    "orders.apply",
    "invoices.issue",
    "spool.save",
    "invoices.mark_all_rendered",
    "store.put_if_absent",
    "invoices.mark_all_stored",
    "outbox.claim_ahead",
    "mailer.send",
    "outbox.settle",
]


#: Without shrinking: a shorter history would take minutes to find.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@dataclass
class Expected:
    """What one order should look like: in Stripe, and to us after each night."""

    sale: Sale
    stripe: str = "open"  # open | processing | paid | failed | expired
    refunded: int = 0
    status: OrderStatus = PENDING
    known_refund: int = 0
    dated: bool = False  # the application has sent it with `updated_at`
    invoiced: bool = False

    def night(self) -> None:
        """What one night makes of it: every repair, then an invoice if nothing is open."""
        if self.status is PENDING:
            outcome = {"paid": PAID, "failed": FAILED, "expired": EXPIRED}
            self.status = outcome.get(self.stripe, PENDING)
        if self.status in SETTLED and self.known_refund != self.refunded:
            self.known_refund = self.refunded
            self.status = REFUNDED if self.refunded == PRICE else PARTLY
        agrees = self.known_refund == self.refunded
        self.invoiced |= self.status in (PAID, PARTLY) and agrees


class OrdersOverTime(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self._opened = ExitStack()
        folder = Path(self._opened.enter_context(tempfile.TemporaryDirectory()))
        shutil.copyfile(self.template, folder / "stakactl.db")
        self.shop: Workshop = self._opened.enter_context(
            workshop_on(f"sqlite:///{folder}/stakactl.db")
        )
        self.orders: dict[str, Expected] = {}

    def teardown(self) -> None:
        self._opened.close()

    def _one(self, pick: int, *states: str) -> Expected | None:
        """One of the orders whose side of Stripe is in such a state."""
        found = [one for one in self.orders.values() if one.stripe in states]
        return found[pick % len(found)] if found else None

    def _later(self) -> datetime:
        self.shop.clock.move(hours=1)
        return self.shop.clock.now()

    def _import(self, one: Expected, **fields: object) -> None:
        order: Order = replace(one.sale.order, **fields)  # type: ignore[arg-type]
        self.shop.orders.import_orders([order])

    # Stripe's side

    @rule()
    @precondition(lambda self: len(self.orders) < 8)
    def an_order_is_placed(self) -> None:
        self.shop.clock.move(hours=1)
        number = len(self.orders) + 1
        placed = sale(number, at=self.shop.clock.now(), status=PENDING, paid_at=None)
        unpaid = replace(
            placed.session, status="open", payment_status="unpaid", payment_intent_id=None
        )
        self.shop.orders.import_orders([placed.order])
        self.shop.stripe.put(unpaid)
        self.orders[placed.order.order_id] = Expected(placed)

    @rule(pick=st.integers(0, 7))
    def it_is_paid(self, pick: int) -> None:
        if one := self._one(pick, "open", "processing"):
            self.shop.clock.move(hours=1)
            now = self.shop.clock.now()
            it = one.sale
            self.shop.stripe.put(
                it.session,
                replace(it.intent, created_at=now),
                replace(it.charge, created_at=now),
                replace(it.transaction, created_at=now),
            )
            one.stripe = "paid"

    @rule(pick=st.integers(0, 7))
    def a_debit_begins(self, pick: int) -> None:
        if one := self._one(pick, "open"):
            self._debit(one, "processing")

    @rule(pick=st.integers(0, 7))
    def a_debit_fails(self, pick: int) -> None:
        if one := self._one(pick, "processing"):
            self._debit(one, "requires_payment_method")
            one.stripe = "failed"

    def _debit(self, one: Expected, status: str) -> None:
        self.shop.clock.move(hours=1)
        intent = replace(
            one.sale.intent,
            created_at=self.shop.clock.now(),
            status=status,
            payment_method_type="sepa_debit",
            amount_received_minor=0,
            latest_charge_id=None,
        )
        self.shop.stripe.put(replace(one.sale.session, payment_status="unpaid"), intent)
        one.stripe = "processing"

    @rule(pick=st.integers(0, 7))
    def its_session_expires(self, pick: int) -> None:
        if one := self._one(pick, "open"):
            self.shop.stripe.put(
                replace(
                    one.sale.session,
                    status="expired",
                    payment_status="unpaid",
                    payment_intent_id=None,
                )
            )
            one.stripe = "expired"

    @rule(pick=st.integers(0, 7), quarters=st.sampled_from([1, 2, 4]))
    def it_is_refunded(self, pick: int, quarters: int) -> None:
        one = self._one(pick, "paid")
        if one is None or one.refunded == PRICE:
            return
        self.shop.clock.move(hours=1)
        amount = min(PRICE * quarters // 4, PRICE - one.refunded)
        self.shop.stripe.put(
            a_refund(
                id=f"re_{one.sale.order.order_id}_{one.refunded}",
                created_at=self.shop.clock.now(),
                amount=eur(amount),
                charge_id=one.sale.charge.id,
                payment_intent_id=one.sale.intent.id,
            )
        )
        one.refunded += amount

    # The application's side

    @rule(pick=st.integers(0, 7))
    def the_first_export_is_imported_again(self, pick: int) -> None:
        if one := self._one(pick, "open", "processing", "paid", "failed", "expired"):
            self._import(one)
            if not one.dated and one.status not in SETTLED:
                one.status = PENDING

    @rule(pick=st.integers(0, 7))
    def the_application_learns_of_the_payment(self, pick: int) -> None:
        if one := self._one(pick, "paid"):
            now = self._later()
            self._import(one, status=PAID, paid_at=now, updated_at=now)
            one.dated = True
            one.status = one.status if one.status in (REFUNDED, PARTLY) else PAID

    @rule(pick=st.integers(0, 7))
    def the_application_cancels(self, pick: int) -> None:
        one = self._one(pick, "open", "processing", "paid", "failed", "expired")
        if one is not None and one.status is PENDING:
            self._import(one, status=CANCELLED, updated_at=self._later())
            one.dated, one.status = True, CANCELLED

    # Our side

    @rule()
    def a_night(self) -> None:
        self._nights(1)

    @rule(step=st.sampled_from(STEPS), cut=st.sampled_from([cut_before, cut_after]))
    def a_night_that_dies(
        self, step: str, cut: Callable[[object, str], Callable[[], None]]
    ) -> None:
        """Whatever it got done, one more night finishes it."""
        port, _, name = step.partition(".")
        self.shop.clock.move(hours=8)
        heal = cut(getattr(self.shop, port), name)
        try:
            nightly(self.shop)
        except Cut:
            self.shop.lose_process()
        finally:
            heal()
        self._nights(1)

    def _nights(self, count: int) -> None:
        for _ in range(count):
            self.shop.clock.move(hours=8)
            nightly(self.shop)
            for one in self.orders.values():
                one.night()
        invoiced = {key for key, one in self.orders.items() if one.invoiced}
        assert set(self.shop.numbers()) == invoiced
        assert set(self.shop.mail().values()) <= {MailStatus.SENT}
        assert len(self.shop.mailer.sent) == len(invoiced)
        assert self.shop.spool.files == {}

    @invariant()
    def every_order_is_as_expected(self) -> None:
        for order_id, one in self.orders.items():
            assert self.shop.status(order_id) is one.status, order_id

    @invariant()
    def numbers_pdfs_and_mails_are_right(self) -> None:
        self.shop.check_delivery()


def run(template: Path, sequences: int, *, derandomize: bool) -> None:
    machine = type("OrdersOverTime", (OrdersOverTime,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=20,
            deadline=None,
            derandomize=derandomize,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_sample_of_histories(sqlite_template: Path) -> None:
    run(sqlite_template, 3, derandomize=True)


@pytest.mark.soak
def test_many_histories(sqlite_template: Path) -> None:
    run(sqlite_template, 200, derandomize=False)


def test_control_an_import_that_unpays_is_caught(
    sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_book, "merge", lambda stored, incoming: incoming)
    with pytest.raises(AssertionError):
        run(sqlite_template, 20, derandomize=True)
