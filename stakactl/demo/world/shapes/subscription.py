"""Subscriptions, with the one item that each of them has."""

from stakactl.demo.world.ids import Json

_CONSTANTS: Json = {
    "object": "subscription",
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_cycle_anchor_config": None,
    "billing_mode": {"flexible": None, "type": "classic"},
    "billing_schedules": [],
    "billing_thresholds": None,
    "cancel_at": None,
    "cancel_at_period_end": False,
    "collection_method": "charge_automatically",
    "customer_account": None,
    "days_until_due": None,
    "default_payment_method": None,
    "default_source": None,
    "description": None,
    "discounts": [],
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "livemode": True,
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pause_collection": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "on_subscription",
    },
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "test_clock": None,
    "transfer_data": None,
    "trial_settings": None,
}


def plan(price_object: Json) -> Json:
    """The old twin of a recurring price, which subscription items still carry."""
    same = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata")
    return {
        **{key: price_object[key] for key in (*same, "nickname", "product", "tiers_mode")},
        "object": "plan",
        "amount": price_object["unit_amount"],
        "amount_decimal": price_object["unit_amount_decimal"],
        "interval": price_object["recurring"]["interval"],
        "interval_count": 1,
        "meter": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def subscription(
    id: str,
    item_id: str,
    customer_id: str,
    price_object: Json,
    *,
    start: int,
    period: tuple[int, int],
    status: str,
    latest_invoice: str | None,
    tax_rate_object: Json,
    canceled_at: int | None = None,
    trial_end: int | None = None,
) -> Json:
    item: Json = {
        "id": item_id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": start,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "plan": plan(price_object),
        "price": price_object,
        "quantity": 1,
        "subscription": id,
        "tax_rates": [],
    }
    on_trial = start if trial_end else None
    reason = "cancellation_requested" if canceled_at else None
    return {
        **_CONSTANTS,
        "id": id,
        "billing_cycle_anchor": start,
        "canceled_at": canceled_at,
        "cancellation_details": {"comment": None, "feedback": None, "reason": reason},
        "created": start,
        "currency": price_object["currency"],
        "customer": customer_id,
        "default_tax_rates": [tax_rate_object],
        "ended_at": canceled_at,
        "items": {
            "object": "list",
            "data": [item],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={id}",
        },
        "latest_invoice": latest_invoice,
        "metadata": {},
        "start_date": start,
        "status": status,
        "trial_end": trial_end,
        "trial_start": on_trial,
    }


def tax_rate(id: str, created: int, percentage: int) -> Json:
    """VAT inside the price, as the prices of the shop hold it."""
    return {
        "id": id,
        "object": "tax_rate",
        "active": True,
        "country": "FR",
        "created": created,
        "description": None,
        "display_name": "TVA",
        "effective_percentage": percentage,
        "flat_amount": None,
        "inclusive": True,
        "jurisdiction": "FR",
        "jurisdiction_level": None,
        "livemode": True,
        "metadata": {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": None,
        "tax_type": "vat",
    }


def coupon(id: str, created: int, percent_off: int) -> Json:
    """Off every invoice of a subscription, for as long as it runs."""
    return {
        "id": id,
        "object": "coupon",
        "amount_off": None,
        "created": created,
        "currency": None,
        "duration": "forever",
        "duration_in_months": None,
        "livemode": True,
        "max_redemptions": None,
        "metadata": {},
        "name": f"Fidélité -{percent_off} %",
        "percent_off": percent_off,
        "redeem_by": None,
        "times_redeemed": 1,
        "valid": True,
    }


def discount(id: str, start: int, subscription_object: Json, coupon_id: str) -> Json:
    return {
        "id": id,
        "object": "discount",
        "checkout_session": None,
        "customer": subscription_object["customer"],
        "customer_account": None,
        "end": None,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": None,
        "source": {"coupon": coupon_id, "type": "coupon"},
        "start": start,
        "subscription": subscription_object["id"],
        "subscription_item": None,
    }
