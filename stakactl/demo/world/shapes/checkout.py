"""Customers and Checkout Sessions: how a sale begins."""

from stakactl.demo.world.ids import Json
from stakactl.demo.world.people import Person

_SESSION_CONSTANTS: Json = {
    "object": "checkout.session",
    "adaptive_pricing": {"enabled": False},
    "after_expiration": None,
    "allow_promotion_codes": None,
    "billing_address_collection": "required",
    "cancel_url": "https://librairie-demo.example/panier",
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "currency_conversion": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer_account": None,
    "discounts": [],
    "invoice_creation": None,
    "origin_context": None,
    "payment_link": None,
    "payment_method_collection": "if_required",
    "payment_method_configuration_details": None,
    "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
    "permissions": None,
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "saved_payment_method_options": None,
    "setup_intent": None,
    "shipping_address_collection": None,
    "shipping_cost": None,
    "shipping_options": [],
    "submit_type": None,
    "success_url": "https://librairie-demo.example/merci?session_id={CHECKOUT_SESSION_ID}",
    "ui_mode": "hosted_page",
    "wallet_options": None,
}
#: Of a session that makes an invoice when it is paid.
INVOICE_CREATION: Json = {
    "enabled": True,
    "invoice_data": {
        "account_tax_ids": None,
        "custom_fields": None,
        "description": None,
        "footer": None,
        "issuer": None,
        "metadata": {},
        "rendering_options": None,
    },
}
_TAX_OFF: Json = {"enabled": False, "liability": None, "provider": None, "status": None}
_TAX_ON: Json = {
    "enabled": True,
    "liability": {"type": "self"},
    "provider": "stripe",
    "status": "complete",
}


def address(person: Person, *, country: bool = True) -> Json:
    return {
        "city": person.city,
        "country": person.country if country else None,
        "line1": person.line1,
        "line2": None,
        "postal_code": person.postal_code,
        "state": None,
    }


def customer(id: str, person: Person, created: int) -> Json:
    return {
        "id": id,
        "object": "customer",
        "address": address(person),
        "balance": 0,
        "created": created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": person.company or None,
        "discount": None,
        "email": person.email,
        "invoice_prefix": f"LD{person.number:06d}",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": True,
        "metadata": {"userId": person.customer_id},
        "name": person.name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [person.locale],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def customer_details(person: Person, *, country: bool = True) -> Json:
    return {
        "address": address(person, country=country),
        "business_name": person.company or None,
        "email": person.email,
        "individual_name": None,
        "name": person.name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [{"type": "eu_vat", "value": person.vat_number}] if person.vat_number else [],
    }


def checkout_session(
    id: str,
    created: int,
    *,
    amount: int,
    currency: str,
    status: str,
    payment_status: str,
    locale: str,
    list_amount: int | None = None,
    details: Json | None = None,
    email: str | None = None,
    customer_id: str | None = None,
    client_reference_id: str | None = None,
    metadata: Json | None = None,
    intent_id: str | None = None,
    stripe_tax: bool = False,
    line_items: list[Json] | None = None,
    livemode: bool = True,
) -> Json:
    """Without computed tax Stripe still says `amount_tax: 0`; only `automatic_tax` tells."""
    subtotal = amount if list_amount is None else list_amount
    return {
        **_SESSION_CONSTANTS,
        "id": id,
        "amount_subtotal": subtotal,
        "amount_total": amount,
        "automatic_tax": _TAX_ON if stripe_tax else _TAX_OFF,
        "client_reference_id": client_reference_id,
        "created": created,
        "currency": currency,
        "customer": customer_id,
        "customer_creation": None if customer_id else "if_required",
        "customer_details": details,
        "customer_email": email,
        "expires_at": created + 86_400,
        "invoice": None,
        "line_items": {
            "object": "list",
            "data": line_items or [],
            "has_more": False,
            "url": f"/v1/checkout/sessions/{id}/line_items",
        },
        "livemode": livemode,
        "locale": locale,
        "metadata": metadata or {},
        "mode": "payment",
        "payment_intent": intent_id,
        "payment_method_types": ["card", "sepa_debit"],
        "payment_status": payment_status,
        "status": status,
        "subscription": None,
        "total_details": {
            "amount_discount": subtotal - amount,
            "amount_shipping": 0,
            "amount_tax": 0,
        },
        "url": f"https://checkout.stripe.com/c/pay/{id}" if status == "open" else None,
    }


def currency_conversion(amount: int, currency: str, presented: int) -> Json:
    """Of sessions from before 2025-03-31: our amount, and the rate that the customer paid at."""
    return {
        "amount_subtotal": amount,
        "amount_total": amount,
        "fx_rate": f"{presented / amount:.5f}",
        "source_currency": currency,
    }


def checkout_item(id: str, price_object: Json, title: str, quantity: int, total: int) -> Json:
    subtotal = price_object["unit_amount"] * quantity
    return {
        "id": id,
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": subtotal - total,
        "amount_subtotal": subtotal,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price_object["currency"],
        "description": title,
        "metadata": {},
        "price": price_object,
        "quantity": quantity,
    }
