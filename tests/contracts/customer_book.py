"""What every CustomerBook promises, real or fake."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stakactl.domain.customer_record import CustomerIdentity, CustomerKind, CustomerRecord
from stakactl.domain.mail import MailKind, NewMail
from stakactl.domain.orders import Order
from stakactl.domain.stripe_objects import Absence, StripeCustomer, StripeKind, Subscription
from stakactl.operations.ports import CustomerBook, InvoiceBook, Mirror, OrderBook, Outbox
from tests.builders import (
    NOW,
    ORDERED,
    a_charge,
    a_customer,
    a_dispute,
    a_refund,
    a_session,
    a_stripe_invoice,
    a_transaction,
    an_intent,
    an_order,
    eur,
)
from tests.contracts.issuing import credit, issue_apart, issue_for
from tests.contracts.mirror import invoice_payment

DAY = timedelta(days=1)


def bought(number: int, *, email: str = "lea@example.com", **names: str | None) -> Order:
    """Order A-<number>, a day after the one before, through session cs_<number>."""
    return an_order(
        order_id=f"A-{number}",
        created_at=ORDERED + number * DAY,
        customer=a_customer(email=email, **names),
        stripe_session_id=f"cs_{number}",
    )


def paid(number: int, customer: str | None = None, **intent: Any) -> Sequence[Any]:
    """What paid A-<number>, by a Stripe customer or by none."""
    return (
        a_session(id=f"cs_{number}", payment_intent_id=f"pi_{number}", customer_id=customer),
        an_intent(id=f"pi_{number}", customer_id=customer, **intent),
    )


def stripe_customer(name: str, email: str | None = None) -> StripeCustomer:
    return StripeCustomer(name, ORDERED, True, email, "Léa", "Paris", "FR")


def names(found: Sequence[CustomerIdentity]) -> list[tuple[str, str, tuple[str, ...], int]]:
    return [(str(one.kind), one.name, one.stripe_ids, one.orders) for one in found]


class CustomerBookContract:
    """Subclasses bring the fixtures `customers`, `orders`, `mirror`, `invoices` and `outbox`."""

    def test_nobody(self, customers: CustomerBook) -> None:
        for name in ("u_1", "cus_1", "lea@example.com", ""):
            assert customers.find(name) == []

    def test_an_applications_customer_by_every_name(
        self, customers: CustomerBook, orders: OrderBook, mirror: Mirror
    ) -> None:
        """One Stripe customer that an order records, and one that Checkout made."""
        orders.import_orders(
            [
                bought(1, customer_id="u_1", stripe_customer_id="cus_1"),
                bought(2, customer_id="u_1", email="LEA@example.com"),
                bought(3, customer_id="u_2", email="other@example.com"),
            ]
        )
        mirror.upsert([*paid(1, "cus_1"), *paid(2, "cus_2"), *paid(3)])
        expected = [("application", "u_1", ("cus_1", "cus_2"), 2)]
        for name in ("u_1", "cus_1", "cus_2", "Lea@Example.com"):
            found = customers.find(name)
            assert names(found) == expected
            assert found[0].email == "LEA@example.com"
        assert names(customers.find("u_2")) == [("application", "u_2", (), 1)]

    def test_a_stripe_customer_that_several_use_stands_for_itself(
        self, customers: CustomerBook, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders(
            [
                bought(1, customer_id="u_1", stripe_customer_id="cus_1"),
                bought(2, customer_id="u_2", stripe_customer_id="cus_1"),
            ]
        )
        mirror.upsert([*paid(1, "cus_1"), *paid(2, "cus_1")])
        assert names(customers.find("cus_1")) == [("stripe", "cus_1", ("cus_1",), 2)]
        assert names(customers.find("u_1")) == [("application", "u_1", (), 1)]
        (one,) = customers.find("u_1")
        assert [intent.id for intent in customers.record(one).payments.intents] == ["pi_1"]

    def test_an_email_that_several_have(
        self, customers: CustomerBook, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders(
            [
                bought(1, customer_id="u_1"),
                bought(2, stripe_customer_id="cus_2"),
                bought(3),
                bought(4),
                bought(5, email="x@example.com"),
            ]
        )
        mirror.upsert([stripe_customer("cus_5", "lea@example.com")])
        assert names(customers.find("lea@example.com")) == [
            ("guest", "lea@example.com", (), 2),
            ("stripe", "cus_2", ("cus_2",), 1),
            ("application", "u_1", (), 1),
            ("stripe", "cus_5", ("cus_5",), 0),
        ]

    def test_a_guest_is_all_orders_of_an_email_that_name_nobody(
        self, customers: CustomerBook, orders: OrderBook, mirror: Mirror
    ) -> None:
        orders.import_orders(
            [bought(1), bought(2, email="Lea@example.com"), bought(3, email="x@y")]
        )
        mirror.upsert([*paid(1, "cus_9"), *paid(2), *paid(3)])
        mirror.upsert([stripe_customer("cus_9", "lea@example.com")])
        (guest,) = customers.find("LEA@EXAMPLE.COM")
        assert guest == CustomerIdentity(
            CustomerKind.GUEST, "lea@example.com", ("cus_9",), 2, "Lea@example.com"
        )
        record = customers.record(guest)
        assert [order.order_id for order in record.orders] == ["A-1", "A-2"]
        assert [intent.id for intent in record.payments.intents] == ["pi_1", "pi_2"]

    def test_letters_are_folded_as_python_folds_them(
        self, customers: CustomerBook, orders: OrderBook
    ) -> None:
        orders.import_orders([bought(1, email="ÉLISE@exämple.com")])
        assert [one.orders for one in customers.find("élise@EXÄMPLE.com")] == [1]

    @pytest.mark.parametrize(
        "thing",
        [
            stripe_customer("cus_1"),
            a_session(customer_id="cus_1"),
            an_intent(customer_id="cus_1"),
            a_stripe_invoice(customer_id="cus_1"),
        ],
    )
    def test_a_stripe_customer_without_an_order(
        self, customers: CustomerBook, mirror: Mirror, thing: Any
    ) -> None:
        mirror.upsert([thing])
        assert names(customers.find("cus_1")) == [("stripe", "cus_1", ("cus_1",), 0)]

    def test_one_that_was_deleted(self, customers: CustomerBook, mirror: Mirror) -> None:
        mirror.mark_absent(StripeKind.CUSTOMER, "cus_1", Absence.DELETED, NOW)
        (one,) = customers.find("cus_1")
        assert customers.record(one) == CustomerRecord(one)

    def test_everything_of_a_customer(
        self,
        customers: CustomerBook,
        orders: OrderBook,
        mirror: Mirror,
        invoices: InvoiceBook,
        outbox: Outbox,
    ) -> None:
        order = bought(1, customer_id="u_1", stripe_customer_id="cus_1")
        other = bought(2, customer_id="u_2")
        orders.import_orders([order, other])
        subscription = Subscription(
            "sub_1", ORDERED, True, "active", "cus_1", "price_1", eur(400), 1, "month", 1,
            None, None, None, ORDERED, ORDERED,
        )  # fmt: skip
        own = (
            *paid(1, "cus_1"),
            a_charge(),
            a_refund(amount=eur(100), payment_intent_id=None),
            a_dispute(),
            a_transaction(),
            a_transaction(id="txn_2", source_id="re_1", created_at=ORDERED + 3 * DAY),
            stripe_customer("cus_1"),
            a_stripe_invoice(customer_id="cus_1"),
            subscription,
            an_intent(id="pi_bill", created_at=ORDERED + DAY),
            invoice_payment("pi_bill"),
        )
        theirs = (
            *paid(2),
            a_charge(id="ch_2", payment_intent_id="pi_2"),
            a_refund(id="re_2", charge_id="ch_2", payment_intent_id="pi_2"),
            a_stripe_invoice(id="in_2", number="X-2"),
        )
        mirror.upsert([*own, *theirs])
        invoice = issue_for(invoices, order)
        note = credit(invoices, invoice.invoice_id, 100)
        issue_for(invoices, other)
        outbox.add(NewMail(MailKind.INVOICE, invoice.invoice_id, "lea@example.com"), NOW)
        outbox.add(NewMail(MailKind.REMINDER, "in_1", "lea@example.com"), NOW)
        outbox.add(NewMail(MailKind.INVOICE, "somebody's", "x@example.com"), NOW)
        (one,) = customers.find("u_1")
        record = customers.record(one)
        assert record.orders == (order,)
        assert [intent.id for intent in record.payments.intents] == ["pi_1", "pi_bill"]
        assert [charge.id for charge in record.payments.charges] == ["ch_1"]
        assert [refund.id for refund in record.payments.refunds] == ["re_1"]
        assert [dispute.id for dispute in record.payments.disputes] == ["du_1"]
        assert record.owners == {"pi_1": "A-1"}
        assert record.booked == {
            "ch_1": a_transaction().created_at,
            "re_1": ORDERED + 3 * DAY,
        }
        assert [issued.number for issued in record.invoices] == [
            invoice.number,
            note.number if note else "",
        ]
        assert [bill.id for bill in record.stripe_invoices] == ["in_1"]
        assert record.subscriptions == (subscription,)
        assert record.stripe_customers == (stripe_customer("cus_1"),)
        assert [(mail.kind, mail.order_id) for mail in record.mails] == [
            (MailKind.INVOICE, "A-1"),
            (MailKind.REMINDER, None),
        ]

    def test_an_invoice_of_no_order(self, customers: CustomerBook, invoices: InvoiceBook) -> None:
        invoice = issue_apart(invoices, "QUOTE-1")
        assert invoice is not None
        found = customers.find(invoice.customer_id)
        assert [one.kind for one in found] == [CustomerKind.APPLICATION]
        assert [one.number for one in customers.record(found[0]).invoices] == [invoice.number]

    def test_a_payment_of_somebody_elses_order_is_theirs(
        self, customers: CustomerBook, orders: OrderBook, mirror: Mirror
    ) -> None:
        """cus_1 is u_1's; a friend's order was paid by them as well, and says so itself."""
        mine = bought(1, customer_id="u_1", stripe_customer_id="cus_1")
        friends = replace(bought(2, customer_id="u_2"), stripe_session_id="cs_2")
        orders.import_orders([mine, friends])
        mirror.upsert([*paid(1, "cus_1"), an_intent(id="pi_2"), paid(2)[0]])
        (me,), (friend,) = customers.find("u_1"), customers.find("u_2")
        assert [i.id for i in customers.record(me).payments.intents] == ["pi_1"]
        assert [i.id for i in customers.record(friend).payments.intents] == ["pi_2"]
