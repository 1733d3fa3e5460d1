import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.stripe.objects import parse, parse_account, parse_balance, parse_page
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Dispute,
    InvoicePayment,
    PaymentIntent,
    Refund,
    StripeKind,
)
from stakactl.errors import StripeError

FIXTURES = Path(__file__).parents[2] / "data" / "stripe-contract.fixtures.json.gz"
CREATED = datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def samples() -> dict[str, Json]:
    with gzip.open(FIXTURES, "rt", encoding="utf-8") as file:
        resources: dict[str, Json] = json.load(file)["resources"]
    return resources


def session(samples: dict[str, Json], **fields: Any) -> CheckoutSession:
    plain = {"currency_conversion": None, "amount_total": 46800, "currency": "eur"}
    found = parse(StripeKind.CHECKOUT_SESSION, {**samples["checkout.session"], **plain, **fields})
    assert isinstance(found, CheckoutSession)
    return found


def intent(samples: dict[str, Json], **fields: Any) -> PaymentIntent:
    found = parse(StripeKind.PAYMENT_INTENT, {**samples["payment_intent"], **fields})
    assert isinstance(found, PaymentIntent)
    return found


def charge(samples: dict[str, Json], **fields: Any) -> Charge:
    found = parse(StripeKind.CHARGE, {**samples["charge"], **fields})
    assert isinstance(found, Charge)
    return found


# -- the samples of Stripe's contract


def test_a_session(samples: dict[str, Json]) -> None:
    assert session(samples) == CheckoutSession(
        id="cs_test_a1YS1URlnyQCN5fUUduORoQ7Pw41PJqDWkIVQCpJPqkfIhd6tVY8XB1OLY",
        created_at=CREATED,
        livemode=False,
        status="open",
        payment_status="unpaid",
        mode="payment",
        amount_total=Money(46800, "eur"),
        amount_tax_minor=1424534716,
        payment_intent_id="pi_1PgafyB7WZ01zgkWSjxsAJo3",
        invoice_id=None,
        customer_id=None,
        customer_country=None,
        client_reference_id=None,
        metadata_order_id=None,
    )


def test_an_intent(samples: dict[str, Json]) -> None:
    assert intent(samples) == PaymentIntent(
        id="pi_1PgafyB7WZ01zgkWSjxsAJo3",
        created_at=CREATED,
        livemode=False,
        status="requires_payment_method",
        amount=Money(1099, "usd"),
        amount_received_minor=0,
        latest_charge_id=None,
        customer_id=None,
        payment_method_type="card",
        failure_message=None,
        metadata_order_id=None,
    )


def test_a_charge(samples: dict[str, Json]) -> None:
    assert charge(samples) == Charge(
        id="ch_1PgafuB7WZ01zgkWXYmPNZs8",
        created_at=CREATED,
        livemode=False,
        status="succeeded",
        amount=Money(100, "usd"),
        amount_refunded_minor=0,
        payment_intent_id=None,
        balance_transaction_id="txn_1PgaxNB7WZ01zgkWEV3TLf40",
        payment_method_type="card",
        captured=False,
        capture_before=None,
    )


def test_the_other_kinds(samples: dict[str, Json]) -> None:
    assert parse(StripeKind.REFUND, samples["refund"]) == Refund(
        "re_1Pgc72B7WZ01zgkWqPvrRrPE",
        CREATED,
        "succeeded",
        Money(100, "usd"),
        "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        None,
    )
    assert parse(StripeKind.DISPUTE, samples["dispute"]) == Dispute(
        "dp_1Pgc71B7WZ01zgkWMevJiAUx",
        CREATED,
        False,
        "warning_needs_response",
        Money(1000, "usd"),
        "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        None,
    )
    assert parse(StripeKind.INVOICE_PAYMENT, samples["invoice_payment"]) == InvoicePayment(
        "obj_123", datetime(2002, 8, 5, 13, 34, 32, tzinfo=UTC), True, "invoice", None, "status"
    )
    assert parse(StripeKind.BALANCE_TRANSACTION, samples["balance_transaction"]) == (
        BalanceTransaction(
            "txn_1PgaxNB7WZ01zgkWEV3TLf40",
            CREATED,
            CREATED,
            "charge",
            "charge",
            Money(100, "usd"),
            Money(0, "usd"),
            Money(100, "usd"),
            "ch_1PgafuB7WZ01zgkWXYmPNZs8",
        )
    )


def test_another_balance_is_told_apart(samples: dict[str, Json]) -> None:
    kind, sample = StripeKind.BALANCE_TRANSACTION, samples["balance_transaction"]
    set_aside = parse(kind, {**sample, "balance_type": "risk_reserved"})
    assert isinstance(set_aside, BalanceTransaction)
    assert set_aside.balance_type == "risk_reserved"
    old_shape = {name: value for name, value in sample.items() if name != "balance_type"}
    assert parse(kind, old_shape) == parse(kind, {**sample, "balance_type": "payments"})


