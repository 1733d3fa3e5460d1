"""Stripe's own invoices, of subscriptions and written by hand, and what paid them."""

from dataclasses import dataclass

from stakactl.demo.world.ids import Json
from stakactl.demo.world.people import Person
from stakactl.demo.world.shapes.checkout import address

_NO_TAX: Json = {
    "disabled_reason": None,
    "enabled": False,
    "liability": None,
    "provider": None,
    "status": None,
}
_ISSUER: Json = {"type": "self"}
_NO_SETTINGS: Json = {
    "default_mandate": None,
    "payment_method_options": None,
    "payment_method_types": None,
}
_CONSTANTS: Json = {
    "object": "invoice",
    "account_country": "FR",
    "account_name": "Librairie Démo",
    "account_tax_ids": None,
    "amount_overpaid": 0,
    "amount_shipping": 0,
    "application": None,
    "attempted": True,
    "automatic_tax": _NO_TAX,
    "automatically_finalizes_at": None,
    "custom_fields": None,
    "customer_account": None,
    "customer_phone": None,
    "customer_shipping": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "footer": None,
    "from_invoice": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": _ISSUER,
    "last_finalization_error": None,
    "latest_revision": None,
    "livemode": True,
    "metadata": {},
    "next_payment_attempt": None,
    "on_behalf_of": None,
    "payment_settings": _NO_SETTINGS,
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": None,
    "shipping_cost": None,
    "shipping_details": None,
    "starting_balance": 0,
    "ending_balance": 0,
    "statement_descriptor": None,
    "test_clock": None,
    "total_discount_amounts": [],
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
}


@dataclass(frozen=True, slots=True)
class Sold:
    """The one line of an invoice."""

    line_id: str
    title: str
    price: Json
    period: tuple[int, int]
    subscription_id: str | None = None
    subscription_item_id: str | None = None


def invoice(
    id: str,
    created: int,
    number: str,
    customer_id: str,
    buyer: Person,
    sold: Sold,
    *,
    reason: str,
    paid_at: int | None,
    due_date: int | None = None,
) -> Json:
    total = sold.price["unit_amount"]
    parent = None
    if sold.subscription_id:
        details = {"metadata": {}, "subscription": sold.subscription_id}
        parent = {
            "quote_details": None,
            "subscription_details": details,
            "type": "subscription_details",
        }
    return {
        **_CONSTANTS,
        "id": id,
        "amount_due": total,
        "amount_paid": total if paid_at else 0,
        "amount_remaining": 0 if paid_at else total,
        "attempt_count": 1,
        "auto_advance": paid_at is None,
        "billing_reason": reason,
        "collection_method": "send_invoice" if due_date else "charge_automatically",
        "created": created,
        "currency": sold.price["currency"],
        "customer": customer_id,
        "customer_address": address(buyer),
        "customer_email": buyer.email,
        "customer_name": buyer.name,
        "due_date": due_date,
        "effective_at": created,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/acct_demo/test_{id}?s=ap",
        "lines": {
            "object": "list",
            "data": [_line(sold, id)],
            "has_more": False,
            "url": f"/v1/invoices/{id}/lines",
        },
        "number": number,
        "parent": parent,
        "period_end": sold.period[0],
        "period_start": sold.period[0],
        "status": "paid" if paid_at else "open",
        "status_transitions": {
            "finalized_at": created,
            "marked_uncollectible_at": None,
            "paid_at": paid_at,
            "voided_at": None,
        },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "total": total,
        "total_excluding_tax": total,
        "webhooks_delivered_at": created,
    }


def _line(sold: Sold, invoice_id: str) -> Json:
    parent = None
    if sold.subscription_id:
        parent = {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": None,
                "subscription": sold.subscription_id,
                "subscription_item": sold.subscription_item_id,
            },
            "type": "subscription_item_details",
        }
    price = sold.price
    return {
        "id": sold.line_id,
        "object": "line_item",
        "amount": price["unit_amount"],
        "currency": price["currency"],
        "description": sold.title,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice_id,
        "livemode": True,
        "metadata": {},
        "parent": parent,
        "period": {"end": sold.period[1], "start": sold.period[0]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": 1,
        "subscription": sold.subscription_id,
        "subtotal": price["unit_amount"],
        "taxes": [],
    }


def invoice_payment(
    id: str, created: int, invoice_object: Json, intent_id: str, paid_at: int | None
) -> Json:
    """The link that tells a renewal from a payment nobody accounts for."""
    return {
        "id": id,
        "object": "invoice_payment",
        "amount_paid": invoice_object["total"] if paid_at else None,
        "amount_requested": invoice_object["total"],
        "created": created,
        "currency": invoice_object["currency"],
        "invoice": invoice_object["id"],
        "is_default": True,
        "livemode": True,
        "payment": {"payment_intent": intent_id, "type": "payment_intent"},
        "status": "paid" if paid_at else "open",
        "status_transitions": {"canceled_at": None, "paid_at": paid_at},
    }
