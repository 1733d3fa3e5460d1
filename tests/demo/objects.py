"""Stripe objects for the tests: the contract's samples, with what a test cares about set.

The samples fill optional hashes with invented numbers; `_PLAIN` sets right what would mislead.
"""

from typing import Any

from tests.contract import Contract

NOW = 1_790_000_000  # 2026-09-21T13:33:20Z: the time of every test's clock
ACCOUNT = "acct_1OfflineDemoFr"

Json = dict[str, Any]

_PLAIN: dict[str, Json] = {
    "account": {"id": ACCOUNT, "country": "FR", "default_currency": "eur"},
    "charge": {
        "amount": 5000,
        "amount_captured": 5000,
        "balance_transaction": None,
        "captured": True,
        "currency": "eur",
        "source": None,
        "shipping": None,
    },
    "checkout.session": {
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "subscription": None,
    },
    "customer": {"discount": None, "shipping": None},
    "payment_intent": {"canceled_at": None, "last_payment_error": None, "next_action": None},
    "price": {"custom_unit_amount": None, "transform_quantity": None, "recurring": None},
    "subscription": {"status": "active", "latest_invoice": None, "pending_setup_intent": None},
}
_NOT_IN_THE_SCHEMA = {"invoice": ("subscription",)}


def make(kind: str, id: str, **fields: Any) -> Json:
    """A live object of this kind with this id, created now unless the test says otherwise."""
    obj = Contract.load().fixture(kind)
    for name in _NOT_IN_THE_SCHEMA.get(kind, ()):
        obj.pop(name, None)
    if kind == "dispute":
        obj["evidence_details"]["submission_method"] = "not_submitted"
    obj.update(_PLAIN.get(kind, {}))
    if "id" in obj:
        obj["id"] = id
    if "created" in obj:
        obj["created"] = NOW
    if "livemode" in obj:
        obj["livemode"] = True
    return obj | fields


def session(number: int, **fields: Any) -> Json:
    return make("checkout.session", f"cs_live_{number:05}", **fields)


def line_items(count: int) -> Json:
    """The list object that a session keeps until it is asked for."""
    rows = [
        Contract.load().fixture("item") | {"id": f"li_{number}"} for number in range(1, count + 1)
    ]
    for row in rows:
        row["price"] = make("price", "price_1", product="prod_1")
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/line_items"}


def payment(number: int, amount: int = 5000) -> tuple[Json, Json, Json]:
    """A succeeded intent with its charge and its balance transaction."""
    intent, charge, movement = f"pi_{number}", f"ch_{number}", f"txn_{number}"
    same = {"amount": amount, "currency": "eur"}
    return (
        make(
            "payment_intent",
            intent,
            **same,
            amount_received=amount,
            latest_charge=charge,
            status="succeeded",
        ),
        make(
            "charge",
            charge,
            **same,
            amount_captured=amount,
            balance_transaction=movement,
            payment_intent=intent,
        ),
        make("balance_transaction", movement, **same, net=amount - 100, fee=100, source=charge),
    )


def one_of_each() -> list[Json]:
    """A small world that holds every kind the offline Stripe serves."""
    intent, charge, movement = payment(1)
    return [
        make("account", ACCOUNT),
        intent,
        charge,
        movement | {"_payout": "po_1"},
        make("checkout.session", "cs_live_1", payment_intent="pi_1", line_items=line_items(3)),
        make("credit_note", "cn_1", customer="cus_1", invoice="in_1"),
        make("customer", "cus_1", email="jean@example.com"),
        make("dispute", "dp_1", charge="ch_1", payment_intent="pi_1", status="needs_response"),
        make("event", "evt_1"),
        make("invoice", "in_1", customer="cus_1"),
        make(
            "invoice_payment",
            "inpay_1",
            invoice="in_1",
            status="paid",
            payment={"type": "payment_intent", "payment_intent": "pi_1"},
        ),
        make("payment_intent", "pi_new"),
        make("payment_intent", "pi_held", status="requires_capture", amount_capturable=1099)
        | {"capture_method": "manual", "latest_charge": "ch_held"},
        make("charge", "ch_held", captured=False, amount=1099, amount_captured=0),
        make("payout", "po_1"),
        make("price", "price_1", product="prod_1"),
        make("product", "prod_1", default_price=None),
        make("product", "prod_2", default_price=None),
        make("refund", "re_1", charge="ch_1", payment_intent="pi_1"),
        make("setup_intent", "seti_1"),
        make("subscription", "sub_1", customer="cus_1"),
        make("webhook_endpoint", "we_1"),
    ]
