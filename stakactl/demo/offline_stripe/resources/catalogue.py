"""Products and their prices."""

from decimal import Decimal, InvalidOperation

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.events import emit
from stakactl.demo.offline_stripe.params import (
    METADATA,
    boolean,
    choice,
    hash_of,
    integer,
    list_of,
    text,
)
from stakactl.demo.offline_stripe.resources.model import (
    CREATED,
    Call,
    Filter,
    Resource,
    Write,
    changed,
    get_or_refuse,
    merged_metadata,
    referenced,
)
from stakactl.demo.offline_stripe.state import StripeObject

_TAX_BEHAVIOR = choice("tax_behavior", "exclusive", "inclusive", "unspecified")


def create_product(call: Call) -> StripeObject:
    params = {name: value for name, value in call.params.items() if name != "expand"}
    id = str(params.pop("id", "")) or call.state.new_id("product", livemode=call.livemode)
    if call.state.get("product", id) is not None:
        raise refusals.StripeRefusal(
            400, "Product already exists.", code="resource_already_exists", param="id"
        )
    product: StripeObject = {
        "id": id,
        "object": "product",
        "active": True,
        "created": call.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": call.livemode,
        "marketing_features": [],
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "service",
        "unit_label": None,
        "updated": call.now,
        "url": None,
        **params,
        "metadata": merged_metadata({}, params.get("metadata")),
    }
    call.state.put(product)
    emit(call, "product.created", product)
    return product


def _product(call: Call) -> StripeObject:
    return get_or_refuse(call, "product", "product", call.object_id, "id")


def update_product(call: Call) -> StripeObject:
    before = _product(call)
    referenced(call, "price", "default_price", noun="price")
    after = {**changed(before, call.params), "updated": call.now}
    for name in ("images", "marketing_features"):
        after[name] = after[name] or []
    call.state.put(after)
    emit(call, "product.updated", after, before)
    return after


def delete_product(call: Call) -> StripeObject:
    product = _product(call)
    if call.state.list("price", {"product": product["id"]}, livemode=call.livemode).bodies:
        raise refusals.StripeRefusal(
            400,
            "This product cannot be deleted because it has one or more user-created prices.",
        )
    call.state.delete("product", product["id"])
    emit(call, "product.deleted", product)
    return {"id": product["id"], "object": "product", "deleted": True}


def create_price(call: Call) -> StripeObject:
    params = {name: value for name, value in call.params.items() if name != "expand"}
    if referenced(call, "product", "product") is None:
        raise refusals.parameter_missing("product")
    _check_lookup_key(call)
    price: StripeObject = {
        "id": call.state.new_id("price", livemode=call.livemode),
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": call.now,
        "custom_unit_amount": None,
        "livemode": call.livemode,
        "lookup_key": None,
        "nickname": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        **params,
        "currency": str(params["currency"]).lower(),
        "metadata": merged_metadata({}, params.get("metadata")),
        "recurring": _recurring(params.get("recurring")),
        "type": "recurring" if "recurring" in params else "one_time",
        **_unit_amount(params),
    }
    call.state.put(price)
    emit(call, "price.created", price)
    return price


def _unit_amount(params: dict[str, object]) -> StripeObject:
    amount, decimal = params.get("unit_amount"), params.get("unit_amount_decimal")
    if (amount is None) is (decimal is None):
        raise refusals.StripeRefusal(
            400, "Prices require one of: unit_amount, unit_amount_decimal.", param="unit_amount"
        )
    if decimal is None:
        return {"unit_amount": amount, "unit_amount_decimal": str(amount)}
    try:
        exact = Decimal(str(decimal))
    except InvalidOperation:
        raise refusals.value_invalid("decimal", "unit_amount_decimal", str(decimal)) from None
    whole = int(exact) if exact == exact.to_integral_value() else None
    return {"unit_amount": whole, "unit_amount_decimal": str(decimal)}


def _recurring(given: object) -> StripeObject | None:
    if not isinstance(given, dict):
        return None
    blank = {"interval_count": 1, "meter": None, "trial_period_days": None}
    return {**blank, "usage_type": "licensed", **given}


def _check_lookup_key(call: Call) -> None:
    key = call.params.get("lookup_key")
    if key is None:
        return
    holders = call.state.list("price", {"lookup_key": key, "active": True}, livemode=call.livemode)
    others = [price["id"] for price in holders.objects if price["id"] != call.object_id]
    if others:
        raise refusals.StripeRefusal(
            400,
            f"A price (`{others[0]}`) already uses that lookup key.",
            param="lookup_key",
        )


def update_price(call: Call) -> StripeObject:
    before = get_or_refuse(call, "price", "price", call.object_id, "price")
    _check_lookup_key(call)
    after = changed(before, call.params)
    call.state.put(after)
    emit(call, "price.updated", after, before)
    return after


_PRODUCT = (
    boolean("active"),
    list_of("images", maximum=8),
    list_of("marketing_features", hash_of("feature", text("name").needed()), maximum=15),
    METADATA,
    boolean("shippable"),
    text("statement_descriptor"),
    text("tax_code", clearable=True),
    text("unit_label", clearable=True),
    text("url", clearable=True),
)

RESOURCES = (
    Resource(
        kind="product",
        path="/v1/products",
        permission="product",
        noun="product",
        filters=(
            CREATED,
            Filter(boolean("active")),
            Filter(list_of("ids"), "id"),
            Filter(boolean("shippable")),
            Filter(choice("type", "good", "service")),
            Filter(text("url")),
        ),
        create=Write(
            create_product,
            (
                text("id"),
                text("name").needed(),
                text("description"),
                choice("type", "good", "service"),
                *_PRODUCT,
            ),
            frozenset({"default_price_data", "package_dimensions", "tax_details"}),
        ),
        update=Write(
            update_product,
            (
                text("default_price"),
                text("name"),
                text("description", clearable=True),
                *_PRODUCT,
            ),
            frozenset({"package_dimensions", "tax_details"}),
        ),
        delete=delete_product,
    ),
    Resource(
        kind="price",
        path="/v1/prices",
        permission="plan",  # prices kept the right of the plans that they replaced
        noun="price",
        id_param="price",
        filters=(
            CREATED,
            Filter(boolean("active")),
            Filter(text("currency")),
            Filter(list_of("lookup_keys", maximum=10), "lookup_key"),
            Filter(text("product")),
            Filter(
                hash_of(
                    "recurring",
                    choice("interval", "day", "month", "week", "year"),
                    text("meter"),
                    choice("usage_type", "licensed", "metered"),
                )
            ),
            Filter(choice("type", "one_time", "recurring")),
        ),
        create=Write(
            create_price,
            (
                boolean("active"),
                choice("billing_scheme", "per_unit"),
                text("currency").needed(),
                text("lookup_key"),
                METADATA,
                text("nickname"),
                text("product"),
                hash_of(
                    "recurring",
                    choice("interval", "day", "month", "week", "year").needed(),
                    integer("interval_count", minimum=1),
                    integer("trial_period_days", minimum=1),
                    choice("usage_type", "licensed"),
                ),
                _TAX_BEHAVIOR,
                integer("unit_amount", minimum=0),
                text("unit_amount_decimal"),
            ),
            frozenset(
                "currency_options custom_unit_amount product_data tiers tiers_mode "
                "transfer_lookup_key transform_quantity".split()
            ),
        ),
        update=Write(
            update_price,
            (boolean("active"), text("lookup_key"), METADATA, text("nickname"), _TAX_BEHAVIOR),
            frozenset({"currency_options", "transfer_lookup_key"}),
        ),
    ),
)
