"""Each discrepancy is recognised, nothing is invented, and only what is safe is repaired."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from stakactl.domain.case import Case, OrphanPayment
from stakactl.domain.changes import Change
from stakactl.domain.findings import Discrepancy, Finding, FindingState
from stakactl.domain.fixes import plan_fix
from stakactl.domain.money import Money
from stakactl.domain.orders import OrderStatus
from stakactl.domain.reconciliation import Context, classify, classify_orphan
from stakactl.domain.stripe_objects import Absence, InvoicePayment
from tests.builders import (
    NOW,
    ORDERED,
    a_case,
    a_charge,
    a_customer,
    a_dispute,
    a_refund,
    a_session,
    a_stripe_invoice,
    an_intent,
    an_order,
    eur,
)

CONTEXT = Context(now=NOW, livemode=True, default_vat_rate=None, known_until=NOW)
PENDING = an_order(status=OrderStatus.PENDING, paid_at=None)
SEPA = an_intent(status="processing", payment_method_type="sepa_debit", latest_charge_id=None)
#: Refunded in part, the application does not tell how much.
PARTLY = an_order(status=OrderStatus.PARTIALLY_REFUNDED)
UNPAID = a_session(payment_status="unpaid")
FAILED = replace(SEPA, status="requires_payment_method")
TWICE = (an_intent(), an_intent(id="pi_2", latest_charge_id="ch_2"))
BACK = a_refund(charge_id="ch_2", payment_intent_id="pi_2")
IN_POUNDS = an_intent(amount=Money(40000, "gbp"), amount_received_minor=40000)
BILLED = a_session(mode="subscription", payment_intent_id=None, invoice_id="in_1")
AGAIN = replace(UNPAID, id="cs_live_2", payment_intent_id="pi_2")


def found(case: Case, context: Context = CONTEXT) -> list[str]:
    return [str(finding.discrepancy) for finding in classify(case, context)]


def fix_of(case: Case) -> Change | None:
    (finding,) = classify(case, CONTEXT)
    return plan_fix(finding, case)


CLEAN: dict[str, Case] = {
    "paid and invoiced": a_case(),
    "paid, the application issued the invoice": a_case(
        order=an_order(invoice_number="F-12"), invoice_number=None
    ),
    "pending with an open session": a_case(
        order=PENDING, sessions=(a_session(status="open", payment_status="unpaid"),), intents=()
    ),
    "free order": a_case(order=an_order(amount=eur(0)), sessions=(), intents=()),
    "cancelled without payment": a_case(
        order=an_order(status=OrderStatus.CANCELLED), sessions=(), intents=()
    ),
    "refunded": a_case(
        order=an_order(status=OrderStatus.REFUNDED), refunds=(a_refund(),), invoice_number=None
    ),
    "refunded, the application issued the invoice": a_case(
        order=an_order(status=OrderStatus.REFUNDED, invoice_number="F-12"),
        refunds=(a_refund(),),
        invoice_number=None,
    ),
    "refunded in two pieces, told as a sum": a_case(
        order=an_order(
            status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(300), invoice_number="F-12"
        ),
        refunds=(a_refund(amount=eur(100)), a_refund(id="re_2", amount=eur(200))),
        invoice_number=None,
    ),
    "partially refunded, sum not told": a_case(
        order=an_order(status=OrderStatus.PARTIALLY_REFUNDED, invoice_number="F-12"),
        refunds=(a_refund(amount=eur(7)),),
        invoice_number=None,
    ),
    "partially refunded, sum not told, under way": a_case(
        order=replace(PARTLY, invoice_number="F-12"),
        refunds=(a_refund(amount=eur(7), status="pending"),),
        invoice_number=None,
    ),
    "the application records the number of our invoice": a_case(
        order=an_order(invoice_number="FACT-2026-000001"), invoice_number="FACT-2026-000001"
    ),
    "the application records the number of Stripe's invoice": a_case(
        order=an_order(invoice_number="ABC-0001"),
        invoice_number=None,
        stripe_invoices=(a_stripe_invoice(),),
    ),
    "Stripe's invoice was voided, another is a draft": a_case(
        stripe_invoices=(
            a_stripe_invoice(status="void"),
            a_stripe_invoice(id="in_2", number=None, status="draft"),
        )
    ),
    "refund under way": a_case(
        order=an_order(status=OrderStatus.REFUNDED), refunds=(a_refund(status="pending"),)
    ),
    "refund failed, made again and under way": a_case(
        order=an_order(status=OrderStatus.REFUNDED),
        refunds=(a_refund(status="failed"), a_refund(id="re_2", status="pending")),
        invoice_number=None,
    ),
    "dispute known": a_case(
        order=an_order(dispute_status="needs_response"), disputes=(a_dispute(),)
    ),
    "dispute that ended before we knew it": a_case(disputes=(a_dispute(status="won"),)),
    "paid twice, one refunded": a_case(intents=TWICE, refunds=(BACK,)),
    "paid twice, one refunded through its charge": a_case(
        intents=TWICE,
        charges=(a_charge(), a_charge(id="ch_2", payment_intent_id="pi_2")),
        refunds=(replace(BACK, payment_intent_id=None),),
    ),
    "paid after it was cancelled, and refunded": a_case(
        order=an_order(status=OrderStatus.CANCELLED), refunds=(a_refund(),), invoice_number=None
    ),
    "refunded in the customer's currency": a_case(
        order=an_order(status=OrderStatus.REFUNDED),
        intents=(IN_POUNDS,),
        refunds=(a_refund(amount=Money(40000, "gbp")),),
        invoice_number=None,
    ),
    "a part refunded in the customer's currency, told in the order's": a_case(
        order=an_order(
            status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(500), invoice_number="F-12"
        ),
        intents=(IN_POUNDS,),
        refunds=(a_refund(amount=Money(400, "gbp")),),
        invoice_number=None,
    ),
    "a subscription's first invoice is Stripe's": a_case(
        sessions=(BILLED,), intents=(), charges=(), invoice_number=None
    ),
    "failed, tried again and not finished": a_case(
        order=PENDING,
        sessions=(UNPAID,),
        intents=(FAILED, an_intent(id="pi_2", status="requires_action")),
    ),
    "reference is a user id, no order": a_case(sessions=(a_session(client_reference_id="u-7"),)),
    "too much paid, the excess refunded": a_case(
        intents=(an_intent(amount=eur(50000), amount_received_minor=50000),),
        sessions=(a_session(amount_total=eur(50000)),),
        refunds=(a_refund(amount=eur(3200)),),
    ),
    "too much paid, the excess refunded and recorded": a_case(
        order=an_order(status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(3200)),
        intents=(an_intent(amount=eur(50000), amount_received_minor=50000),),
        sessions=(a_session(amount_total=eur(50000)),),
        refunds=(a_refund(amount=eur(3200)),),
    ),
    "a subscription paid through its invoice": a_case(
        sessions=(BILLED,),
        stripe_invoices=(a_stripe_invoice(),),
        invoice_payments=(InvoicePayment("inpay_1", ORDERED, True, "in_1", "pi_1", "paid"),),
        invoice_number=None,
    ),
    "named by a paid invoice of Stripe": a_case(
        sessions=(),
        intents=(),
        charges=(),
        order=an_order(stripe_session_id=None),
        stripe_invoices=(a_stripe_invoice(metadata_order_id="A-1"),),
        invoice_number=None,
    ),
    "capture far off": a_case(
        order=PENDING,
        sessions=(a_session(payment_status="unpaid"),),
        intents=(an_intent(status="requires_capture"),),
        charges=(a_charge(capture_before=NOW + timedelta(days=6)),),
    ),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_chain_that_holds_has_no_finding(name: str) -> None:
    assert found(CLEAN[name]) == []


#: The classes from here on are not found in a case of one order.
FIRST_SWEPT = Discrepancy.NUMBER_GAP

DISCREPANCIES: list[tuple[str, Case]] = [
    ("PAID_NOT_RECORDED", a_case(order=PENDING)),
    ("PAID_NOT_RECORDED", a_case(order=replace(PENDING, status=OrderStatus.FAILED))),
    ("PAID_AFTER_CANCEL", a_case(order=replace(PENDING, status=OrderStatus.CANCELLED))),
    ("PAID_AFTER_CANCEL", a_case(order=replace(PENDING, status=OrderStatus.EXPIRED))),
    ("RECORDED_NOT_PAID", a_case(intents=(an_intent(status="canceled"),))),
    ("RECORDED_NOT_PAID", a_case(sessions=(), intents=(), charges=())),
    ("ASYNC_PENDING", a_case(order=PENDING, sessions=(UNPAID,), intents=(SEPA,))),
    (
        "ASYNC_FAILED",
        a_case(
            order=PENDING,
            sessions=(UNPAID,),
            intents=(replace(SEPA, status="requires_payment_method"),),
        ),
    ),
    (
        "ASYNC_PENDING",
        a_case(order=PENDING, sessions=(UNPAID, AGAIN), intents=(FAILED, replace(SEPA, id="pi_2"))),
    ),
    ("PAID_NOT_RECORDED", a_case(order=PENDING, sessions=(BILLED,), intents=())),
    (
        "AMOUNT_MISMATCH",
        a_case(sessions=(replace(BILLED, amount_total=eur(1)),), intents=()),
    ),
    ("AMOUNT_MISMATCH", a_case(intents=(an_intent(amount_received_minor=20000),))),
    (
        "REFUND_TOTAL_MISMATCH",
        a_case(intents=(IN_POUNDS,), refunds=(a_refund(amount=Money(400, "gbp")),)),
    ),
    (
        "REFUND_TOTAL_MISMATCH",
        a_case(order=an_order(status=OrderStatus.REFUNDED), intents=TWICE, refunds=(BACK,)),
    ),
    ("DISPUTE_OUTCOME", a_case(disputes=(a_dispute(status="lost"),))),
    (
        "LINK_CONFLICT",
        a_case(intents=(an_intent(metadata_order_id="B-2"),), other_orders=frozenset({"B-2"})),
    ),
    (
        "SESSION_EXPIRED",
        a_case(
            order=PENDING,
            sessions=(a_session(status="expired", payment_status="unpaid"),),
            intents=(),
        ),
    ),
    (
        "LINK_CONFLICT",
        a_case(sessions=(a_session(client_reference_id="B-2"),), other_orders=frozenset({"B-2"})),
    ),
    ("LINK_CONFLICT", a_case(claimants={"cs_live_1": ("A-1", "B-2")})),
    ("DUPLICATE_PAYMENT", a_case(intents=(an_intent(), an_intent(id="pi_2")))),
    ("AMOUNT_MISMATCH", a_case(sessions=(a_session(amount_total=eur(46799)),))),
    ("AMOUNT_MISMATCH", a_case(order=PENDING, sessions=(a_session(amount_total=eur(1)),))),
    ("CURRENCY_MISMATCH", a_case(sessions=(a_session(amount_total=Money(46800, "usd")),))),
    (
        "ORDER_WITHOUT_STRIPE",
        a_case(sessions=(), intents=(), absent={"cs_live_1": Absence.MISSING}),
    ),
    ("MODE_MISMATCH", a_case(order=an_order(stripe_session_id="cs_test_1"))),
    ("MODE_MISMATCH", a_case(sessions=(a_session(livemode=False),))),
    ("MODE_MISMATCH", a_case(sessions=(), absent={"cs_live_1": Absence.OTHER_MODE})),
    (
        "CAPTURE_PENDING",
        a_case(
            order=PENDING,
            sessions=(UNPAID,),
            intents=(an_intent(status="requires_capture"),),
            charges=(a_charge(capture_before=NOW + timedelta(hours=30)),),
        ),
    ),
    ("REFUND_NOT_RECORDED", a_case(refunds=(a_refund(),))),
    (
        "REFUND_FAILED",
        a_case(order=an_order(status=OrderStatus.REFUNDED), refunds=(a_refund(status="failed"),)),
    ),
    (
        "REFUND_TOTAL_MISMATCH",
        a_case(
            order=an_order(status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(111)),
            refunds=(a_refund(amount=eur(100)),),
        ),
    ),
    ("REFUND_TOTAL_MISMATCH", a_case(order=PARTLY)),
    (
        "REFUND_FAILED",
        a_case(order=PARTLY, refunds=(a_refund(amount=eur(7), status="failed"),)),
    ),
    ("REFUND_NOT_RECORDED", a_case(order=PARTLY, refunds=(a_refund(),))),
    (
        "AMOUNT_MISMATCH",
        a_case(
            intents=(an_intent(amount=eur(50000), amount_received_minor=50000),),
            sessions=(a_session(amount_total=eur(50000)),),
            order=an_order(status=OrderStatus.PARTIALLY_REFUNDED, refunded=eur(3100)),
            refunds=(a_refund(amount=eur(3100)),),
            invoice_number=None,
        ),
    ),
    (
        "REFUND_NOT_RECORDED",
        a_case(
            intents=(an_intent(amount=eur(50000), amount_received_minor=50000),),
            sessions=(a_session(amount_total=eur(50000)),),
            refunds=(a_refund(amount=eur(3200)), a_refund(id="re_2", amount=eur(100))),
            invoice_number=None,
        ),
    ),
    (
        "REFUND_NOT_RECORDED",
        a_case(
            sessions=(BILLED,),
            stripe_invoices=(a_stripe_invoice(),),
            invoice_payments=(InvoicePayment("inpay_1", ORDERED, True, "in_1", "pi_1", "paid"),),
            refunds=(a_refund(),),
            invoice_number=None,
        ),
    ),
    (
        "PAID_AFTER_CANCEL",
        a_case(
            order=an_order(status=OrderStatus.CANCELLED, stripe_session_id=None),
            sessions=(),
            intents=(),
            stripe_invoices=(a_stripe_invoice(metadata_order_id="A-1"),),
            invoice_number=None,
        ),
    ),
    ("DISPUTE_UNKNOWN", a_case(disputes=(a_dispute(),))),
    (
        "DISPUTE_OUTCOME",
        a_case(
            order=an_order(dispute_status="needs_response"), disputes=(a_dispute(status="lost"),)
        ),
    ),
    (
        "INVOICE_MISSING",
        a_case(order=an_order(vat_rate=Decimal(20)), invoice_number=None),
    ),
    ("INVOICE_BLOCKED", a_case(invoice_number=None)),
    ("INVOICE_DUPLICATE", a_case(order=an_order(invoice_number="F-12"))),
    ("INVOICE_DUPLICATE", a_case(stripe_invoices=(a_stripe_invoice(),))),
    (
        "INVOICE_DUPLICATE",
        a_case(
            order=an_order(invoice_number="F-12"),
            invoice_number=None,
            stripe_invoices=(a_stripe_invoice(),),
        ),
    ),
    (
        "REFUND_NO_CREDIT_NOTE",
        a_case(order=an_order(status=OrderStatus.REFUNDED), refunds=(a_refund(),)),
    ),
    (
        "REFUND_NO_CREDIT_NOTE",
        a_case(
            order=an_order(status=OrderStatus.PARTIALLY_REFUNDED),
            refunds=(a_refund(amount=eur(7)),),
        ),
    ),
]


@pytest.mark.parametrize(("discrepancy", "case"), DISCREPANCIES)
def test_exactly_the_discrepancy_is_found(discrepancy: str, case: Case) -> None:
    assert found(case) == [discrepancy]


def test_every_class_has_an_example() -> None:
    elsewhere = {
        "ORPHAN_PAYMENT",
        "INVOICE_AMOUNT",
        *list(Discrepancy)[list(Discrepancy).index(FIRST_SWEPT) :],
    }
    assert {name for name, _ in DISCREPANCIES} | elsewhere == set(Discrepancy)


def test_an_orphan_names_the_order_it_asked_for() -> None:
    orphan = OrphanPayment(an_intent(), a_session(client_reference_id="gone"))
    finding = classify_orphan(orphan)
    assert (finding.discrepancy, finding.expected) == ("ORPHAN_PAYMENT", "order gone")
    assert (finding.session_id, finding.payment_intent_id) == ("cs_live_1", "pi_1")


@pytest.mark.parametrize(
    ("case", "after"),
    [
        (
            a_case(order=PENDING),
            {
                "status": "paid",
                "paid_at": (ORDERED + timedelta(minutes=5)).isoformat(),
                "stripe_payment_intent_id": "pi_1",
            },
        ),
        (
            a_case(
                order=PENDING,
                sessions=(UNPAID,),
                intents=(replace(SEPA, status="requires_payment_method"),),
            ),
            {"status": "failed"},
        ),
        (
            a_case(refunds=(a_refund(amount=eur(800)),)),
            {"status": "partially_refunded", "refunded_minor": 800},
        ),
        (a_case(refunds=(a_refund(),)), {"status": "refunded", "refunded_minor": 46800}),
        (
            a_case(intents=(IN_POUNDS,), refunds=(a_refund(amount=Money(40000, "gbp")),)),
            {"status": "refunded", "refunded_minor": 46800},
        ),
        (a_case(disputes=(a_dispute(),)), {"status": "paid", "dispute_status": "needs_response"}),
        (
            a_case(
                order=an_order(stripe_session_id="cs_live_gone"),
                sessions=(a_session(metadata_order_id="A-1"),),
                absent={"cs_live_gone": Absence.MISSING},
            ),
            {
                "status": "paid",
                "stripe_session_id": "cs_live_1",
                "stripe_payment_intent_id": "pi_1",
            },
        ),
    ],
)
def test_safe_repairs(case: Case, after: dict[str, Any]) -> None:
    change = fix_of(case)
    assert change is not None
    assert change.after == after
    assert change.inverse().inverse().before == change.before


NEVER = [
    a_case(order=replace(PENDING, status=OrderStatus.CANCELLED)),
    a_case(order=PENDING, sessions=(a_session(amount_total=eur(1)),)),
    a_case(intents=(an_intent(status="canceled"),)),
    a_case(order=PENDING, sessions=(UNPAID,), intents=(SEPA,)),
    a_case(claimants={"cs_live_1": ("A-1", "B-2")}),
    a_case(refunds=(a_refund(amount=eur(99999)),)),
    a_case(intents=(IN_POUNDS,), refunds=(a_refund(amount=Money(400, "gbp")),)),
    a_case(  # one session that names two orders, recorded by none
        order=replace(PENDING, stripe_session_id=None),
        sessions=(a_session(client_reference_id="A-1", metadata_order_id="B-2"),),
        other_orders=frozenset({"B-2"}),
    ),
]


@pytest.mark.parametrize("case", NEVER)
def test_what_a_person_decides_is_never_repaired(case: Case) -> None:
    assert fix_of(case) is None


def test_a_payment_that_came_twice_is_not_marked_paid() -> None:
    case = a_case(order=PENDING, intents=(an_intent(), an_intent(id="pi_2")))
    plans = {str(f.discrepancy): plan_fix(f, case) for f in classify(case, CONTEXT)}
    assert plans == {"PAID_NOT_RECORDED": None, "DUPLICATE_PAYMENT": None}


def test_a_part_given_back_of_two_payments_is_left_to_a_person() -> None:
    case = a_case(intents=TWICE, refunds=(replace(BACK, amount=eur(100)),))
    assert {plan_fix(finding, case) for finding in classify(case, CONTEXT)} == {None}


def test_a_link_is_in_doubt_since_the_payment() -> None:
    """An order of last year that was paid this year is this year's: it is not history."""
    paid_at = ORDERED + timedelta(days=2)
    case = a_case(order=an_order(paid_at=paid_at, stripe_session_id="cs_test_1"))
    (finding,) = classify(case, CONTEXT)
    assert finding.since == paid_at


