"""Customers: created, changed, deleted; a deleted one still answers `deleted: true` by its id."""

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.events import emit
from stakactl.demo.offline_stripe.ids import token
from stakactl.demo.offline_stripe.params import (
    ADDRESS,
    METADATA,
    Param,
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
)
from stakactl.demo.offline_stripe.state import StripeObject

NOUN = "customer"

_PARAMS: tuple[Param, ...] = (
    hash_of("address", *ADDRESS, clearable=True),
    integer("balance"),
    text("business_name", clearable=True),
    text("description", clearable=True),
    text("email", clearable=True),
    text("individual_name", clearable=True),
    text("invoice_prefix"),
    hash_of("invoice_settings", text("default_payment_method"), text("footer", clearable=True)),
    METADATA,
    text("name", clearable=True),
    integer("next_invoice_sequence", minimum=1),
    text("phone", clearable=True),
    list_of("preferred_locales"),
    hash_of("shipping", hash_of("address", *ADDRESS), text("name"), text("phone"), clearable=True),
    choice("tax_exempt", "exempt", "none", "reverse", clearable=True),
)
_INVOICE_SETTINGS = ("custom_fields", "default_payment_method", "footer", "rendering_options")
_ADDRESS_BLANK = {param.name: None for param in ADDRESS}


def _filled(customer: StripeObject, call: Call) -> StripeObject:
    """Hashes that come in parts are completed, as Stripe answers them."""
    after = changed(customer, call.params)
    if isinstance(call.params.get("address"), dict):
        after["address"] = {**_ADDRESS_BLANK, **(customer["address"] or {}), **after["address"]}
    if "invoice_settings" in call.params:
        after["invoice_settings"] = {**customer["invoice_settings"], **after["invoice_settings"]}
    after["tax_exempt"] = after["tax_exempt"] or "none"
    return after


def create_customer(call: Call) -> StripeObject:
    id = call.state.new_id("customer", livemode=call.livemode)
    blank: StripeObject = {
        "id": id,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": call.now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_prefix": token(8, id).upper(),
        "invoice_settings": dict.fromkeys(_INVOICE_SETTINGS),
        "livemode": call.livemode,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    customer = _filled(blank, call)
    customer["metadata"] = merged_metadata({}, call.params.get("metadata"))
    call.state.put(customer)
    emit(call, "customer.created", customer)
    return customer


def _living(call: Call) -> StripeObject:
    customer = get_or_refuse(call, "customer", NOUN, call.object_id, "id")
    if customer.get("deleted"):
        raise refusals.missing(NOUN, call.object_id, "id")
    return customer


def update_customer(call: Call) -> StripeObject:
    before = _living(call)
    after = _filled(before, call)
    call.state.put(after)
    if after != before:
        emit(call, "customer.updated", after, before)
    return after


def delete_customer(call: Call) -> StripeObject:
    customer = _living(call)
    call.state.delete("customer", customer["id"])
    emit(call, "customer.deleted", customer)
    return {"id": customer["id"], "object": "customer", "deleted": True}


RESOURCES = (
    Resource(
        kind="customer",
        path="/v1/customers",
        permission="customer",
        noun=NOUN,
        filters=(CREATED, Filter(text("email")), Filter(text("test_clock"))),
        create=Write(
            create_customer,
            _PARAMS,
            frozenset(
                "cash_balance payment_method source tax tax_id_data test_clock validate".split()
            ),
        ),
        update=Write(
            update_customer,
            _PARAMS,
            frozenset("cash_balance default_source source tax validate".split()),
        ),
        delete=delete_customer,
    ),
)
