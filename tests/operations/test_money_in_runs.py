"""The record of money from Stripe to the report: read once, compared, told, and never green when
it was not read."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stakactl.domain.findings import Discrepancy, Finding, FindingState
from stakactl.domain.money import Money
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Absence, BalanceTransaction, StripeKind
from stakactl.errors import StripeError
from stakactl.operations.bridge import TRIES, bridge, observe_balance
from stakactl.operations.payouts import MAX_UNREAD, itemise_payouts
from stakactl.operations.ports import StageProgress
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.scope import Scope
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, ORDERED, a_charge, a_payout, a_transaction, eur
from tests.operations.workshop import Workshop, raises, sale

DAY = timedelta(days=1)
MONEY = {
    Discrepancy.BALANCE_MISSING,
    Discrepancy.BALANCE_UNCLASSIFIED,
    Discrepancy.BRIDGE_RESIDUAL,
    Discrepancy.PAYOUT_FAILED,
    Discrepancy.PAYOUT_MANUAL,
    Discrepancy.PAYOUT_MISMATCH,
}
DOWN = StripeError("Stripe is down", hint="try later")


class Stage(StageProgress):
    def advance(self, count: int = 1) -> None:
        pass


def paid_out(shop: Workshop, number: int = 1) -> None:
    """A sale with its invoice, and the payout of what it brought."""
    one = sale(number, invoice_number=f"X-{number}")
    shop.take(one)
    net = one.transaction.net
    payout = a_payout(id=f"po_{number}", amount=net, balance_transaction_id=f"txn_po_{number}")
    own = a_transaction(
        id=f"txn_po_{number}",
        type="payout",
        reporting_category="payout",
        amount=-net,
        source_id=payout.id,
        created_at=payout.created_at,
    )
    shop.stripe.put(payout, own)
    shop.stripe.contents[payout.id] = [one.transaction.id, own.id]


def run(shop: Workshop, **scope: object) -> ReconcileReport:
    return reconcile(shop, ReconcileRequest(Scope(**scope)))  # type: ignore[arg-type]


def money(report: ReconcileReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.discrepancy in MONEY]


# a record that holds


def test_a_whole_record_is_green_and_its_bridge_closes(shop: Workshop) -> None:
    paid_out(shop, 1)
    paid_out(shop, 2)
    yen, abroad = Money(10_000, "jpy"), sale(3, invoice_number="X-3")
    shop.take(replace(abroad, order=replace(abroad.order, amount=yen)))
    shop.stripe.put(
        replace(abroad.session, amount_total=yen),
        replace(abroad.intent, amount=yen, amount_received_minor=yen.minor),
        replace(abroad.charge, amount=yen),
        replace(abroad.transaction, amount=eur(6103), net=eur(6073)),
    )
    report = run(shop)
    assert (report.outcome, report.findings) == (Outcome.OK, ())
    assert report.bridge is not None
    (euro,) = report.bridge.bridges
    assert (euro.since, euro.until) == (None, NOW)
    assert (euro.gross, euro.fees) == (eur(2 * 46800 + 6103), eur(90))
    assert euro.payouts == eur(2 * 46770)
    assert (euro.closing, euro.residual) == (eur(6073), eur(0))
    assert [one.gross for one in euro.presentment] == [yen]
    contents = shop.money.payout("po_2")
    assert contents is not None
    assert [row.id for row in contents.transactions] == ["txn_2"]


def test_payouts_are_itemised_once(shop: Workshop) -> None:
    paid_out(shop)
    sync_stripe(shop)
    shop.stripe.payout_transactions = raises(AssertionError())  # type: ignore[method-assign,arg-type]
    assert sync_stripe(shop).complete


def test_the_bridge_of_a_period(shop: Workshop) -> None:
    paid_out(shop)
    sync_stripe(shop)
    sold, out = ORDERED + timedelta(minutes=5), a_payout().created_at
    for since, until, figures in (
        (None, sold, (0, 0, 0, 0)),
        (None, out, (0, 46800, 0, 46770)),
        (sold + DAY, out, (46770, 0, 0, 46770)),
        (out, None, (46770, 0, 46770, 0)),
        (out + DAY, NOW + DAY, (0, 0, 0, 0)),
    ):
        report = bridge(shop, Scope(since=since, until=until))
        (drawn,) = report.bridges
        shown = (drawn.opening, drawn.gross, drawn.payouts, drawn.closing)
        assert tuple(amount.minor for amount in shown) == figures
        assert not drawn.residual
        assert drawn.until == min(until or NOW, NOW)


def test_one_order_has_no_bridge(shop: Workshop) -> None:
    paid_out(shop)
    assert run(shop, order_id="A-1").bridge is None


# what is planted is found


def lost_row(shop: Workshop) -> None:
    """A movement that Stripe's lists do not give, and that makes its balance."""
    sums = shop.stripe.balance()
    shop.stripe.balances = {amount.currency: amount.minor + 700 for amount in sums}


def changed_fee(shop: Workshop) -> None:
    shop.stripe.put(replace(sale().transaction, fee=eur(31)))


