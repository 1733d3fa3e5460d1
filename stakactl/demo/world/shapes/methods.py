"""How people pay: cards and SEPA debits, as charges and errors describe them."""

import random
from dataclasses import dataclass

from stakactl.demo.world.ids import Ids, Json

_CARDS = (("visa", "4242"), ("mastercard", "4444"), ("visa", "0077"), ("cartes_bancaires", "1001"))
_CHECKS: Json = {
    "address_line1_check": "pass",
    "address_postal_code_check": "pass",
    "cvc_check": "pass",
}
_UNAVAILABLE: Json = {"status": "unavailable"}
_DISABLED: Json = {"status": "disabled"}
_NO_TOKEN: Json = {"used": False}

_CARD_KEYS = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
_CARD_REST: Json = {"checks": _CHECKS, "wallet": None}
_DEBIT_KEYS = ("bank_code", "branch_code", "country", "fingerprint", "last4")
_DEBIT_REST: Json = {"generated_from": {"charge": None, "setup_attempt": None}}

CARD_DECLINED = ("card_declined", "Your card has insufficient funds.")
DEBIT_FAILED = (
    "payment_intent_payment_attempt_failed",
    "The account has insufficient funds.",
)


@dataclass(frozen=True, slots=True)
class Method:
    """A payment method: its id, `card` or `sepa_debit`, and what a charge says about it."""

    id: str
    type: str
    details: Json


def card(
    ids: Ids, rng: random.Random, country: str, amount: int, capture_before: int | None
) -> Method:
    brand, last4 = rng.choice(_CARDS)
    details: Json = {
        "amount_authorized": amount,
        "authorization_code": None,
        "brand": brand,
        "checks": _CHECKS,
        "country": country,
        "exp_month": 1 + amount % 12,
        "exp_year": 2031,
        "extended_authorization": _DISABLED,
        "fingerprint": ids.new("fingerprint"),
        "funding": "debit",
        "incremental_authorization": _UNAVAILABLE,
        "installments": None,
        "last4": last4,
        "mandate": None,
        "multicapture": _UNAVAILABLE,
        "network": brand,
        "network_token": _NO_TOKEN,
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "wallet": None,
    }
    if capture_before is not None:
        details["capture_before"] = capture_before
    return Method(ids.new("payment_method"), "card", {"card": details, "type": "card"})


def sepa_debit(ids: Ids, country: str) -> Method:
    details: Json = {
        "bank_code": "30099",
        "branch_code": "00001",
        "country": country,
        "fingerprint": ids.new("fingerprint"),
        "last4": "0099",
        "mandate": ids.new("mandate"),
    }
    return Method(
        ids.new("payment_method"), "sepa_debit", {"sepa_debit": details, "type": "sepa_debit"}
    )


def payment_error(
    method: Method, billing: Json, at: int, charge_id: str | None, *, livemode: bool = True
) -> Json:
    """`last_payment_error` of a PaymentIntent whose attempt failed."""
    code, message = CARD_DECLINED if method.type == "card" else DEBIT_FAILED
    details = method.details[method.type]
    keys = _CARD_KEYS if method.type == "card" else _DEBIT_KEYS
    instrument = {
        **{key: details[key] for key in keys},
        **(_CARD_REST if method.type == "card" else _DEBIT_REST),
    }
    return {
        "charge": charge_id,
        "code": code,
        "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}",
        "message": message,
        "payment_method": {
            "id": method.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": billing,
            "created": at,
            "customer": None,
            "livemode": livemode,
            "metadata": {},
            "type": method.type,
            method.type: instrument,
        },
        "type": "card_error" if method.type == "card" else "invalid_request_error",
        **({"decline_code": "insufficient_funds"} if method.type == "card" else {}),
    }
