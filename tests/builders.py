"""Small builders for domain values: a valid default for every field, overridden by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from stakactl.domain.case import Case
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Order, OrderStatus
from stakactl.domain.stripe_objects import (
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Dispute,
    PaymentIntent,
    Payout,
    Refund,
    StripeInvoice,
    StripeProduct,
    Subscription,
    SubscriptionItem,
)

NOW = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
ORDERED = NOW - timedelta(days=10)


def eur(minor: int) -> Money:
    return Money(minor, "eur")


def a_customer(**fields: Any) -> Customer:
    default = Customer(
        email="lea.martin@example.com",
        name="Léa Martin",
        address=Address("3 rue des Lilas", "", "75011", "Paris", "FR"),
    )
    return replace(default, **fields)


def an_order(**fields: Any) -> Order:
    default = Order(
        order_id="A-1",
        created_at=ORDERED,
        status=OrderStatus.PAID,
        amount=eur(46800),
        title="Correction complète",
        customer=a_customer(),
        stripe_session_id="cs_live_1",
        paid_at=ORDERED + timedelta(minutes=5),
    )
    return replace(default, **fields)


def a_session(**fields: Any) -> CheckoutSession:
    default = CheckoutSession(
        id="cs_live_1",
        created_at=ORDERED,
        livemode=True,
        status="complete",
        payment_status="paid",
        mode="payment",
        amount_total=eur(46800),
        amount_tax_minor=None,
        payment_intent_id="pi_1",
        invoice_id=None,
        customer_id=None,
        customer_country="FR",
        client_reference_id=None,
        metadata_order_id=None,
    )
    return replace(default, **fields)


def an_intent(**fields: Any) -> PaymentIntent:
    default = PaymentIntent(
        id="pi_1",
        created_at=ORDERED,
        livemode=True,
        status="succeeded",
        amount=eur(46800),
        amount_received_minor=46800,
        latest_charge_id="ch_1",
        customer_id=None,
        payment_method_type="card",
        failure_message=None,
        metadata_order_id=None,
    )
    return replace(default, **fields)


def a_charge(**fields: Any) -> Charge:
    default = Charge(
        id="ch_1",
        created_at=ORDERED + timedelta(minutes=5),
        livemode=True,
        status="succeeded",
        amount=eur(46800),
        amount_refunded_minor=0,
        payment_intent_id="pi_1",
        balance_transaction_id="txn_1",
        payment_method_type="card",
        captured=True,
        capture_before=None,
    )
    return replace(default, **fields)


def a_refund(**fields: Any) -> Refund:
    default = Refund(
        id="re_1",
        created_at=ORDERED + timedelta(days=2),
        status="succeeded",
        amount=eur(46800),
        charge_id="ch_1",
        payment_intent_id="pi_1",
    )
    return replace(default, **fields)


def a_dispute(**fields: Any) -> Dispute:
    default = Dispute(
        id="du_1",
        created_at=ORDERED + timedelta(days=3),
        livemode=True,
        status="needs_response",
        amount=eur(46800),
        charge_id="ch_1",
        payment_intent_id="pi_1",
    )
    return replace(default, **fields)


def a_stripe_invoice(**fields: Any) -> StripeInvoice:
    default = StripeInvoice(
        id="in_1",
        created_at=ORDERED,
        livemode=True,
        number="ABC-0001",
        status="paid",
        total=eur(46800),
        amount_paid_minor=46800,
        customer_id=None,
        subscription_id=None,
        due_at=None,
        paid_at=ORDERED,
        metadata_order_id=None,
    )
    return replace(default, **fields)


def a_case(**fields: Any) -> Case:
    """An order whose chain holds from end to end, invoice included."""
    default = Case(
        order=an_order(),
        sessions=(a_session(),),
        intents=(an_intent(),),
        charges=(a_charge(),),
        invoice_number="FACT-2026-000001",
    )
    return replace(default, **fields)


def a_transaction(**fields: Any) -> BalanceTransaction:
    """`net` follows from amount and fee unless it is given."""
    amount, fee = fields.get("amount", eur(46800)), fields.get("fee", eur(0))
    default = BalanceTransaction(
        id="txn_1",
        created_at=ORDERED + timedelta(minutes=5),
        available_on=ORDERED + timedelta(days=4),
        type="charge",
        reporting_category="charge",
        amount=amount,
        fee=replace(amount, minor=fee.minor),
        net=replace(amount, minor=amount.minor - fee.minor),
        source_id="ch_1",
    )
    return replace(default, **{**fields, "fee": default.fee, "net": fields.get("net", default.net)})


def a_payout(**fields: Any) -> Payout:
    default = Payout(
        id="po_1",
        created_at=ORDERED + timedelta(days=5),
        livemode=True,
        status="paid",
        amount=eur(46800),
        automatic=True,
        arrival_at=ORDERED + timedelta(days=7),
        balance_transaction_id="txn_po_1",
        failure_balance_transaction_id=None,
        failure_code=None,
    )
    return replace(default, **fields)


def an_item(**fields: Any) -> SubscriptionItem:
    default = SubscriptionItem(
        price_id="price_1",
        product_id="prod_1",
        currency="eur",
        interval="month",
        interval_count=1,
        amount=Decimal(1200),
        included_vat=Decimal(20),
    )
    return replace(default, **fields)


def a_subscription(**fields: Any) -> Subscription:
    """Begun at once; `items` say what it bills."""
    default = Subscription(
        id="sub_1",
        created_at=ORDERED,
        livemode=True,
        status="active",
        customer_id="cus_1",
        price_id="price_1",
        unit_amount=eur(1200),
        quantity=1,
        interval="month",
        interval_count=1,
        current_period_end=None,
        canceled_at=None,
        ended_at=None,
        started_at=fields.get("began_at") or ORDERED,
        began_at=ORDERED,
        items=(an_item(),),
    )
    return replace(default, **fields)


def a_product(**fields: Any) -> StripeProduct:
    return replace(StripeProduct("prod_1", ORDERED, True, "Club"), **fields)
