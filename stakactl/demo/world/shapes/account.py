"""The account and what belongs to it: catalogue, payouts, events, webhook endpoints."""

from stakactl.demo.world.ids import Json
from stakactl.demo.world.shapes import API_VERSION

_NOTHING_DUE: Json = {
    "alternatives": [],
    "current_deadline": None,
    "currently_due": [],
    "disabled_reason": None,
    "errors": [],
    "eventually_due": [],
    "past_due": [],
    "pending_verification": [],
}
_NO_REQUEST: Json = {"id": None, "idempotency_key": None}


def account(id: str, created: int) -> Json:
    return {
        "id": id,
        "object": "account",
        "business_profile": {
            "mcc": "5942",
            "name": "Librairie Démo",
            "product_description": "Livres et services aux auteurs",
            "support_address": None,
            "support_email": "bonjour@librairie-demo.example",
            "support_phone": None,
            "support_url": None,
            "url": "https://librairie-demo.example",
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "sepa_debit_payments": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "FR",
        "created": created,
        "default_currency": "eur",
        "details_submitted": True,
        "email": "compta@librairie-demo.example",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{id}/external_accounts",
        },
        "future_requirements": _NOTHING_DUE,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": _NOTHING_DUE,
        "settings": {
            "branding": {
                "icon": None,
                "logo": None,
                "primary_color": None,
                "secondary_color": None,
            },
            "card_payments": {
                "decline_on": {"avs_failure": False, "cvc_failure": True},
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": "Librairie Démo", "timezone": "Europe/Paris"},
            "payments": {
                "statement_descriptor": "LIBRAIRIE DEMO",
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 3, "interval": "daily"},
                "statement_descriptor": None,
            },
        },
        "tos_acceptance": {"date": created, "ip": None, "user_agent": None},
        "type": "standard",
    }


def product(id: str, created: int, name: str, *, good: bool, price_id: str) -> Json:
    return {
        "id": id,
        "object": "product",
        "active": True,
        "created": created,
        "default_price": price_id,
        "description": None,
        "images": [],
        "livemode": True,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": "good" if good else "service",
        "unit_label": None,
        "updated": created,
        "url": None,
    }


def price(
    id: str, created: int, product_id: str, minor: int, currency: str, interval: str | None = None
) -> Json:
    recurring: Json = {
        "interval": interval,
        "interval_count": 1,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    return {
        "id": id,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": True,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product_id,
        "recurring": recurring if interval else None,
        "tax_behavior": "inclusive",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if interval else "one_time",
        "unit_amount": minor,
        "unit_amount_decimal": str(minor),
    }


def payout(
    id: str,
    created: int,
    amount: int,
    currency: str,
    bank: str,
    transaction_id: str,
    *,
    arrival: int,
    now: int,
    automatic: bool = True,
) -> Json:
    return {
        "id": id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrival,
        "automatic": automatic,
        "balance_transaction": transaction_id,
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": bank,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": True,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "paid" if arrival <= now else "in_transit",
        "trace_id": None,
        "type": "bank_account",
    }


def event(id: str, created: int, type: str, obj: Json, *, livemode: bool = True) -> Json:
    return {
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": created,
        "data": {"object": obj},
        "livemode": livemode,
        "pending_webhooks": 0,
        "request": _NO_REQUEST,
        "type": type,
    }


def webhook_endpoint(id: str, created: int, events: list[str]) -> Json:
    """The application's endpoint, still at the version it was written for."""
    return {
        "id": id,
        "object": "webhook_endpoint",
        "api_version": "2024-06-20",
        "application": None,
        "created": created,
        "description": "Librairie Démo",
        "enabled_events": events,
        "livemode": True,
        "metadata": {},
        "status": "enabled",
        "url": "https://librairie-demo.example/payments/webhook",
    }