def doubled_refund(shop: Workshop) -> None:
    held = {amount.currency: amount.minor for amount in shop.stripe.balance()}
    for number in (1, 2):
        refund = a_transaction(
            id=f"txn_re_{number}", reporting_category="refund", amount=eur(-500), source_id="re_1"
        )
        shop.stripe.put(refund)
    shop.stripe.balances = {**held, "eur": held.get("eur", 0) - 500}


@pytest.mark.parametrize(
    ("plant", "residual"), [(lost_row, 700), (changed_fee, 1), (doubled_refund, 500)]
)
def test_what_is_wrong_with_the_record_is_a_residual(
    shop: Workshop, plant: object, residual: int
) -> None:
    paid_out(shop)
    plant(shop)  # type: ignore[operator]
    report = run(shop)
    assert report.bridge is not None
    assert [one.residual for one in report.bridge.bridges] == [eur(residual)]
    (finding,) = money(report)
    assert finding.discrepancy is Discrepancy.BRIDGE_RESIDUAL
    assert (finding.since, finding.refs) == (NOW, {"currency": "eur"})
    assert report.outcome is Outcome.FINDINGS
    shop.clock.move(days=1)
    (again,) = money(run(shop))
    assert again.finding_id == finding.finding_id
    assert (again.state, again.since) == (FindingState.PERSISTING, NOW)


def test_a_row_that_is_lost_from_the_mirror_is_missed(shop: Workshop) -> None:
    paid_out(shop)
    sync_stripe(shop)
    shop.mirror.mark_absent(StripeKind.BALANCE_TRANSACTION, "txn_1", Absence.MISSING)
    report = reconcile(shop, ReconcileRequest(sync=False))
    by_class = {finding.discrepancy: finding for finding in money(report)}
    assert set(by_class) == {
        Discrepancy.BALANCE_MISSING,
        Discrepancy.BRIDGE_RESIDUAL,
        Discrepancy.PAYOUT_MISMATCH,
    }
    assert by_class[Discrepancy.BALANCE_MISSING].refs == {"charge": "ch_1"}
    assert by_class[Discrepancy.PAYOUT_MISMATCH].seen == "0.00 EUR in its 0 transactions"


def test_a_charge_that_is_never_booked(shop: Workshop) -> None:
    paid_out(shop)
    shop.stripe.put(replace(a_charge(), created_at=NOW - DAY / 2, balance_transaction_id=None))
    report = run(shop)
    (finding,) = money(report)
    assert finding.break_on == NOW + DAY / 2
    assert report.outcome is Outcome.PENDING
    shop.clock.move(hours=12)
    (finding,) = money(run(shop))
    assert not finding.is_pending
    shop.stripe.put(sale().charge)  # it is read again, although nothing new came
    assert money(run(shop)) == []


def test_an_unknown_category_counts_as_other(shop: Workshop) -> None:
    paid_out(shop)
    shop.stripe.put(a_transaction(id="txn_9", reporting_category="something_new", amount=eur(-99)))
    report = run(shop)
    (finding,) = money(report)
    assert finding.discrepancy is Discrepancy.BALANCE_UNCLASSIFIED
    assert report.bridge is not None
    (drawn,) = report.bridge.bridges
    assert (drawn.other, drawn.residual) == (eur(-99), eur(0))


def test_payouts_that_did_not_hold(shop: Workshop) -> None:
    for number in range(1, 5):
        paid_out(shop, number)
    cent = a_transaction(id="txn_cent", amount=eur(1), reporting_category="other_adjustment")
    shop.stripe.put(cent)
    shop.stripe.contents["po_1"].append(cent.id)
    net = sale().transaction.net
    failed = a_payout(
        id="po_2", amount=net, balance_transaction_id="txn_po_2", status="failed",
        failure_code="no_account", failure_balance_transaction_id="txn_back",
    )  # fmt: skip
    back = a_transaction(
        id="txn_back", amount=net, reporting_category="payout_reversal", source_id="po_2"
    )
    by_hand = a_payout(id="po_3", automatic=False, amount=net, balance_transaction_id="txn_po_3")
    shop.stripe.put(failed, back, by_hand)
    report = run(shop)
    told = {finding.refs["payout"]: finding for finding in money(report)}
    assert {key: finding.discrepancy for key, finding in told.items()} == {
        "po_1": Discrepancy.PAYOUT_MISMATCH,
        "po_2": Discrepancy.PAYOUT_FAILED,
        "po_3": Discrepancy.PAYOUT_MANUAL,
    }
    assert told["po_2"].since == back.created_at
    assert told["po_3"].is_pending
    shop.stripe.contents["po_1"].remove(cent.id)  # the list lagged behind: it is read again
    assert {finding.refs["payout"] for finding in money(run(shop))} == {"po_2", "po_3"}