def test_a_balance() -> None:
    def amounts(**values: int) -> list[Json]:
        return [{"amount": minor, "currency": currency} for currency, minor in values.items()]

    balance = {
        "object": "balance",
        "available": amounts(eur=-500, usd=7),
        "pending": amounts(eur=800, kwd=12340),
        "connect_reserved": amounts(eur=99),
        "issuing": {"available": amounts(eur=99)},
        "livemode": True,
    }
    assert parse_balance(balance) == (Money(300, "eur"), Money(12340, "kwd"), Money(7, "usd"))
    for broken in (
        {**balance, "object": "account"},
        {**balance, "pending": None},
        {**balance, "available": [None]},
        {**balance, "available": [{"amount": "7", "currency": "eur"}]},
    ):
        with pytest.raises(StripeError, match="balance"):
            parse_balance(broken)


def test_an_account(samples: dict[str, Json]) -> None:
    account = parse_account(samples["account"], livemode=True)
    assert (account.id, account.livemode, account.name) == ("acct_1PgafTB7WZ01zgkW", True, "")
    named = {**samples["account"], "settings": {"dashboard": {"display_name": "Staka"}}}
    assert parse_account(named, livemode=False).name == "Staka"
    profile = {**samples["account"], "settings": None, "business_profile": {"name": "Atelier"}}
    assert parse_account(profile, livemode=False).name == "Atelier"


# -- references


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("cus_1", "cus_1"),
        (None, None),
        ({"id": "cus_1", "object": "customer", "email": "a@example.org"}, "cus_1"),
        ({"id": "cus_1", "object": "customer", "deleted": True}, "cus_1"),
    ],
)
def test_a_reference_is_an_id_or_the_object(
    samples: dict[str, Json], sent: object, read: str | None
) -> None:
    assert session(samples, customer=sent).customer_id == read


def test_the_order_is_named_by_either_spelling(samples: dict[str, Json]) -> None:
    assert session(samples, metadata={"orderId": "A1", "order_id": "B2"}).metadata_order_id == "A1"
    assert session(samples, metadata={"orderId": "", "order_id": "B2"}).metadata_order_id == "B2"
    assert intent(samples, metadata={"order_id": "B2"}).metadata_order_id == "B2"
    assert session(samples, metadata=None).metadata_order_id is None


def test_an_invoice_payment_names_its_intent(samples: dict[str, Json]) -> None:
    for sent in ("pi_1", {"id": "pi_1", "object": "payment_intent"}):
        payment = {"type": "payment_intent", "payment_intent": sent}
        found = parse(
            StripeKind.INVOICE_PAYMENT, {**samples["invoice_payment"], "payment": payment}
        )
        assert isinstance(found, InvoicePayment)
        assert found.payment_intent_id == "pi_1"


# -- amounts and taxes


def test_adaptive_pricing_keeps_the_currency_of_the_integration(samples: dict[str, Json]) -> None:
    shown = {"presentment_amount": 7_900_000, "presentment_currency": "jpy"}
    assert session(samples, presentment_details=shown).amount_total == Money(46800, "eur")


def test_adaptive_pricing_before_2025_03_31_converted_the_session_itself(
    samples: dict[str, Json],
) -> None:
    conversion = {
        "amount_subtotal": 46800,
        "amount_total": 46800,
        "fx_rate": "168.80",
        "source_currency": "eur",
    }
    old = session(samples, amount_total=7_900_000, currency="jpy", currency_conversion=conversion)
    assert old.amount_total == Money(46800, "eur")
    assert old.amount_tax_minor is None


def test_a_setup_session_has_no_amount(samples: dict[str, Json]) -> None:
    assert session(samples, mode="setup", amount_total=None, currency=None).amount_total is None


@pytest.mark.parametrize(
    ("automatic_tax", "amount_tax", "expected"),
    [
        ({"enabled": False, "status": None}, 0, None),
        ({"enabled": False, "status": None}, 7800, 7800),
        ({"enabled": True, "status": "complete"}, 7800, 7800),
        ({"enabled": True, "status": "complete"}, 0, 0),
        ({"enabled": True, "status": "requires_location_inputs"}, 0, None),
        ({"enabled": True, "status": "failed"}, 0, None),
        (None, 0, None),
    ],
)
def test_a_tax_of_zero_counts_only_when_stripe_computed_it(
    samples: dict[str, Json], automatic_tax: object, amount_tax: int, expected: int | None
) -> None:
    found = session(
        samples,
        automatic_tax=automatic_tax,
        total_details={"amount_discount": 0, "amount_tax": amount_tax},
    )
    assert found.amount_tax_minor == expected


def test_no_totals_no_tax(samples: dict[str, Json]) -> None:
    assert session(samples, total_details=None).amount_tax_minor is None


def test_the_country_comes_from_the_customer_details(samples: dict[str, Json]) -> None:
    details = {"address": {"country": "BE"}, "email": "a@example.org"}
    assert session(samples, customer_details=details).customer_country == "BE"
    assert session(samples, customer_details=None).customer_country is None
    assert session(samples, customer_details={"address": None}).customer_country is None


# -- what was paid with


