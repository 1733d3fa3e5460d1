"""The simple life of a card payment: created → confirmed → charged (or held, then captured).

What depends on a person or a bank (3-D Secure, delayed debits) is seeded, not played.
"""

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.events import emit
from stakactl.demo.offline_stripe.ids import token
from stakactl.demo.offline_stripe.resources.model import (
    Call,
    changed,
    get_or_refuse,
    merged_metadata,
    referenced,
)
from stakactl.demo.offline_stripe.resources.money import record_movement
from stakactl.demo.offline_stripe.state import StripeObject

NOUN = "payment_intent"

_CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)
_UPDATABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def _fee(amount: int) -> int:
    """1.5 % + 0.25: a European card on a French account."""
    return (amount * 15 + 500) // 1000 + 25


def _intent(call: Call) -> StripeObject:
    return get_or_refuse(call, "payment_intent", NOUN, call.object_id, "intent")


def _save(call: Call, intent: StripeObject, event: str, before: StripeObject | None = None) -> None:
    call.state.put(intent)
    emit(call, f"payment_intent.{event}", intent, before)


def _unexpected_state(intent: StripeObject, verb: str, allowed: tuple[str, ...]) -> Exception:
    return refusals.StripeRefusal(
        400,
        f"This PaymentIntent's status is {intent['status']}, it cannot be {verb}. Only a "
        f"PaymentIntent with one of the following statuses may be {verb}: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        extra={"payment_intent": intent},
    )


def create_intent(call: Call) -> StripeObject:
    referenced(call, "customer", "customer")
    params = {**call.params}
    confirm = params.pop("confirm", False)
    params.pop("expand", None)
    automatic = params.pop("automatic_payment_methods", None) or {"enabled": True}
    id = call.state.new_id("payment_intent", livemode=call.livemode)
    nothing = (
        "application",
        "application_fee_amount",
        "canceled_at",
        "cancellation_reason",
        "customer",
        "customer_account",
        "description",
        "excluded_payment_method_types",
        "last_payment_error",
        "latest_charge",
        "next_action",
        "on_behalf_of",
        "payment_method",
        "processing",
        "receipt_email",
        "review",
        "setup_future_usage",
        "shipping",
        "source",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_data",
        "transfer_group",
    )
    intent: StripeObject = {
        "id": id,
        "object": "payment_intent",
        **dict.fromkeys(nothing),
        "amount": 0,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": automatic,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{token(25, id)}",
        "confirmation_method": "automatic",
        "created": call.now,
        "livemode": call.livemode,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_confirmation" if "payment_method" in params else _UPDATABLE[0],
        **params,
        "currency": str(params["currency"]).lower(),
        "metadata": merged_metadata({}, params.get("metadata")),
    }
    _save(call, intent, "created")
    return _confirmed(call, intent) if confirm else intent


def confirm_intent(call: Call) -> StripeObject:
    intent = _intent(call)
    if intent["status"] not in _UPDATABLE:
        raise _unexpected_state(intent, "confirmed", _UPDATABLE)
    return _confirmed(call, changed(intent, call.params))


def _confirmed(call: Call, intent: StripeObject) -> StripeObject:
    if intent["payment_method"] is None:
        raise refusals.StripeRefusal(
            400,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can "
            "either update the PaymentIntent with a payment method and then confirm it again, or "
            "confirm it again directly with a payment method or ConfirmationToken.",
            code="payment_intent_unexpected_state",
            extra={"payment_intent": intent},
        )
    held = intent["capture_method"] == "manual"
    charge = _charge(call, intent, captured=not held)
    after = {
        **intent,
        "amount_capturable": intent["amount"] if held else 0,
        "amount_received": 0 if held else intent["amount"],
        "latest_charge": charge["id"],
        "status": "requires_capture" if held else "succeeded",
    }
    emit(call, "charge.succeeded", charge)
    _save(call, after, "amount_capturable_updated" if held else "succeeded")
    return after


def _charge(call: Call, intent: StripeObject, *, captured: bool) -> StripeObject:
    blank_address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    same = (
        *("amount", "currency", "customer", "description", "metadata", "payment_method"),
        *("receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix"),
        "transfer_group",
    )
    charge: StripeObject = {
        "id": call.state.new_id("charge", livemode=call.livemode),
        "object": "charge",
        **{name: intent[name] for name in same},
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {
            "address": blank_address,
            "email": intent["receipt_email"],
            **dict.fromkeys(("name", "phone", "tax_id")),
        },
        "captured": False,
        "created": call.now,
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": call.livemode,
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": "card", "card": _CARD},
        "receipt_url": None,
        "refunded": False,
        "status": "succeeded",
    }
    return _captured(call, charge, intent["amount"]) if captured else _put(call, charge)


_CARD = {"brand": "visa", "country": "FR", "exp_month": 12, "exp_year": 2034, "last4": "4242"}


def _put(call: Call, obj: StripeObject) -> StripeObject:
    call.state.put(obj)
    return obj


def _captured(call: Call, charge: StripeObject, amount: int) -> StripeObject:
    movement = record_movement(
        call, "charge", charge, amount, fee=_fee(amount), description=charge["description"]
    )
    return _put(
        call,
        {
            **charge,
            "amount_captured": amount,
            "balance_transaction": movement["id"],
            "captured": True,
        },
    )


def capture_intent(call: Call) -> StripeObject:
    intent = _intent(call)
    if intent["status"] != "requires_capture":
        raise _unexpected_state(intent, "captured", ("requires_capture",))
    amount = call.params.get("amount_to_capture", intent["amount_capturable"])
    assert isinstance(amount, int)  # noqa: S101 - what an INTEGER parameter reads to
    if amount > intent["amount_capturable"]:
        raise refusals.StripeRefusal(
            400,
            f"The amount_to_capture ({amount}) must be less than or equal to the "
            f"amount_capturable ({intent['amount_capturable']}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    held = get_or_refuse(call, "charge", "charge", intent["latest_charge"], "latest_charge")
    charge = _captured(call, held, amount)
    emit(call, "charge.captured", charge, held)
    after = {**intent, "amount_capturable": 0, "amount_received": amount, "status": "succeeded"}
    if "metadata" in call.params:
        after["metadata"] = merged_metadata(intent["metadata"], call.params["metadata"])
    _save(call, after, "succeeded")
    return after


def update_intent(call: Call) -> StripeObject:
    intent = _intent(call)
    referenced(call, "customer", "customer")
    if "amount" in call.params and intent["status"] not in _UPDATABLE:
        raise _unexpected_state(intent, "updated", _UPDATABLE)
    after = changed(intent, call.params)
    if after["payment_method"] and intent["status"] == "requires_payment_method":
        after["status"] = "requires_confirmation"
    return _put(call, after)  # Stripe has no event for it


def cancel_intent(call: Call) -> StripeObject:
    return canceled(call, _intent(call), call.params.get("cancellation_reason"))


def canceled(call: Call, intent: StripeObject, reason: object) -> StripeObject:
    if intent["status"] not in _CANCELABLE:
        raise _unexpected_state(intent, "canceled", _CANCELABLE)
    after = {
        **intent,
        "amount_capturable": 0,
        "canceled_at": call.now,
        "cancellation_reason": reason,
        "status": "canceled",
    }
    _save(call, after, "canceled")
    return after