def test_history_is_shown_but_not_repaired() -> None:
    case = a_case(order=PENDING)
    (finding,) = classify(case, CONTEXT)
    assert plan_fix(replace(finding, state=FindingState.HISTORICAL), case) is None


def test_waiting_ends_with_the_settlement_time() -> None:
    case = a_case(order=PENDING, sessions=(UNPAID,), intents=(SEPA,))
    (waiting,) = classify(case, CONTEXT)
    late = replace(CONTEXT, now=ORDERED + timedelta(days=15))
    (broken,) = classify(case, late)
    assert waiting.break_on == ORDERED + timedelta(days=14)
    assert waiting.is_pending
    assert not broken.is_pending
    assert waiting.finding_id == broken.finding_id


def test_the_id_of_a_finding_depends_on_what_it_is_about_only() -> None:
    (finding,) = classify(a_case(order=PENDING), CONTEXT)
    again = replace(finding, seen="something else", state=FindingState.PERSISTING)
    other = replace(finding, order_id="A-2")
    assert finding.finding_id == again.finding_id != other.finding_id
    assert isinstance(finding, Finding)


def test_the_country_of_the_session_counts_where_the_order_has_none() -> None:
    order = an_order(customer=a_customer(address=replace(a_customer().address, country="")))
    case = a_case(order=order, invoice_number=None)
    context = replace(CONTEXT, default_vat_rate=None)
    (finding,) = classify(case, context)
    assert "no VAT rate is set" in finding.seen