def test_a_manual_payout_is_no_nuisance_for_ever(shop: Workshop) -> None:
    shop.stripe.put(a_payout(automatic=False))
    created = a_payout().created_at
    report = run(shop)
    assert [finding.discrepancy for finding in money(report)] == [Discrepancy.PAYOUT_MANUAL]
    assert report.outcome is Outcome.PENDING
    shop.clock.move(days=30)
    assert money(run(shop)) == []
    assert len(money(run(shop, since=created, until=created + DAY))) == 1
    assert money(run(shop, since=created + DAY)) == []


def test_findings_of_another_period_are_left_out(shop: Workshop) -> None:
    shop.stripe.put(replace(a_charge(), balance_transaction_id=None))
    shop.stripe.put(a_payout(status="failed"), a_payout(id="po_2", amount=eur(5)))
    shop.stripe.put(
        a_transaction(id="txn_9", reporting_category="something_new", created_at=ORDERED)
    )
    assert len(money(run(shop))) == 4
    assert money(run(shop, until=ORDERED)) == []
    assert money(run(shop, since=NOW - timedelta(hours=1))) == []


# what cannot be read is never green


def test_contents_that_cannot_be_read(shop: Workshop) -> None:
    paid_out(shop)
    shop.stripe.payout_transactions = raises(DOWN)  # type: ignore[method-assign]
    report = run(shop)
    assert report.outcome is Outcome.INCOMPLETE
    assert report.unread == ("payout po_1: Stripe is down",)
    assert money(report) == []
    del shop.stripe.payout_transactions
    assert run(shop).outcome is Outcome.OK


def test_a_stripe_that_is_down_is_not_asked_for_every_payout(shop: Workshop) -> None:
    shop.mirror.upsert([a_payout(id=f"po_{number}") for number in range(10)])
    shop.stripe.payout_transactions = raises(DOWN)  # type: ignore[method-assign]
    unread: list[str] = []
    assert itemise_payouts(shop, unread, Stage()) == 0
    assert len(unread) == MAX_UNREAD


def test_contents_cut_off_are_not_recorded(shop: Workshop) -> None:
    paid_out(shop)
    read = shop.stripe.payout_transactions

    def cut(payout_id: str) -> object:
        yield from read(payout_id)
        raise DOWN

    shop.stripe.payout_transactions = cut  # type: ignore[method-assign,assignment]
    assert run(shop).outcome is Outcome.INCOMPLETE
    assert shop.money.to_itemise() == ["po_1"]


def test_a_balance_that_cannot_be_read(shop: Workshop) -> None:
    paid_out(shop)
    shop.stripe.before_balance = raises(DOWN)
    report = run(shop)
    assert report.outcome is Outcome.INCOMPLETE
    assert report.unread == ("balance: Stripe is down",)
    assert report.bridge is not None
    assert report.bridge.bridges == ()
    assert "stakactl sync" in (report.bridge.missing or "")


def test_balance_transactions_that_cannot_be_read(shop: Workshop) -> None:
    paid_out(shop)
    shop.stripe.unreadable[StripeKind.BALANCE_TRANSACTION] = DOWN
    report = run(shop)
    assert report.outcome is Outcome.INCOMPLETE
    assert [entry.split(":")[0] for entry in report.unread] == ["balance_transaction"]
    assert report.bridge is not None
    assert report.bridge.missing is not None
    assert money(report) == []  # nothing is missing from what was not read


def test_a_period_after_the_last_balance(shop: Workshop) -> None:
    paid_out(shop)
    sync_stripe(shop)
    report = bridge(shop, Scope(since=NOW + DAY))
    assert report.bridges == ()
    assert report.missing == "the record of money ends at 2026-03-15 03:00 UTC; run stakactl sync"


# an account that moves while it is read


class Moving:
    """One movement before each of the first balances that Stripe tells."""

    def __init__(self, shop: Workshop, times: int) -> None:
        self.shop, self.left, self.number = shop, times, 100

    def __call__(self) -> None:
        if self.left:
            self.left -= 1
            self.number += 1
            self.shop.stripe.put(movement(self.number))


def movement(number: int) -> BalanceTransaction:
    return a_transaction(
        id=f"txn_{number}", amount=eur(number), source_id=None, created_at=NOW,
        reporting_category="topup",
    )  # fmt: skip


def test_a_balance_is_remembered_with_what_makes_it(shop: Workshop) -> None:
    paid_out(shop)
    shop.stripe.before_balance = Moving(shop, 3)
    report = run(shop)
    assert report.outcome is Outcome.OK
    assert report.bridge is not None
    (drawn,) = report.bridge.bridges
    assert (drawn.other, drawn.residual) == (eur(101 + 102 + 103), eur(0))


def test_a_balance_that_never_stands_still_leaves_the_last_one(shop: Workshop) -> None:
    paid_out(shop)
    sync_stripe(shop)
    shop.clock.move(minutes=1)
    shop.stripe.before_balance = Moving(shop, 10 * TRIES)
    unread: list[str] = []
    assert not observe_balance(shop, unread, Stage())
    assert unread == []
    report = bridge(shop, Scope())
    (drawn,) = report.bridges
    assert (drawn.until, drawn.other, drawn.residual) == (NOW, eur(0), eur(0))
