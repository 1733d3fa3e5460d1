"""Money that goes back: refunds and disputes."""

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.events import emit
from stakactl.demo.offline_stripe.params import METADATA, boolean, choice, hash_of, integer, text
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
from stakactl.demo.offline_stripe.resources.money import record_movement
from stakactl.demo.offline_stripe.state import StripeObject

_EVIDENCE = tuple(
    text(name, clearable=True)
    for name in (
        "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
        "cancellation_rebuttal customer_communication customer_email_address customer_name "
        "customer_purchase_ip customer_signature duplicate_charge_documentation "
        "duplicate_charge_explanation duplicate_charge_id product_description receipt "
        "refund_policy refund_policy_disclosure refund_refusal_explanation service_date "
        "service_documentation shipping_address shipping_carrier shipping_date "
        "shipping_documentation shipping_tracking_number uncategorized_file uncategorized_text"
    ).split()
)

#: A dispute that is over cannot be answered or closed any more.
_OVER = frozenset({"lost", "won", "warning_closed", "prevented"})


def create_refund(call: Call) -> StripeObject:
    """The charge's totals, the money and the events follow in the same transaction."""
    charge = _charge_to_refund(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = call.params.get("amount", left)
    assert isinstance(amount, int)  # noqa: S101 - what an INTEGER parameter reads to
    _check_refundable(charge, amount, left)
    refund: StripeObject = {
        "id": call.state.new_id("refund", livemode=call.livemode),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": call.now,
        "currency": charge["currency"],
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": merged_metadata({}, call.params.get("metadata")),
        "payment_intent": charge["payment_intent"],
        "reason": call.params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    movement = record_movement(
        call, "refund", refund, -amount, description=f"REFUND FOR CHARGE {charge['id']}"
    )
    refund["balance_transaction"] = movement["id"]
    call.state.put({**refund, "_livemode": call.livemode})
    refunded = charge["amount_refunded"] + amount
    after = {**charge, "amount_refunded": refunded, "refunded": refunded == charge["amount"]}
    call.state.put(after)
    emit(call, "refund.created", refund)
    emit(call, "charge.refunded", after, charge)
    return refund


def _charge_to_refund(call: Call) -> StripeObject:
    if charge := referenced(call, "charge", "charge"):
        return charge
    intent = referenced(call, "payment_intent", "payment_intent")
    if intent is None:
        raise refusals.StripeRefusal(
            400,
            "One of the following params should be provided for this request: payment_intent or "
            "charge.",
        )
    charge_id = intent.get("latest_charge")
    charge = call.state.get("charge", charge_id, livemode=call.livemode) if charge_id else None
    if charge is None or charge["status"] != "succeeded":
        raise refusals.StripeRefusal(
            400,
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return charge


def _check_refundable(charge: StripeObject, amount: int, left: int) -> None:
    id, currency = charge["id"], str(charge["currency"]).upper()
    if charge.get("refunded") or (charge["captured"] and left <= 0):
        code, message = "charge_already_refunded", f"Charge {id} has already been refunded."
    elif charge.get("disputed"):
        code, message = (
            "charge_disputed",
            f"Charge {id} has been charged back; cannot issue a refund.",
        )
    elif not charge["captured"] or charge["status"] != "succeeded":
        code, message = "charge_not_refundable", f"Charge {id} is not captured; cancel its payment."
    elif amount > left:
        raise refusals.StripeRefusal(
            400,
            f"Refund amount ({amount} {currency}) is greater than unrefunded amount on charge "
            f"({left} {currency})",
            param="amount",
        )
    else:
        return
    raise refusals.StripeRefusal(400, message, code=code, extra={"charge": id})


def update_refund(call: Call) -> StripeObject:
    before = get_or_refuse(call, "refund", "refund", call.object_id, "refund")
    after = changed(before, call.params)
    call.state.put({**after, "_livemode": call.livemode})
    emit(call, "refund.updated", after, before)
    return after


def _open_dispute(call: Call) -> StripeObject:
    dispute = get_or_refuse(call, "dispute", "dispute", call.object_id, "dispute")
    if dispute["status"] in _OVER and set(call.params) - {"metadata", "expand"} != set():
        raise refusals.StripeRefusal(400, "This dispute is already closed.")
    return dispute


def update_dispute(call: Call) -> StripeObject:
    """Evidence is handed in at once, unless `submit=false` stages it."""
    before = _open_dispute(call)
    after = changed(before, {k: v for k, v in call.params.items() if k == "metadata"})
    if "evidence" in call.params:
        after["evidence"] = {**before["evidence"], **_as_dict(call.params["evidence"])}
        after["evidence_details"] = {**before["evidence_details"], "has_evidence": True}
    if call.params.get("submit", "evidence" in call.params):
        warning = str(before["status"]).startswith("warning_")
        after["status"] = "warning_under_review" if warning else "under_review"
        details = after["evidence_details"]
        after["evidence_details"] = {**details, "submission_count": details["submission_count"] + 1}
    call.state.put(after)
    emit(call, "charge.dispute.updated", after, before)
    return after


def close_dispute(call: Call) -> StripeObject:
    before = get_or_refuse(call, "dispute", "dispute", call.object_id, "dispute")
    if before["status"] in _OVER:
        raise refusals.StripeRefusal(400, "This dispute is already closed.")
    after = {**before, "status": "lost"}
    call.state.put(after)
    emit(call, "charge.dispute.closed", after, before)
    return after


def _as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


RESOURCES = (
    Resource(
        kind="refund",
        path="/v1/refunds",
        permission="charge",  # Stripe's dashboard has one right, "Charges and Refunds"
        noun="refund",
        id_param="refund",
        filters=(CREATED, Filter(text("charge")), Filter(text("payment_intent"))),
        create=Write(
            create_refund,
            (
                integer("amount", minimum=1),
                text("charge"),
                METADATA,
                text("payment_intent"),
                choice("reason", "duplicate", "fraudulent", "requested_by_customer"),
            ),
            frozenset(
                "currency customer instructions_email origin refund_application_fee "
                "reverse_transfer".split()
            ),
        ),
        update=Write(update_refund, (METADATA,)),
    ),
    Resource(
        kind="dispute",
        path="/v1/disputes",
        permission="dispute",
        noun="dispute",
        id_param="dispute",
        filters=(CREATED, Filter(text("charge")), Filter(text("payment_intent"))),
        update=Write(
            update_dispute,
            (hash_of("evidence", *_EVIDENCE), METADATA, boolean("submit")),
            frozenset({"intended_submission_method"}),
        ),
        actions={"close": Write(close_dispute)},
    ),
)