def test_refunds_in_two_currencies_are_told_not_added() -> None:
    """Two payments, each partly refunded in the currency it was made in."""
    case = a_case(
        intents=(an_intent(), an_intent(id="pi_2", amount=Money(46800, "gbp"))),
        refunds=(
            a_refund(amount=eur(100)),
            a_refund(id="re_2", payment_intent_id="pi_2", amount=Money(200, "gbp")),
        ),
    )
    (finding,) = (f for f in classify(case, CONTEXT) if "REFUND" in f.discrepancy)
    assert finding.expected == "1.00 EUR + 2.00 GBP refunded"
    assert plan_fix(finding, case) is None


def test_a_duplicate_names_every_document_and_who_issued_it() -> None:
    case = a_case(order=an_order(invoice_number="F-12"), stripe_invoices=(a_stripe_invoice(),))
    (finding,) = classify(case, CONTEXT)
    assert finding.seen == (
        "ABC-0001 (Stripe's), F-12 (the application's), FACT-2026-000001 (ours)"
    )
    assert finding.invoice_number == "ABC-0001"
    assert finding.refs == {"duplicate": "F-12,FACT-2026-000001"}


def test_the_credit_note_that_is_missing_covers_every_refund() -> None:
    case = a_case(
        order=an_order(status=OrderStatus.PARTIALLY_REFUNDED),
        refunds=(
            a_refund(amount=eur(100)),
            a_refund(id="re_2", amount=eur(250)),
            a_refund(id="re_3", amount=eur(900), status="failed"),
        ),
    )
    (finding,) = classify(case, CONTEXT)
    assert finding.expected == "a credit note over 3.50 EUR"
    assert "FACT-2026-000001" in finding.seen
    later = replace(case, refunds=(*case.refunds, a_refund(id="re_4", amount=eur(50))))
    assert classify(later, CONTEXT)[0].finding_id == finding.finding_id, "one finding per invoice"


@pytest.mark.parametrize(
    "gone",
    [{"refunds": (a_refund(),)}, {"disputes": (a_dispute(status="lost"),)}],
    ids=["given back", "lost in a dispute"],
)
def test_an_order_whose_money_is_gone_is_not_marked_paid(gone: dict[str, Any]) -> None:
    """An application that hears of the payment would deliver."""
    case = a_case(order=an_order(status=OrderStatus.PENDING, paid_at=None), **gone)
    finding = classify(case, CONTEXT)[0]
    assert finding.discrepancy is Discrepancy.PAID_NOT_RECORDED
    assert "money is gone" in finding.hint
    assert plan_fix(finding, case) is None


def test_an_order_paid_in_the_future_is_judged() -> None:
    order = an_order(paid_at=NOW + timedelta(days=900), amount=eur(1))
    assert found(a_case(order=order)) == ["AMOUNT_MISMATCH"]