def test_the_method_of_an_intent(samples: dict[str, Json]) -> None:
    expanded = {**samples["charge"], "payment_method_details": {"type": "sepa_debit"}}
    several = ["card", "sepa_debit"]
    assert intent(samples, payment_method_types=several).payment_method_type is None
    paid = intent(samples, payment_method_types=several, latest_charge=expanded)
    assert paid.payment_method_type == "sepa_debit"
    assert paid.latest_charge_id == expanded["id"]
    method = {"id": "pm_1", "object": "payment_method", "type": "card"}
    known = intent(samples, payment_method_types=several, payment_method=method)
    assert known.payment_method_type == "card"


def test_the_charges_of_an_old_intent(samples: dict[str, Json]) -> None:
    old = {k: v for k, v in samples["payment_intent"].items() if k != "latest_charge"}
    old["charges"] = {"object": "list", "data": [samples["charge"]], "has_more": False}
    found = parse(StripeKind.PAYMENT_INTENT, old)
    assert isinstance(found, PaymentIntent)
    assert found.latest_charge_id == samples["charge"]["id"]


def test_why_a_payment_failed(samples: dict[str, Json]) -> None:
    error = {"type": "card_error", "message": "Your card was declined."}
    failed = intent(samples, last_payment_error=error)
    assert failed.failure_message == "Your card was declined."


@pytest.mark.parametrize("method", ["card", "card_present"])
def test_a_capture_ends_some_time(samples: dict[str, Json], method: str) -> None:
    details = {"type": method, method: {"capture_before": 1234567890}}
    assert charge(samples, payment_method_details=details).capture_before == CREATED


def test_a_charge_without_details(samples: dict[str, Json]) -> None:
    old = charge(samples, payment_method_details=None)
    assert (old.payment_method_type, old.capture_before) == (None, None)


def test_nothing_is_concluded_from_a_null_status(samples: dict[str, Json]) -> None:
    assert session(samples, status=None).status == "unknown"
    refund = parse(StripeKind.REFUND, {**samples["refund"], "status": None})
    assert isinstance(refund, Refund)
    assert refund.status == "unknown"


# -- what Stripe does not document

REQUIRED = {
    "checkout.session": ["id", "created", "livemode", "payment_status", "mode"],
    "payment_intent": ["id", "created", "livemode", "status", "amount", "currency"],
    "charge": ["id", "created", "livemode", "status", "amount", "amount_refunded", "captured"],
    "refund": ["id", "created", "amount", "currency"],
    "dispute": ["id", "created", "livemode", "status", "amount", "currency"],
    "invoice_payment": ["id", "created", "livemode", "invoice", "payment", "status"],
    "balance_transaction": "id created available_on type reporting_category amount fee net".split(),
}


@pytest.mark.parametrize(("kind", "field"), [(k, f) for k in REQUIRED for f in REQUIRED[k]])
@pytest.mark.parametrize("value", [..., None, [], "", 1.5])
def test_a_malformed_object_names_its_kind_and_field(
    samples: dict[str, Json], kind: str, field: str, value: object
) -> None:
    broken = {**samples[kind], field: value}
    if value is ...:
        del broken[field]
    with pytest.raises(StripeError) as caught:
        parse(StripeKind(kind), broken)
    assert kind in caught.value.message
    assert f"'{field}'" in caught.value.message
    if field != "id":
        assert str(samples[kind]["id"]) in caught.value.message


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": True},
        {"currency": "EUR"},
        {"currency": "euro"},
        {"created": 10**30},
        {"created": True},
        {"customer": 7},
        {"customer": {"object": "customer"}},
        {"metadata": []},
        {"object": "charge"},
        {"last_payment_error": "no"},
        {"id": "pi_1", "deleted": True, "object": "payment_intent", "created": None},
    ],
)
def test_wrong_shapes_are_refused(samples: dict[str, Json], fields: Json) -> None:
    with pytest.raises(StripeError, match="missing or malformed"):
        intent(samples, **fields)


@pytest.mark.parametrize("data", [None, [], "x", 1, {}, {"object": "charge"}])
def test_something_else_than_an_object_is_refused(data: object) -> None:
    with pytest.raises(StripeError, match="missing or malformed"):
        parse(StripeKind.CHARGE, data)


@pytest.mark.parametrize(
    "page",
    [
        None,
        [],
        {},
        {"data": []},
        {"has_more": False},
        {"data": {}, "has_more": False},
        {"data": [], "has_more": None},
        {"data": [None], "has_more": False},
    ],
)
def test_a_page_must_say_whether_more_follows(page: object) -> None:
    with pytest.raises(StripeError, match="missing or malformed"):
        parse_page(StripeKind.CHARGE, page)


def test_an_account_needs_its_id() -> None:
    with pytest.raises(StripeError, match="account"):
        parse_account({"object": "account"}, livemode=True)


def test_text_of_others_does_not_reach_the_message(samples: dict[str, Json]) -> None:
    with pytest.raises(StripeError) as caught:
        intent(samples, id="\x1b[31mpi", created=None)
    assert "\x1b" not in caught.value.message
