"""What every Mirror promises, real or fake."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from stakactl.domain.stripe_objects import (
    Absence,
    BalanceTransaction,
    InvoicePayment,
    StripeKind,
    StripeObject,
)
from stakactl.operations.ports import CaseReader, Mirror, OrderBook, Reading, Wanted, Window
from tests.builders import (
    NOW,
    ORDERED,
    a_charge,
    a_dispute,
    a_refund,
    a_session,
    an_intent,
    an_order,
    eur,
)

SESSION, INTENT, CHARGE = (
    StripeKind.CHECKOUT_SESSION,
    StripeKind.PAYMENT_INTENT,
    StripeKind.CHARGE,
)


def money(key: str, created_at: datetime, minor: int, **fields: Any) -> BalanceTransaction:
    default: dict[str, Any] = {
        "id": key,
        "created_at": created_at,
        "available_on": created_at,
        "type": "charge",
        "reporting_category": "charge",
        "amount": eur(minor),
        "fee": eur(10),
        "net": eur(minor - 10),
        "source_id": None,
    }
    return BalanceTransaction(**{**default, **fields})


def invoice_payment(intent: str) -> InvoicePayment:
    return InvoicePayment("inpay_1", ORDERED, True, "in_1", intent, "paid")


class MirrorContract:
    """Subclasses bring the fixtures `mirror` and, of the same store, `orders` and `cases`."""

    def test_an_upsert_replaces(self, mirror: Mirror) -> None:
        mirror.upsert([a_session(status="open"), an_intent(), a_charge(), a_refund()])
        mirror.upsert([a_session(), a_session(id="cs_2"), a_dispute(), invoice_payment("pi_1")])
        mirror.upsert([money("txn_1", ORDERED, 100)])
        assert mirror.count() == 8
        assert mirror.unsettled_ids(SESSION) == []

    def test_nothing_to_upsert(self, mirror: Mirror) -> None:
        mirror.upsert([])
        assert mirror.count() == 0

    def test_how_far_a_kind_was_read(self, mirror: Mirror) -> None:
        assert mirror.synced_until(CHARGE) is None
        mirror.begin_readings({CHARGE: Reading(ORDERED, ORDERED), INTENT: Reading(ORDERED, NOW)})
        assert mirror.synced_until(CHARGE) is None
        mirror.finish_readings({CHARGE: ORDERED})
        assert mirror.synced_until(CHARGE) == ORDERED
        assert mirror.synced_until(INTENT) is None
        mirror.begin_readings({CHARGE: Reading(NOW, NOW)})
        mirror.finish_readings({CHARGE: NOW, INTENT: NOW})
        assert mirror.synced_until(CHARGE) == mirror.synced_until(INTENT) == NOW

    def test_what_a_reading_covered_is_kept_with_its_objects(self, mirror: Mirror) -> None:
        day = timedelta(days=1)
        first = Window(ORDERED, ORDERED + day)
        mirror.begin_readings({CHARGE: Reading(NOW, NOW, (first,)), INTENT: Reading(NOW, NOW)})
        touching = Window(ORDERED + day, ORDERED + 2 * day)
        apart = Window(ORDERED + 3 * day, ORDERED + 4 * day)
        mirror.upsert([a_charge()], [Wanted(CHARGE, apart), Wanted(INTENT, first)])
        mirror.upsert([], [Wanted(CHARGE, touching)])
        whole = Window(ORDERED, ORDERED + 2 * day)
        assert mirror.reading(CHARGE) == Reading(NOW, NOW, (whole, apart))
        assert mirror.reading(INTENT) == Reading(NOW, NOW, (first,))
        assert mirror.reading(SESSION) is None
        mirror.begin_readings({CHARGE: Reading(NOW, NOW + day, (first,))})
        assert mirror.reading(CHARGE) == Reading(NOW, NOW + day, (first,))
        mirror.finish_readings({CHARGE: NOW})  # of a sync that another one took over from
        assert mirror.reading(CHARGE) == Reading(NOW, NOW + day, (first,))
        assert mirror.synced_until(CHARGE) is None
        mirror.finish_readings({CHARGE: NOW + day})
        assert mirror.reading(CHARGE) is None
        assert mirror.reading(INTENT) is not None

    def test_what_is_known_ends_where_the_first_deciding_kind_ends(self, mirror: Mirror) -> None:
        kinds = set(StripeKind)
        minute = timedelta(minutes=1)
        ends = {kind: NOW + minute * place for place, kind in enumerate(StripeKind)}
        mirror.begin_readings({kind: Reading(NOW, end) for kind, end in ends.items()})
        mirror.finish_readings({k: end for k, end in ends.items() if k != StripeKind.DISPUTE})
        assert mirror.known_until() is None
        mirror.finish_readings(ends)
        assert mirror.known_until() == ends[SESSION] == NOW
        later = dict.fromkeys(kinds - {CHARGE, StripeKind.PAYOUT}, Reading(NOW, NOW + 60 * minute))
        mirror.begin_readings(later)
        mirror.finish_readings({kind: reading.until for kind, reading in later.items()})
        assert mirror.known_until() == ends[CHARGE]

    @pytest.mark.parametrize(
        ("kind", "thing", "unsettled"),
        [
            (SESSION, a_session(status="open", payment_status="unpaid"), True),
            (SESSION, a_session(status="complete", payment_status="unpaid"), True),
            (SESSION, a_session(status="expired", payment_status="unpaid"), False),
            (SESSION, a_session(), False),
            (INTENT, an_intent(status="processing"), True),
            (INTENT, an_intent(status="requires_payment_method"), True),
            (INTENT, an_intent(status="canceled"), False),
            (INTENT, an_intent(), False),
            (CHARGE, a_charge(status="pending"), True),
            (CHARGE, a_charge(captured=False), True),
            (CHARGE, a_charge(status="failed", captured=False), False),
            (CHARGE, a_charge(balance_transaction_id=None), True),
            (CHARGE, a_charge(status="failed", balance_transaction_id=None), False),
            (CHARGE, a_charge(), False),
            (StripeKind.REFUND, a_refund(status="requires_action"), True),
            (StripeKind.REFUND, a_refund(status="failed"), False),
            (StripeKind.DISPUTE, a_dispute(), True),
            (StripeKind.DISPUTE, a_dispute(status="won"), False),
            (StripeKind.INVOICE_PAYMENT, invoice_payment("pi_1"), False),
            (StripeKind.BALANCE_TRANSACTION, money("txn_1", ORDERED, 1), False),
        ],
    )
    def test_what_is_unsettled(
        self, mirror: Mirror, kind: StripeKind, thing: StripeObject, *, unsettled: bool
    ) -> None:
        mirror.upsert([thing])
        assert mirror.unsettled_ids(kind) == ([thing.id] if unsettled else [])
        assert mirror.unsettled_ids(kind, thing.created_at) == []
        later = thing.created_at + timedelta(seconds=1)
        assert mirror.unsettled_ids(kind, later) == mirror.unsettled_ids(kind)

    def test_unread_references(self, mirror: Mirror, orders: OrderBook) -> None:
        orders.import_orders(
            [
                an_order(stripe_session_id="cs_a", stripe_payment_intent_id="pi_a"),
                an_order(order_id="A-2", stripe_session_id="cs_a"),
                an_order(order_id="A-3", stripe_session_id=None),
            ]
        )
        mirror.upsert(
            [
                a_session(id="cs_b", payment_intent_id="pi_b", invoice_id="in_b"),
                a_session(id="cs_c", payment_intent_id=None),
                an_intent(id="pi_c", latest_charge_id="ch_c"),
                a_refund(charge_id="ch_r"),
                a_dispute(charge_id="ch_c"),
                a_charge(id="ch_d", balance_transaction_id="txn_d"),
                invoice_payment("pi_a"),
            ]
        )
        unread = [
            (SESSION, "cs_a"),
            (INTENT, "pi_a"),
            (INTENT, "pi_b"),
            (CHARGE, "ch_c"),
            (CHARGE, "ch_r"),
            (StripeKind.BALANCE_TRANSACTION, "txn_d"),
            (StripeKind.INVOICE, "in_1"),
            (StripeKind.INVOICE, "in_b"),
        ]
        assert sorted(mirror.unread_references()) == sorted(unread)
        mirror.mark_absent(StripeKind.INVOICE, "in_1", Absence.DELETED)
        mirror.mark_absent(StripeKind.INVOICE, "in_b", Absence.MISSING)
        mirror.upsert(
            [
                a_session(id="cs_a", payment_intent_id="pi_a"),
                a_charge(id="ch_c", balance_transaction_id="txn_d"),
                money("txn_d", ORDERED, 100),
            ]
        )
        mirror.mark_absent(INTENT, "pi_a", Absence.MISSING)
        mirror.mark_absent(INTENT, "pi_b", Absence.OTHER_MODE)
        mirror.mark_absent(SESSION, "ch_r", Absence.MISSING)
        assert mirror.unread_references() == [(CHARGE, "ch_r")]

    def test_an_object_that_is_gone_is_no_longer_held(self, mirror: Mirror) -> None:
        mirror.upsert([a_session(status="open")])
        mirror.mark_absent(SESSION, "cs_live_1", Absence.MISSING, NOW)
        mirror.mark_absent(SESSION, "cs_live_1", Absence.OTHER_MODE, NOW)
        assert mirror.unsettled_ids(SESSION) == []
        assert mirror.count() == 0

    def test_what_was_held_and_is_missing_was_deleted(
        self, mirror: Mirror, cases: CaseReader, orders: OrderBook
    ) -> None:
        orders.import_orders([an_order(stripe_payment_intent_id="pi_2")])
        mirror.upsert([a_session()])
        for key in ("cs_live_1", "cs_live_1"):
            mirror.mark_absent(SESSION, key, Absence.MISSING, NOW)
        mirror.mark_absent(INTENT, "pi_2", Absence.MISSING, NOW)
        case = cases.case("A-1")
        assert case is not None
        assert case.absent == {"cs_live_1": Absence.DELETED, "pi_2": Absence.MISSING}
        mirror.upsert([a_session()])
        case = cases.case("A-1")
        assert case is not None
        assert case.absent == {"pi_2": Absence.MISSING}

    def test_an_object_that_comes_back_is_no_longer_absent(
        self, mirror: Mirror, orders: OrderBook
    ) -> None:
        orders.import_orders([an_order()])
        mirror.mark_absent(SESSION, "cs_live_1", Absence.MISSING)
        mirror.upsert([a_session(payment_intent_id=None)])
        assert mirror.count() == 1
        assert mirror.unread_references() == []

    def test_the_same_object_twice_the_later_one_stays(self, mirror: Mirror) -> None:
        mirror.upsert([a_charge(status="pending"), a_charge()])
        assert mirror.count() == 1
        assert mirror.unsettled_ids(CHARGE) == []

    def test_many_objects_at_once(self, mirror: Mirror) -> None:
        many = [a_charge(id=f"ch_{n}", capture_before=None if n % 2 else NOW) for n in range(1200)]
        mirror.upsert([*many, *many])
        mirror.upsert([a_charge(id=charge.id, status="pending") for charge in many[:600]])
        assert mirror.count() == 1200
        assert len(mirror.unsettled_ids(CHARGE)) == 600
