"""Checkout Sessions: read, described, expired. They are paid by the seeded world, not here.

Time alone expires no session: the world decides what is open, so that a demo stays as seeded.
"""

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.events import emit
from stakactl.demo.offline_stripe.params import METADATA, choice, hash_of, text
from stakactl.demo.offline_stripe.resources.intents import canceled
from stakactl.demo.offline_stripe.resources.lists import Owner, list_embedded
from stakactl.demo.offline_stripe.resources.model import (
    CREATED,
    Call,
    Filter,
    Resource,
    Write,
    changed,
    get_or_refuse,
)
from stakactl.demo.offline_stripe.state import StripeObject

NOUN = "checkout.session"


def _session(call: Call) -> StripeObject:
    return get_or_refuse(call, "checkout.session", NOUN, call.object_id, "session")


def update_session(call: Call) -> StripeObject:
    after = changed(_session(call), call.params)
    call.state.put(after)  # Stripe has no event for it
    return after


def expire_session(call: Call) -> StripeObject:
    """An unpaid intent of the session goes with it."""
    session = _session(call)
    if session["status"] != "open":
        raise refusals.StripeRefusal(
            400,
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of `{session['status']}`.",
        )
    after = {**session, "status": "expired", "url": None}
    call.state.put(after)
    emit(call, "checkout.session.expired", after)
    intent = call.state.get(
        "payment_intent", session.get("payment_intent") or "", livemode=call.livemode
    )
    if intent and str(intent["status"]).startswith("requires_"):
        canceled(call, intent, "automatic")
    return after


RESOURCES = (
    Resource(
        kind="checkout.session",
        path="/v1/checkout/sessions",
        permission="checkout_session",
        noun=NOUN,
        id_param="session",
        filters=(
            CREATED,
            Filter(text("customer")),
            Filter(text("customer_account")),
            Filter(hash_of("customer_details", text("email").needed())),
            Filter(text("payment_intent")),
            Filter(text("payment_link")),
            Filter(choice("status", "complete", "expired", "open")),
            Filter(text("subscription")),
        ),
        update=Write(
            update_session,
            (METADATA,),
            frozenset(
                {"collected_information", "line_items", "payment_intent_data", "shipping_options"}
            ),
        ),
        actions={"expire": Write(expire_session)},
        sublists={"line_items": list_embedded(Owner(NOUN, NOUN, "session"), "line_items", "item")},
    ),
)
