"""One customer: shown whatever Stripe answers, read again whole, and reconciled alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stakactl.domain.findings import Discrepancy, FixState
from stakactl.domain.maintenance import Maintenance
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import (
    Absence,
    Account,
    InvoicePayment,
    StripeCustomer,
    StripeKind,
    Subscription,
)
from stakactl.errors import LockHeld, NotFound, Refused, StoreForeign, StripeError, UsageError
from stakactl.operations.customers.show import show_customer
from stakactl.operations.customers.sync import (
    CustomerSyncReport,
    CustomerSyncRequest,
    sync_customer,
)
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mail import send_outbox
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.sync import sync_stripe
from tests.builders import ORDERED, a_customer, a_dispute, a_refund, a_stripe_invoice, eur
from tests.fakes_stripe import FakeStripeGateway
from tests.operations.workshop import BEGINNING, MIRROR, RECORDS, Sale, Workshop, sale, unrecorded

DAY = timedelta(days=1)
DOWN = StripeError("Stripe cannot be reached")
LEA = StripeCustomer("cus_1", ORDERED, True, "1@example.com", "Léa Martin", "Paris", "FR")
MONTHLY = Subscription(
    "sub_1",
    ORDERED,
    True,
    "active",
    "cus_1",
    "price_1",
    eur(400),
    1,
    "month",
    1,
    None,
    None,
    None,
    ORDERED,
    ORDERED,
)


def of_customer(one: Sale, customer: str = "cus_1") -> Sale:
    """The sale, made by a Stripe customer that only Stripe's own objects name."""
    return replace(
        one,
        session=replace(one.session, customer_id=customer),
        intent=replace(one.intent, customer_id=customer),
    )


def synced(shop: Workshop, name: str, **options: Any) -> CustomerSyncReport:
    return sync_customer(shop, CustomerSyncRequest(name, **options))


def refs(shop: Workshop, kind: StripeKind) -> list[str]:
    """What was asked for by id or by an owner."""
    return [what for asked, what in shop.stripe.calls if asked is kind and isinstance(what, str)]


# show


@pytest.fixture
def known(shop: Workshop) -> Workshop:
    """u_1 with a payment refunded in part and disputed, an invoice, its mail and a subscription."""
    shop.take(of_customer(sale(1)), sale(2))
    shop.stripe.put(a_refund(amount=eur(100)), a_dispute(amount=eur(200)), LEA, MONTHLY)
    shop.stripe.put(a_stripe_invoice(id="in_9", number="S-9", customer_id="cus_1", total=eur(400)))
    reconcile(shop, ReconcileRequest(fix=True))
    generate_invoices(shop, GenerateRequest(BEGINNING))
    send_outbox(shop, "run_mail")
    return shop


@pytest.mark.parametrize("name", ["u_1", "cus_1", "1@Example.com", " u_1\n"])
def test_everything_by_every_name(known: Workshop, name: str) -> None:
    report = show_customer(known, name)
    record = report.record
    assert record.identity.name == "u_1"
    assert [order.order_id for order in record.orders] == ["A-1"]
    (total,) = report.totals
    assert (total.payments, total.paid, total.refunded, total.disputes_open, total.net) == (
        1, eur(46800), eur(100), eur(200), eur(46700)
    )  # fmt: skip
    assert [invoice.number for invoice in record.invoices] == ["FACT-2026-000001"]
    assert [bill.number for bill in record.stripe_invoices] == ["S-9"]
    assert record.subscriptions == (MONTHLY,)
    assert [str(mail.status) for mail in record.mails] == ["sent"]
    assert report.live is not None
    assert report.live.customers == (("cus_1", LEA),)
    assert (report.live.payments, report.live.invoices) == (1, 1)
    assert report.live.subscriptions == (MONTHLY,)
    assert report.live.differences == ()
    assert (report.outcome, report.unjudged) == (Outcome.OK, ())


def test_showing_changes_nothing(known: Workshop) -> None:
    before = known.contents()
    known.stripe.put(replace(MONTHLY, status="canceled"))
    show_customer(known, "u_1")
    assert known.contents() == before


def test_what_stripe_has_otherwise_is_told(known: Workshop) -> None:
    new = of_customer(sale(3))
    known.stripe.put(replace(MONTHLY, status="canceled"), new.intent)
    live = show_customer(known, "u_1").live
    assert live is not None
    assert [(one.object_id, one.seen, one.held) for one in live.differences] == [
        ("pi_3", "succeeded", "nothing"),
        ("sub_1", "status canceled", "status active"),
    ]


def test_without_stripe_the_rest_is_shown(known: Workshop) -> None:
    known.stripe.unreadable = dict.fromkeys(StripeKind, DOWN)
    report = show_customer(known, "u_1")
    assert report.outcome is Outcome.INCOMPLETE
    assert report.live is not None
    assert report.live.unread == (DOWN.message,)
    assert [order.order_id for order in report.record.orders] == ["A-1"]
    known.stripe.calls.clear()
    report = show_customer(known, "u_1", live=False)
    assert (report.outcome, report.live, known.stripe.calls) == (Outcome.OK, None, [])


