"""PaymentIntents, charges, refunds and disputes: how the money moves."""

from stakactl.demo.world.ids import Json

_INTENT_CONSTANTS: Json = {
    "object": "payment_intent",
    "amount_details": {"tip": {}},
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "confirmation_method": "automatic",
    "customer_account": None,
    "excluded_payment_method_types": None,
    "next_action": None,
    "on_behalf_of": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "processing": None,
    "receipt_email": None,
    "review": None,
    "setup_future_usage": None,
    "shipping": None,
    "source": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}

_CHARGE_CONSTANTS: Json = {
    "object": "charge",
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "calculated_statement_descriptor": "LIBRAIRIE DEMO",
    "failure_balance_transaction": None,
    "fraud_details": {},
    "on_behalf_of": None,
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "review": None,
    "shipping": None,
    "source": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}
_OUTCOMES: dict[str, Json] = {
    "succeeded": {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network",
        "reason": None,
        "risk_level": "normal",
        "seller_message": "Payment complete.",
        "type": "authorized",
    },
    "failed": {
        "advice_code": "try_again_later",
        "network_advice_code": None,
        "network_decline_code": "51",
        "network_status": "declined_by_network",
        "reason": "insufficient_funds",
        "risk_level": "normal",
        "seller_message": "The bank declined the payment.",
        "type": "issuer_declined",
    },
}
_EVIDENCE = dict.fromkeys(
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text".split()
)


def payment_intent(
    id: str,
    created: int,
    *,
    amount: int,
    currency: str,
    status: str,
    secret: str,
    method: str = "card",
    metadata: Json | None = None,
    customer_id: str | None = None,
    charge_id: str | None = None,
    payment_method: str | None = None,
    error: Json | None = None,
    canceled_at: int | None = None,
    description: str | None = None,
    livemode: bool = True,
) -> Json:
    return {
        **_INTENT_CONSTANTS,
        "id": id,
        "amount": amount,
        "amount_capturable": amount if status == "requires_capture" else 0,
        "amount_received": amount if status == "succeeded" else 0,
        "canceled_at": canceled_at,
        "cancellation_reason": "abandoned" if canceled_at else None,
        "capture_method": "manual" if status == "requires_capture" else "automatic_async",
        "client_secret": f"{id}_secret_{secret}",
        "created": created,
        "currency": currency,
        "customer": customer_id,
        "description": description,
        "last_payment_error": error,
        "latest_charge": charge_id,
        "livemode": livemode,
        "metadata": metadata or {},
        "payment_method": payment_method,
        "payment_method_types": [method],
        "status": status,
    }


def charge(
    id: str,
    created: int,
    *,
    amount: int,
    currency: str,
    status: str,
    intent_id: str,
    billing: Json,
    payment_method: str,
    method_details: Json,
    customer_id: str | None = None,
    captured: bool = True,
    transaction_id: str | None = None,
    failure: tuple[str, str] | None = None,
    description: str | None = None,
    livemode: bool = True,
) -> Json:
    code, message = failure or (None, None)
    return {
        **_CHARGE_CONSTANTS,
        "id": id,
        "amount": amount,
        "amount_captured": amount if captured and status != "failed" else 0,
        "amount_refunded": 0,
        "balance_transaction": transaction_id,
        "billing_details": billing,
        "captured": captured and status != "failed",
        "created": created,
        "currency": currency,
        "customer": customer_id,
        "description": description,
        "disputed": False,
        "failure_code": code,
        "failure_message": message,
        "livemode": livemode,
        "metadata": {},
        "outcome": _OUTCOMES["failed" if status == "failed" else "succeeded"],
        "paid": status == "succeeded",
        "payment_intent": intent_id,
        "payment_method": payment_method,
        "payment_method_details": method_details,
        "refunded": False,
        "status": status,
    }


def refund(
    id: str, created: int, of: Json, amount: int, status: str, transaction_id: str | None
) -> Json:
    card = of["payment_method_details"]["type"] == "card"
    failed = {"failure_reason": "expired_or_canceled_card"} if status == "failed" else {}
    pending = {"pending_reason": "insufficient_funds"} if status == "pending" else {}
    return {
        "id": id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": transaction_id,
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "customer": of["customer"],
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"}
        if card
        else {"type": "sepa_debit"},
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "payment_method": of["payment_method"],
        "reason": "requested_by_customer",
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": status,
        "transfer_reversal": None,
        **failed,
        **pending,
    }


def dispute(
    id: str, created: int, of: Json, transactions: list[Json], due_by: int, status: str
) -> Json:
    inquiry = status.startswith("warning_")
    return {
        "id": id,
        "object": "dispute",
        "amount": of["amount"],
        "balance_transactions": transactions,
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**_EVIDENCE, "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": True,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "reason": "product_not_received",
        "status": status,
        **_disputed_card(of, "inquiry" if inquiry else "chargeback"),
    }


def _disputed_card(of: Json, case_type: str) -> Json:
    """Of cards alone: a dispute of a debit says nothing about how it was paid."""
    card = of["payment_method_details"].get("card")
    if card is None:
        return {}
    details = {
        "brand": card["brand"],
        "case_type": case_type,
        "network": card["network"],
        "network_reason_code": "13.1",
    }
    return {"payment_method_details": {"card": details, "type": "card"}}
