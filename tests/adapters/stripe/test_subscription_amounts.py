"""What Stripe's JSON of a subscription bills: discounts, VAT, packages, and what is not known."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stakactl.adapters.stripe.objects import parse
from stakactl.domain.stripe_objects import StripeKind, Subscription
from stakactl.errors import StripeError
from tests.contract import Contract

Json = dict[str, Any]
START = 1_790_000_000
DAY = 86_400


def price(minor: int = 1200, **fields: Any) -> Json:
    return {
        **Contract.load().fixture("price"),
        "billing_scheme": "per_unit",
        "currency": "eur",
        "product": "prod_1",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
        "tax_behavior": "exclusive",
        "transform_quantity": None,
        "unit_amount": minor,
        "unit_amount_decimal": str(minor),
        **fields,
    }


def item(minor: int = 1200, quantity: int | None = 1, **fields: Any) -> Json:
    of_price = fields.pop("price", {})
    own: Json = {"price": price(minor, **of_price), "quantity": quantity, "discounts": []}
    return {"tax_rates": [], **own, **fields}


def coupon(**fields: Any) -> Json:
    default = {"duration": "forever", "percent_off": None, "amount_off": None, "currency": None}
    return {"source": {"type": "coupon", "coupon": {**default, **fields}}}


def rate(percentage: object, *, inclusive: bool = True, **fields: Any) -> Json:
    return {"percentage": percentage, "inclusive": inclusive, "rate_type": "percentage", **fields}


def read(*items: Json, **fields: Any) -> Subscription:
    more = fields.pop("has_more", False)
    body = Contract.load().fixture("subscription") | {
        "created": START,
        "start_date": START,
        "ended_at": None,
        "status": "active",
        "trial_start": None,
        "trial_end": None,
        "default_tax_rates": [],
        "discounts": [],
        "items": {"object": "list", "data": list(items or (item(),)), "has_more": more},
        **fields,
    }
    found = parse(StripeKind.SUBSCRIPTION, body)
    assert isinstance(found, Subscription)
    return found


def amounts(*items: Json, **fields: Any) -> list[Decimal | None]:
    return [one.amount for one in read(*items, **fields).items]


def test_quantities_and_several_items() -> None:
    assert amounts(item(1200, 3), item(50, 2)) == [3600, 100]
    assert amounts(item(0)) == [0]
    assert amounts(item(price={"unit_amount": None, "unit_amount_decimal": "0.5"})) == [
        Decimal("0.5")
    ]
    ten = {"transform_quantity": {"divide_by": 10, "round": "up"}}
    assert amounts(item(100, 21, price=ten)) == [300]
    ten = {"transform_quantity": {"divide_by": 10, "round": "down"}}
    assert amounts(item(100, 21, price=ten)) == [200]


def test_lasting_discounts_are_taken_off_in_their_order() -> None:
    half, ten = coupon(percent_off=50), coupon(amount_off=1000, currency="eur")
    assert amounts(discounts=[coupon(percent_off=33.33)]) == [Decimal("800.04")]
    assert amounts(item(2400), discounts=[half, ten]) == [200]
    assert amounts(item(2400), discounts=[ten, half]) == [700]
    assert amounts(item(600), item(800), discounts=[ten]) == [0, 400]
    assert amounts(item(600), discounts=[ten]) == [0]
    assert amounts(discounts=[coupon(percent_off=50, duration="once")]) == [1200]
    assert amounts(discounts=[coupon(percent_off=50, duration="repeating")]) == [600]
    older = {"coupon": coupon(percent_off=50)["source"]["coupon"]}
    assert amounts(discounts=[older]) == [600]


@pytest.mark.parametrize(
    "unknown",
    [
        {"discounts": ["di_1"]},
        {"discounts": [{"source": {"coupon": "gone"}}]},
        {"discounts": [coupon(amount_off=100, currency="chf")]},
    ],
)
def test_an_amount_is_not_guessed(unknown: Json) -> None:
    assert amounts(**unknown) == [None]


def test_items_without_a_fixed_price() -> None:
    metered = {"interval": "month", "interval_count": 1, "usage_type": "metered"}
    tiers = {"billing_scheme": "tiered", "unit_amount": None, "unit_amount_decimal": None}
    both = item(price=tiers), item(quantity=None, price={"recurring": metered})
    assert amounts(*both) == [None, None]
    assert amounts(item(discounts=["di_1"]), item()) == [None, 1200]
    assert amounts(has_more=True) == [1200, None]


@pytest.mark.parametrize(
    ("behavior", "of_item", "of_subscription", "included"),
    [
        ("inclusive", [], [], None),
        ("unspecified", [], [], None),
        ("exclusive", [], [], 0),
        ("inclusive", [], [rate(20)], 20),
        ("inclusive", [rate(5.5)], [rate(20)], Decimal("5.5")),
        ("unspecified", [rate(20, inclusive=False)], [], 0),
        ("inclusive", [rate(5), rate(9.975)], [], Decimal("14.975")),
        ("inclusive", [rate(0, rate_type="flat")], [], None),
    ],
)
def test_vat_inside_a_price(
    behavior: str, of_item: list[Json], of_subscription: list[Json], included: Decimal | None
) -> None:
    one = item(price={"tax_behavior": behavior}, tax_rates=of_item)
    (found,) = read(one, default_tax_rates=of_subscription).items
    assert found.included_vat == included


@pytest.mark.parametrize(
    ("fields", "began"),
    [
        ({}, START),
        ({"start_date": START - DAY}, START - DAY),
        ({"trial_start": START, "trial_end": START + 9 * DAY}, START + 9 * DAY),
        ({"trial_start": START + DAY, "trial_end": START + 9 * DAY}, START),
        ({"trial_start": START, "trial_end": START + 9 * DAY, "ended_at": START + DAY}, None),
        ({"status": "incomplete_expired"}, None),
        ({"status": "canceled", "ended_at": START + DAY}, START),
    ],
)
def test_when_the_first_paid_interval_begins(fields: Json, began: int | None) -> None:
    expected = None if began is None else datetime.fromtimestamp(began, UTC)
    assert read(**fields).began_at == expected


@pytest.mark.parametrize(
    "broken", [{"unit_amount_decimal": "much"}, {"unit_amount_decimal": "NaN"}, {"currency": 7}]
)
def test_what_is_malformed_is_told(broken: Json) -> None:
    with pytest.raises(StripeError, match="subscription"):
        read(item(price=broken))