def test_a_deleted_stripe_customer_is_told(known: Workshop) -> None:
    known.stripe.deleted.add("cus_1")
    live = show_customer(known, "u_1").live
    assert live is not None
    assert live.customers == (("cus_1", Absence.DELETED),)


def test_a_key_of_another_account_shows_nothing_of_it(known: Workshop) -> None:
    known.stripe = FakeStripeGateway(account=Account("acct_other", livemode=True, name="Other"))
    with pytest.raises(StoreForeign):
        show_customer(known, "u_1")


def test_what_is_wrong_is_told_as_it_is_now(known: Workshop) -> None:
    known.take(unrecorded(3, customer=a_customer(email="1@example.com", customer_id="u_1")))
    sync_stripe(known)
    report = show_customer(known, "u_1")
    assert [(p.finding.discrepancy, p.finding.order_id) for p in report.problems] == [
        (Discrepancy.PAID_NOT_RECORDED, "A-3"),
        (Discrepancy.REFUND_NO_CREDIT_NOTE, "A-1"),
    ]
    assert report.problems[0].finding.fix is FixState.PLANNED


def test_a_customer_with_nothing(shop: Workshop) -> None:
    shop.mirror.upsert([LEA])
    report = show_customer(shop, "cus_1", live=False)
    assert (report.totals, report.problems, report.record.orders) == ((), (), ())


def test_a_guest_is_asked_for_by_their_payments(shop: Workshop) -> None:
    shop.take(sale(1, customer=a_customer(email="guest@example.com")))
    sync_stripe(shop)
    live = show_customer(shop, "guest@example.com").live
    assert live is not None
    assert (live.customers, live.payments, live.differences) == ((), 1, ())


def test_an_email_that_several_have_is_refused_with_their_ids(shop: Workshop) -> None:
    for number, who in enumerate(("u_1", "u_2", None), 1):
        shop.take(sale(number, customer=a_customer(customer_id=who)))
    with pytest.raises(NotFound, match="3 customers have the e-mail") as caught:
        show_customer(shop, "lea.martin@example.com")
    assert caught.value.message.splitlines()[1:] == [
        "orders that name no customer (--guest), 1 order",
        "u_1, 1 order",
        "u_2, 1 order",
    ]
    assert "--guest" in (caught.value.hint or "")
    report = show_customer(shop, "lea.martin@example.com", guest=True, live=False)
    assert [order.order_id for order in report.record.orders] == ["A-3"]


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("nobody", {}, NotFound),
        ("no@example.com", {"guest": True}, NotFound),
        ("u_1", {"guest": True}, UsageError),
        ("", {}, UsageError),
        ("sk_live_secret", {}, UsageError),
    ],
)
@pytest.mark.parametrize(
    "run",
    [show_customer, lambda shop, name, **options: synced(shop, name, **options)],
    ids=["show", "sync"],
)
def test_names_that_are_none(
    shop: Workshop,
    run: Callable[..., Any],
    name: str,
    options: dict[str, Any],
    error: type[Exception],
) -> None:
    with pytest.raises(error) as caught:
        run(shop, name, **options)
    assert "secret" not in str(caught.value.args) or "secret key" in str(caught.value.args)
    assert shop.runs.find() == []


# sync


def test_everything_of_a_customer_is_read_however_old(shop: Workshop) -> None:
    """Nothing of it was in the mirror, and nothing of others comes in."""
    shop.take(of_customer(sale(1)), of_customer(sale(2), "cus_2"))
    shop.mirror.upsert([LEA])
    shop.stripe.put(
        LEA,
        MONTHLY,
        a_refund(amount=eur(100)),
        a_dispute(),
        a_stripe_invoice(customer_id="cus_1"),
        InvoicePayment("inpay_1", ORDERED, True, "in_1", "pi_1", "paid"),
    )
    report = synced(shop, "cus_1")
    assert report.read == {
        StripeKind.CHECKOUT_SESSION: 1,
        StripeKind.PAYMENT_INTENT: 1,
        StripeKind.CHARGE: 1,
        StripeKind.REFUND: 1,
        StripeKind.DISPUTE: 1,
        StripeKind.INVOICE_PAYMENT: 1,
        StripeKind.BALANCE_TRANSACTION: 1,
        StripeKind.CUSTOMER: 1,
        StripeKind.INVOICE: 1,
        StripeKind.SUBSCRIPTION: 1,
    }
    assert shop.mirror.count() == sum(report.read.values())
    assert {(c.kind, c.object_id, c.before) for c in report.changed} == {
        (StripeKind.CHECKOUT_SESSION, "cs_live_1", None),
        (StripeKind.PAYMENT_INTENT, "pi_1", None),
        (StripeKind.CHARGE, "ch_1", None),
        (StripeKind.REFUND, "re_1", None),
        (StripeKind.DISPUTE, "du_1", None),
        (StripeKind.INVOICE, "in_1", None),
        (StripeKind.SUBSCRIPTION, "sub_1", None),
    }
    assert (report.identity.name, report.orders) == ("u_1", 1)
    again = synced(shop, "cus_1")
    assert (again.read, again.changed) == (report.read, ())


