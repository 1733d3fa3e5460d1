"""What every CaseReader promises, real or fake."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from stakactl.domain.case import Case, OrphanPayment
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.numbering import Series
from stakactl.domain.orders import OrderStatus
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.operations.ports import CaseReader, InvoiceBook, Mirror, OrderBook
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
from tests.contracts.issuing import issue_for
from tests.contracts.mirror import invoice_payment

DAY = timedelta(days=1)


def bare(order_id: str, **fields: Any) -> Any:
    """An order that records no Stripe id."""
    return an_order(**{"order_id": order_id, "stripe_session_id": None, **fields})


class CaseReaderContract:
    """Subclasses bring the fixtures `cases`, `orders`, `mirror` and `invoices` of one store."""

    def test_a_whole_chain(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror, invoices: InvoiceBook
    ) -> None:
        orders.import_orders([an_order()])
        mirror.upsert([a_session(), an_intent(), a_charge(), a_refund(), a_dispute()])
        invoice = issue_for(invoices, an_order())
        expected = Case(
            an_order(),
            (a_session(),),
            (an_intent(),),
            (a_charge(),),
            (a_refund(),),
            (a_dispute(),),
            invoice_number=invoice.number,
        )
        assert cases.case("A-1") == expected
        assert list(cases.cases()) == [expected]
        assert cases.case("A-2") is None

    def test_oldest_first_within_the_period(self, cases: CaseReader, orders: OrderBook) -> None:
        many = [bare(f"A-{n}", created_at=ORDERED + DAY * (n % 5)) for n in range(12)]
        orders.import_orders(many)
        expected = sorted(many, key=lambda order: (order.created_at, order.order_id))
        assert [case.order for case in cases.cases()] == expected
        part = [o for o in expected if ORDERED + DAY <= o.created_at < ORDERED + 3 * DAY]
        found = cases.cases(ORDERED + DAY, ORDERED + 3 * DAY)
        assert [case.order for case in found] == part

    def test_references_find_sessions_and_intents(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders([bare("A-1"), bare("A-2")])
        by_client = a_session(client_reference_id="A-1", payment_intent_id=None)
        by_metadata = a_session(
            id="cs_2",
            created_at=ORDERED - DAY,
            client_reference_id="user 7",
            metadata_order_id="A-1",
            payment_intent_id="pi_2",
        )
        paid = an_intent(id="pi_2")
        naming = an_intent(id="pi_3", metadata_order_id="A-1", created_at=ORDERED - DAY)
        refund = a_refund(payment_intent_id=None, charge_id="ch_2")
        charge = a_charge(id="ch_2", payment_intent_id="pi_2")
        mirror.upsert([by_client, by_metadata, paid, naming, refund, charge])
        case = cases.case("A-1")
        assert case is not None
        assert case.sessions == (by_metadata, by_client)
        assert case.intents == (naming, paid)
        assert (case.charges, case.refunds) == ((charge,), (refund,))
        assert case.other_orders == frozenset()
        assert cases.case("A-2") == Case(bare("A-2"))

    def test_a_recorded_object_belongs_to_the_order_that_records_it(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        recording = an_order(stripe_payment_intent_id="pi_1")
        orders.import_orders([recording, bare("A-2")])
        session = a_session(client_reference_id="A-2", metadata_order_id="nobody")
        intent = an_intent(metadata_order_id="A-2")
        mirror.upsert([session, intent])
        assert cases.case("A-1") == Case(
            recording, (session,), (intent,), other_orders=frozenset({"A-2"})
        )
        assert cases.case("A-2") == Case(bare("A-2"))

    def test_several_orders_that_record_one_object(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders(
            [an_order(order_id=key, stripe_payment_intent_id="pi_1") for key in ("B", "A")]
        )
        mirror.upsert([a_session(), an_intent()])
        found = list(cases.cases())
        claimants = {"cs_live_1": ("A", "B"), "pi_1": ("A", "B")}
        assert [case.claimants for case in found] == [claimants, claimants]
        assert [len(case.sessions) + len(case.intents) for case in found] == [2, 2]

    def test_one_payment_is_claimed_through_its_session_too(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        by_intent = bare("A", stripe_payment_intent_id="pi_1")
        orders.import_orders([by_intent, bare("B", stripe_session_id="cs_live_1")])
        mirror.upsert([a_session(), an_intent()])
        assert [case.claimants for case in cases.cases()] == [{"pi_1": ("A", "B")}] * 2

    def test_a_session_that_only_names_an_order_follows_its_payment(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders([bare("A", stripe_payment_intent_id="pi_1"), bare("B")])
        mirror.upsert([a_session(client_reference_id="B"), an_intent()])
        assert cases.case("B") == Case(bare("B"))

    def test_an_intent_that_only_names_an_order_follows_its_session(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders([bare("A", stripe_session_id="cs_live_1"), bare("B")])
        mirror.upsert([a_session(), an_intent(metadata_order_id="B")])
        assert cases.case("B") == Case(bare("B"))
        recording = cases.case("A")
        assert recording is not None
        assert recording.other_orders == frozenset({"B"})

    def test_absent_ids(self, cases: CaseReader, orders: OrderBook, mirror: Mirror) -> None:
        orders.import_orders([an_order(stripe_payment_intent_id="pi_9")])
        mirror.mark_absent(StripeKind.CHECKOUT_SESSION, "cs_live_1", Absence.MISSING)
        mirror.mark_absent(StripeKind.PAYMENT_INTENT, "pi_9", Absence.OTHER_MODE)
        mirror.mark_absent(StripeKind.PAYMENT_INTENT, "pi_8", Absence.MISSING)
        case = cases.case("A-1")
        assert case is not None
        assert case.absent == {"cs_live_1": Absence.MISSING, "pi_9": Absence.OTHER_MODE}

    def test_money_of_an_intent_that_is_not_mirrored(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders([bare("A-1", stripe_payment_intent_id="pi_1")])
        mirror.upsert([a_charge(), a_refund(), a_dispute(livemode=False)])
        case = cases.case("A-1")
        assert case is not None
        assert (len(case.charges), len(case.refunds), len(case.disputes)) == (1, 1, 1)

    def test_objects_of_another_mode_are_included(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders([an_order()])
        mirror.upsert([a_session(livemode=False), an_intent(livemode=False)])
        case = cases.case("A-1")
        assert case is not None
        assert (len(case.sessions), len(case.intents)) == (1, 1)

    @pytest.mark.parametrize(
        "fields",
        [
            {"status": OrderStatus.PENDING},
            {"status": OrderStatus.CANCELLED},
            {"status": OrderStatus.REFUNDED},
            {"amount": eur(0)},
            {"invoice_number": "X-1"},
            {"refunded": eur(46800)},
            {"paid_at": ORDERED - DAY},
            {"paid_at": None, "created_at": ORDERED - DAY},
            {"paid_at": ORDERED + DAY},
        ],
    )
    def test_what_is_not_to_invoice(
        self, cases: CaseReader, orders: OrderBook, fields: dict[str, Any]
    ) -> None:
        orders.import_orders([an_order(**fields)])
        assert list(cases.to_invoice(ORDERED, ORDERED + DAY)) == []

    def test_what_is_to_invoice_oldest_payment_first(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror, invoices: InvoiceBook
    ) -> None:
        late = bare("A-1", paid_at=ORDERED + DAY, created_at=ORDERED - DAY, invoice_number="")
        early = bare("A-2", paid_at=ORDERED)
        unstated = bare("A-3", paid_at=None, created_at=ORDERED + timedelta(hours=1))
        partly = bare("A-4", status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(1), paid_at=NOW)
        invoiced = bare("A-5")
        orders.import_orders([late, early, unstated, partly, invoiced])
        mirror.upsert([a_session(client_reference_id="A-2")])
        issue_for(invoices, invoiced)
        found = list(cases.to_invoice(ORDERED))
        assert [case.order for case in found] == [early, unstated, late, partly]
        assert len(found[0].sessions) == 1

    def test_a_case_knows_what_was_credited_of_its_invoice(
        self, cases: CaseReader, orders: OrderBook, invoices: InvoiceBook
    ) -> None:
        orders.import_orders([bare("A-1")])
        invoice = issue_for(invoices, bare("A-1"))

        def freeze(number: str, issued_on: date, *_: object) -> InvoiceSnapshot:
            return replace(invoice.snapshot, number=number, issued_on=issued_on)

        for count in (1, 2):
            series = Series("AVOIR")
            invoices.credit(invoice.invoice_id, series, NOW, NOW.date(), "run_1", freeze)
            case = cases.case("A-1")
            assert case is not None
            assert case.invoice_number == invoice.number
            assert case.credited_minor == count * invoice.total.minor

    def test_the_work_list_may_shrink_while_it_is_read(
        self, cases: CaseReader, orders: OrderBook, invoices: InvoiceBook
    ) -> None:
        orders.import_orders(bare(f"A-{number}") for number in range(12))
        found = []
        for case in cases.to_invoice(ORDERED):
            issue_for(invoices, case.order)
            found.append(case.order.order_id)
        assert sorted(found) == sorted(f"A-{number}" for number in range(12))
        assert list(cases.to_invoice(ORDERED)) == []

    def test_a_payment_that_nobody_accounts_for_is_an_orphan(
        self, cases: CaseReader, mirror: Mirror
    ) -> None:
        session = a_session(client_reference_id="nobody")
        mirror.upsert([an_intent(metadata_order_id="nobody"), session])
        mirror.upsert([an_intent(id="pi_2", created_at=ORDERED - DAY)])
        mirror.upsert([an_intent(id="pi_3", status="processing")])
        assert list(cases.orphans()) == [
            OrphanPayment(an_intent(id="pi_2", created_at=ORDERED - DAY), None),
            OrphanPayment(an_intent(metadata_order_id="nobody"), session),
        ]

    def test_an_orphan_that_was_refunded_in_full_is_none(
        self, cases: CaseReader, mirror: Mirror
    ) -> None:
        mirror.upsert([an_intent(), a_refund(amount=eur(40000))])
        assert len(list(cases.orphans())) == 1
        mirror.upsert([a_refund(id="re_2", amount=eur(6800), status="pending")])
        assert len(list(cases.orphans())) == 1
        mirror.upsert([a_refund(id="re_2", amount=eur(6800))])
        assert list(cases.orphans()) == []

    def test_an_orphan_whose_refund_names_its_charge_alone_is_none(
        self, cases: CaseReader, mirror: Mirror
    ) -> None:
        mirror.upsert([an_intent(), a_charge()])
        assert len(list(cases.orphans())) == 1
        mirror.upsert([a_refund(payment_intent_id=None)])
        assert list(cases.orphans()) == []

    def test_what_resolves_a_payment(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders(
            [an_order(), bare("A-2", stripe_payment_intent_id="pi_2"), bare("A-3")]
        )
        mirror.upsert(
            [
                an_intent(),
                a_session(),
                an_intent(id="pi_2"),
                an_intent(id="pi_3", metadata_order_id="A-3"),
                an_intent(id="pi_4"),
                a_session(id="cs_4", payment_intent_id="pi_4", client_reference_id="A-3"),
                an_intent(id="pi_5"),
                a_session(
                    id="cs_5",
                    payment_intent_id="pi_5",
                    client_reference_id="user 7",
                    metadata_order_id="A-3",
                ),
                an_intent(id="pi_6"),
                invoice_payment("pi_6"),
            ]
        )
        assert list(cases.orphans()) == []
