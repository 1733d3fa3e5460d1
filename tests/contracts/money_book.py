"""What every MoneyBook promises."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stakactl.domain.bridge import KnownBalance, Presentment, draw
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.balance import UnknownCategory
from stakactl.domain.reporting_categories import CATEGORIES
from stakactl.domain.stripe_objects import BalanceTransaction, Event
from stakactl.operations.ports import Mirror, MoneyBook
from tests.builders import (
    NOW,
    ORDERED,
    a_charge,
    a_payout,
    a_refund,
    a_transaction,
    an_intent,
    eur,
)

DAY = timedelta(days=1)
CURRENCIES = ("eur", "jpy", "kwd")


def yen(minor: int) -> Money:
    return Money(minor, "jpy")


def event(type: str, object_id: str, at: datetime) -> Event:
    return Event(f"evt_{type}", at, True, type, "payout", object_id, 0)


def contents(*nets: int) -> list[BalanceTransaction]:
    """Transactions txn_0, txn_1 … and the own row of payout po_1."""
    rows = [
        a_transaction(id=f"txn_{number}", amount=eur(net), source_id=f"ch_{number}")
        for number, net in enumerate(nets)
    ]
    return [*rows, a_transaction(id="txn_po_1", amount=eur(-sum(nets)), source_id="po_1")]


def ids(rows: Iterable[BalanceTransaction]) -> list[str]:
    return [row.id for row in rows]


class MoneyBookContract:
    """Subclasses bring the fixtures `money` and, of the same store, `mirror`."""

    # payouts

    def test_what_is_to_be_itemised(self, mirror: Mirror, money: MoneyBook) -> None:
        mirror.upsert(
            [
                a_payout(id="po_2", created_at=NOW),
                a_payout(),
                a_payout(id="po_manual", automatic=False),
                a_payout(id="po_transit", status="in_transit"),
                a_payout(id="po_failed", status="failed"),
            ]
        )
        assert money.to_itemise() == ["po_1", "po_2"]

    def test_contents_without_the_payouts_own_row(self, mirror: Mirror, money: MoneyBook) -> None:
        rows = contents(30000, 16800)
        mirror.upsert([a_payout(), *rows])
        money.itemise("po_1", ids(rows))
        found = money.payout("po_1")
        assert found is not None
        assert (found.payout, found.itemised) == (a_payout(), True)
        assert ids(found.transactions) == ["txn_0", "txn_1"]
        assert found.total == eur(46800)
        assert money.to_itemise() == []
        assert list(money.differing_payouts()) == []

    def test_an_unknown_payout(self, money: MoneyBook) -> None:
        assert money.payout("po_1") is None

    def test_a_payout_that_is_not_itemised_is_empty(self, mirror: Mirror, money: MoneyBook) -> None:
        mirror.upsert([a_payout(), *contents(46800)])
        found = money.payout("po_1")
        assert found is not None
        assert (found.itemised, found.transactions) == (False, ())
        assert list(money.differing_payouts()) == []

    def test_a_failed_payout_is_paid_out_again_by_a_later_one(
        self, mirror: Mirror, money: MoneyBook
    ) -> None:
        """The row that brought the money back is of the first payout and in the second."""
        rows = contents(46800)
        back = a_transaction(
            id="txn_back", reporting_category="payout_reversal", amount=eur(46800), source_id="po_1"
        )
        second = a_payout(id="po_2", created_at=NOW, balance_transaction_id="txn_po_2")
        own = a_transaction(id="txn_po_2", amount=eur(-46800), source_id="po_2")
        mirror.upsert([a_payout(), second, *rows, back, own])
        money.itemise("po_1", ids(rows))
        money.itemise("po_2", ["txn_back", "txn_po_2"])
        found = money.payout("po_2")
        assert found is not None
        assert ids(found.transactions) == ["txn_back"]
        assert list(money.differing_payouts()) == []

    @pytest.mark.parametrize("nets", [(46799,), (46800, 1), (), (-46800,)])
    def test_contents_that_do_not_sum_up(
        self, mirror: Mirror, money: MoneyBook, nets: tuple[int, ...]
    ) -> None:
        rows = contents(*nets)
        fine = a_transaction(id="txn_fine", amount=yen(500))
        mirror.upsert([a_payout(), *rows, fine, a_payout(id="po_2", amount=yen(500))])
        money.itemise("po_1", ids(rows))
        money.itemise("po_2", ["txn_fine"])
        (found,) = money.differing_payouts()
        assert (found.payout.id, found.total, found.count) == ("po_1", eur(sum(nets)), len(nets))
        assert money.to_itemise() == ["po_1"]

    def test_itemising_again_replaces(self, mirror: Mirror, money: MoneyBook) -> None:
        rows = contents(30000, 10000, 16800)
        mirror.upsert([a_payout(), *rows])
        money.itemise("po_1", ["txn_0", "txn_1"])
        money.itemise("po_1", ["txn_0", "txn_2"])
        found = money.payout("po_1")
        assert found is not None
        assert ids(found.transactions) == ["txn_0", "txn_2"]
        assert money.to_itemise() == []

    def test_a_sync_keeps_the_contents(self, mirror: Mirror, money: MoneyBook) -> None:
        rows = contents(46800)
        mirror.upsert([a_payout(), *rows])
        money.itemise("po_1", ids(rows))
        mirror.upsert([a_payout(), *rows])
        found = money.payout("po_1")
        assert found is not None
        assert found.itemised
        assert ids(found.transactions) == ["txn_0"]

    def test_when_a_payout_came_back(self, mirror: Mirror, money: MoneyBook) -> None:
        back = a_transaction(id="txn_back", created_at=NOW - DAY)
        failed = a_payout(id="po_a", status="failed", failure_balance_transaction_id="txn_back")
        told = a_payout(id="po_b", status="failed", failure_balance_transaction_id="txn_unread")
        canceled = a_payout(id="po_c", status="canceled")
        silent = a_payout(id="po_d", status="canceled")
        mirror.upsert([back, failed, told, canceled, silent, a_payout(id="po_e")])
        mirror.upsert(
            [
                event("payout.failed", "po_b", NOW),
                event("payout.paid", "po_c", ORDERED),
                event("payout.canceled", "po_c", NOW - 2 * DAY),
            ]
        )
        found = {one.payout.id: (one.was_paid, one.returned_at) for one in money.returned_payouts()}
        assert found == {
            "po_a": (False, NOW - DAY),
            "po_b": (False, NOW),
            "po_c": (True, NOW - 2 * DAY),
            "po_d": (False, a_payout().arrival_at),
        }
        money.itemise("po_d", [])
        assert {one.payout.id for one in money.returned_payouts() if one.was_paid} == {
            "po_c",
            "po_d",
        }

    def test_manual_payouts_of_a_period(self, mirror: Mirror, money: MoneyBook) -> None:
        by_hand = a_payout(automatic=False)
        at = by_hand.created_at
        mirror.upsert([by_hand, a_payout(id="po_2")])
        mirror.upsert([replace(by_hand, id="po_3", status="failed")])
        assert list(money.manual_payouts(None, None)) == [by_hand]
        assert list(money.manual_payouts(at, at + DAY)) == [by_hand]
        assert list(money.manual_payouts(at + DAY, None)) == []
        assert list(money.manual_payouts(None, at)) == []

    # the record

    def test_charges_without_money(self, mirror: Mirror, money: MoneyBook) -> None:
        lost = a_charge(id="ch_lost", balance_transaction_id="txn_lost")
        never = a_charge(id="ch_never", balance_transaction_id=None, created_at=ORDERED)
        mirror.upsert(
            [
                a_charge(),
                a_transaction(),
                lost,
                never,
                a_charge(id="ch_failed", status="failed", balance_transaction_id=None),
                a_charge(id="ch_held", captured=False, balance_transaction_id=None),
                a_charge(id="ch_pending", status="pending", balance_transaction_id=None),
            ]
        )
        assert list(money.charges_without_money()) == [never, lost]

    def test_a_charge_is_booked_at_its_own_amount(self, mirror: Mirror, money: MoneyBook) -> None:
        part = an_intent(id="pi_part", amount_received_minor=20000)
        mirror.upsert(
            [
                *(a_charge(), a_transaction()),
                *(part, a_charge(id="ch_part", payment_intent_id="pi_part")),
                a_transaction(id="txn_part", source_id="ch_part", amount=eur(20000)),
                a_charge(id="ch_full", payment_intent_id="pi_part"),
                a_transaction(id="txn_full", source_id="ch_full"),
                a_charge(id="ch_yen", amount=yen(5000), payment_intent_id=None),
                a_transaction(id="txn_yen", source_id="ch_yen", amount=eur(3051)),
                a_charge(id="ch_wrong", payment_intent_id=None),
                a_transaction(id="txn_wrong", source_id="ch_wrong", amount=eur(46900)),
                a_charge(id="ch_twice", payment_intent_id="pi_part"),
                a_transaction(id="txn_twice1", source_id="ch_twice"),
                a_transaction(id="txn_twice2", source_id="ch_twice"),
            ]
        )
        found = {one.object_id: one for one in money.misbooked()}
        assert set(found) == {"ch_wrong", "ch_twice"}
        wrong, twice = found["ch_wrong"], found["ch_twice"]
        assert (wrong.kind, wrong.allowed, wrong.booked) == ("charge", (eur(46800),), eur(46900))
        assert (twice.allowed, twice.booked) == ((eur(46800), eur(20000)), eur(93600))
        assert (twice.count, twice.payment_intent_id) == (2, "pi_part")

    def test_a_refund_is_booked_once(self, mirror: Mirror, money: MoneyBook) -> None:
        def out(key: str, source: str, minor: int, category: str = "refund") -> BalanceTransaction:
            amount = eur(minor)
            return a_transaction(
                id=key, source_id=source, reporting_category=category, amount=amount
            )

        mirror.upsert(
            [
                *(a_refund(), out("txn_1", "re_1", -46800)),
                *(a_refund(id="re_failed", status="failed"), out("txn_2", "re_failed", -46800)),
                out("txn_3", "re_failed", 46800, "refund_failure"),
                a_refund(id="re_waiting", status="pending"),
                *(a_refund(id="re_twice"), out("txn_4", "re_twice", -46800)),
                out("txn_5", "re_twice", -46800),
            ]
        )
        (found,) = money.misbooked()
        assert (found.kind, found.object_id, found.count) == ("refund", "re_twice", 2)
        assert (found.allowed, found.booked) == ((eur(46800),), eur(93600))

    def test_unknown_categories(self, mirror: Mirror, money: MoneyBook) -> None:
        def new(key: str, amount: Money, at: datetime) -> BalanceTransaction:
            return a_transaction(
                id=key, reporting_category="something_new", amount=amount, created_at=at
            )

        mirror.upsert([a_transaction(), new("txn_3", eur(-500), NOW), new("txn_2", yen(7), NOW)])
        mirror.upsert([new("txn_4", eur(200), ORDERED)])
        known = list(CATEGORIES)
        euros = UnknownCategory("something_new", eur(-300), 2, ORDERED, "txn_4")
        yens = UnknownCategory("something_new", yen(7), 1, NOW, "txn_2")
        assert money.unknown_categories(known, None, None) == [euros, yens]
        later = UnknownCategory("something_new", eur(-500), 1, NOW, "txn_3")
        assert money.unknown_categories(known, NOW, None) == [later, yens]
        assert money.unknown_categories(known, None, NOW)[0].total == eur(200)
        assert money.unknown_categories([*known, "something_new"], None, None) == []

    # the bridge

    @pytest.mark.parametrize("seed", range(4))
    def test_the_bridge_of_any_record(self, mirror: Mirror, money: MoneyBook, seed: int) -> None:
        """Sums by SQL are the sums row by row, in every stretch and currency."""
        rng = random.Random(seed)
        rows = [
            a_transaction(
                id=f"txn_{number}",
                reporting_category=rng.choice([*CATEGORIES, "something_new"]),
                amount=Money(rng.randint(-(10**11), 10**11), currency := rng.choice(CURRENCIES)),
                fee=Money(rng.randint(0, 500), currency),
                created_at=ORDERED + timedelta(hours=rng.randint(0, 96)),
                balance_type=rng.choice(["payments", "payments", "payments", "risk_reserved"]),
            )
            for number in range(200)
        ]
        mirror.upsert(rows)
        counted = [row for row in rows if row.balance_type == "payments"]
        held = tuple(
            Money.total((row.net for row in counted if row.net.currency == currency), currency)
            for currency in CURRENCIES
        )
        assert money.total() == held
        money.observe(held, NOW)
        (through,) = {balance.through for balance in money.balances()}
        assert through == max(row.created_at for row in rows)
        since, until = ORDERED + DAY, ORDERED + 3 * DAY
        drawn = draw(money.movements(since, until, through), money.balances(), (), since, until)
        assert [one.currency for one in drawn] == list(CURRENCIES)
        for one in drawn:
            own = [row for row in counted if row.net.currency == one.currency]
            before = [row.net for row in own if row.created_at < since]
            upto = [row.net for row in own if row.created_at < until]
            charged = [
                row.amount
                for row in own
                if since <= row.created_at < until
                and row.reporting_category in ("charge", "charge_failure")
            ]
            assert one.opening == Money.total(before, one.currency)
            assert one.closing == Money.total(upto, one.currency)
            assert one.gross == Money.total(charged, one.currency)
            assert not one.residual

    def test_what_came_later_than_the_balance_is_left_out(
        self, mirror: Mirror, money: MoneyBook
    ) -> None:
        mirror.upsert([a_transaction()])
        money.observe([eur(46800)], NOW)
        mirror.upsert([a_transaction(id="txn_2", created_at=NOW)])
        (balance,) = money.balances()
        (movement,) = money.movements(None, None, balance.through)
        assert movement.amount_minor == 46800

    def test_since_when_a_residual_stands(self, mirror: Mirror, money: MoneyBook) -> None:
        def since(at: datetime, *held: Money) -> dict[str, datetime | None]:
            money.observe(held, at)
            return {one.amount.currency: one.residual_since for one in money.balances()}

        assert money.balances() == []
        assert since(ORDERED) == {}
        mirror.upsert([a_transaction()])
        assert since(ORDERED, eur(46800), yen(0)) == {"eur": None, "jpy": None}
        assert since(NOW, eur(46700)) == {"eur": NOW, "jpy": None}
        assert since(NOW + DAY, eur(46900), yen(5)) == {"eur": NOW, "jpy": NOW + DAY}
        assert since(NOW + 2 * DAY, eur(46800)) == {"eur": None, "jpy": None}
        # a currency that Stripe does not name any more holds nothing
        assert since(NOW + 3 * DAY) == {"eur": NOW + 3 * DAY, "jpy": None}
        assert money.balances()[0] == KnownBalance(
            eur(0), NOW + 3 * DAY, a_transaction().created_at, NOW + 3 * DAY
        )

    def test_what_was_sold_in_other_currencies(self, mirror: Mirror, money: MoneyBook) -> None:
        at = a_transaction().created_at
        mirror.upsert(
            [
                *(a_charge(), a_transaction()),
                a_charge(id="ch_yen", amount=yen(5000)),
                a_transaction(id="txn_2", source_id="ch_yen", amount=eur(3051)),
                a_charge(id="ch_kwd", amount=Money(12340, "kwd")),
                a_transaction(id="txn_3", source_id="ch_kwd", amount=eur(3686)),
                a_refund(id="re_yen", amount=yen(2000)),
                a_refund(id="re_back", amount=yen(1000), status="failed"),
            ]
        )
        for key, source, minor, category in (
            ("txn_4", "re_yen", -1221, "refund"),
            ("txn_5", "re_back", -610, "refund"),
            ("txn_6", "re_back", 610, "refund_failure"),
        ):
            row = a_transaction(id=key, source_id=source, reporting_category=category)
            mirror.upsert([replace(row, amount=eur(minor), net=eur(minor))])
        yens = Presentment(yen(5000), yen(2000), eur(3051), eur(1221))
        dinars = Presentment(Money(12340, "kwd"), Money(0, "kwd"), eur(3686), eur(0))
        assert money.presentments(None, None, NOW) == [yens, dinars]
        assert money.presentments(at, at + DAY, NOW) == [yens, dinars]
        assert money.presentments(at + DAY, None, NOW) == []
        assert money.presentments(None, None, at - DAY) == []