def test_what_differs_is_told_by_its_fields(known: Workshop) -> None:
    known.stripe.put(a_refund(amount=eur(100), status="failed"), replace(MONTHLY, quantity=2))
    report = synced(known, "u_1")
    assert [(c.object_id, c.before, c.after) for c in report.changed] == [
        ("re_1", "status succeeded", "status failed"),
        ("sub_1", "quantity 1", "quantity 2"),
    ]


def test_only_their_orders_are_looked_at(shop: Workshop) -> None:
    shop.take(unrecorded(1), unrecorded(2))
    sync_stripe(shop)
    report = synced(shop, "u_1")
    assert [(f.discrepancy, f.order_id, f.fix) for f in report.findings] == [
        (Discrepancy.PAID_NOT_RECORDED, "A-1", FixState.PLANNED)
    ]
    assert (report.outcome, report.changes) == (Outcome.FINDINGS, ())
    assert shop.status("A-1") is OrderStatus.PENDING
    shop.clock.move(minutes=1)
    fixed = synced(shop, "u_1", fix=True)
    assert [change.target_id for change in fixed.changes] == ["A-1"]
    assert shop.status("A-1") is OrderStatus.PAID
    assert shop.status("A-2") is OrderStatus.PENDING
    assert shop.last_run("customers sync").summary == {"findings": 1, "changes": 1}


def test_classes_of_findings_are_chosen(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    sync_stripe(shop)
    wanted = frozenset({Discrepancy.AMOUNT_MISMATCH})
    report = synced(shop, "u_1", fix=True, discrepancies=wanted)
    assert (report.findings, shop.status("A-1")) == ((), OrderStatus.PENDING)


def test_without_fix_only_the_copy_and_the_findings_change(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    sync_stripe(shop)
    before = shop.contents(MIRROR | RECORDS)
    shop.stripe.put(a_refund())
    synced(shop, "u_1")
    assert shop.contents(MIRROR | RECORDS) == before


def test_an_order_that_is_younger_than_the_last_sync_is_judged(shop: Workshop) -> None:
    """All that it names was read a moment ago. A repair wants to know of everything else, too."""
    sync_stripe(shop)
    shop.clock.move(hours=2)
    shop.take(unrecorded(1, at=shop.clock.now() - timedelta(hours=1)))
    report = synced(shop, "u_1")
    assert [f.discrepancy for f in report.findings] == [Discrepancy.PAID_NOT_RECORDED]
    fixed = synced(shop, "u_1", fix=True)
    assert [f.fix for f in fixed.findings] == [FixState.SKIPPED]


def test_a_guest_without_a_stripe_customer(shop: Workshop) -> None:
    shop.take(sale(1, customer=a_customer(email="guest@example.com")), unrecorded(2))
    sync_stripe(shop)
    shop.stripe.calls.clear()
    shop.stripe.put(a_refund(amount=eur(100)))
    report = synced(shop, "Guest@example.com", fix=True)
    assert [c.object_id for c in report.changed] == ["re_1"]
    assert shop.status("A-1") is OrderStatus.PARTIALLY_REFUNDED
    assert shop.status("A-2") is OrderStatus.PENDING
    assert refs(shop, StripeKind.CUSTOMER) == []


def test_a_payment_leads_to_a_stripe_customer_that_nobody_knew(shop: Workshop) -> None:
    """The order names its session, the session a customer, and that one another payment."""
    shop.take(of_customer(sale(1)))
    other = of_customer(sale(7))
    shop.stripe.put(LEA, *other.objects)
    report = synced(shop, "u_1")
    assert report.identity.stripe_ids == ("cus_1",)
    assert {"cus_1", "pi_7", "ch_7"} <= {c.object_id for c in report.changed}


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(known: Workshop) -> None:
    known.stripe.unreadable = {StripeKind.REFUND: DOWN}
    known.stripe.put(a_dispute(amount=eur(200), status="lost"))
    report = synced(known, "u_1")
    assert report.outcome is Outcome.INCOMPLETE
    assert report.unread == (f"refund re_1: {DOWN.message}",)
    assert [(c.object_id, c.after) for c in report.changed] == [("du_1", "status lost")]


def test_a_deleted_customer_keeps_their_payments(known: Workshop) -> None:
    known.stripe.deleted.add("cus_1")
    report = synced(known, "u_1")
    assert report.unread == ()
    assert [(c.object_id, c.after) for c in report.changed] == [("cus_1", None)]
    assert report.read[StripeKind.PAYMENT_INTENT] == 1


def test_repairs_are_held_by_maintenance_and_by_the_lock(known: Workshop) -> None:
    now = known.clock.now()
    flag = Maintenance("deployment", "ann", now, now + DAY)
    assert known.maintenance.swap(None, flag)
    with pytest.raises(Refused, match="customers sync changes nothing now"):
        synced(known, "u_1", fix=True)
    assert synced(known, "u_1").unread == ()
    assert known.maintenance.swap(flag, None)
    with known.lock.hold("another", "nightly"), pytest.raises(LockHeld):
        synced(known, "u_1", fix=True)
