"""Stripe's JSON → domain values, one function per kind.

Current shapes, and older ones where that costs nothing; a reference may be an id, null or the
expanded object. An object that lacks what Stripe documents is a StripeError: a wrong guess about
money is worse than a stop.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    Account,
    BalanceTransaction,
    Charge,
    CheckoutSession,
    Dispute,
    InvoicePayment,
    PaymentIntent,
    Refund,
    StripeKind,
    StripeObject,
)
from stakactl.errors import StripeError

Json = dict[str, Any]

#: The status of very old sessions and refunds is null. Nothing may be concluded from that.
UNKNOWN_STATUS = "unknown"


class _Malformed(Exception):
    """The name of a field that is missing or has a shape that Stripe does not document."""


def parse(kind: StripeKind, data: object) -> StripeObject:
    """The domain value of one object of `kind`. Raises StripeError, naming the unusable field."""
    try:
        fields = _mapping(data, "object")
        if fields.get("object") != kind.value:
            raise _Malformed("object")
        return _PARSERS[kind](fields)
    except _Malformed as problem:
        raise _unusable(kind.value, data, str(problem)) from None


def parse_page(kind: StripeKind, data: object) -> tuple[list[StripeObject], bool]:
    """The objects of one page and whether more follow."""
    try:
        fields = _mapping(data, "object")
        items, has_more = fields.get("data"), _flag(fields, "has_more")
        if not isinstance(items, list):
            raise _Malformed("data")
    except _Malformed as problem:
        raise _unusable(f"list of {kind.value}", data, str(problem)) from None
    return [parse(kind, item) for item in items], has_more


def parse_account(data: object, *, livemode: bool) -> Account:
    """The mode is the key's: an account has both."""
    try:
        fields = _mapping(data, "object")
        dashboard = _inner(_inner(fields, "settings"), "dashboard")
        name = _optional_text(dashboard, "display_name")
        name = name or _optional_text(_inner(fields, "business_profile"), "name")
        return Account(_text(fields, "id"), livemode, name or "")
    except _Malformed as problem:
        raise _unusable("account", data, str(problem)) from None


def _unusable(what: str, data: object, field: str) -> StripeError:
    given = data.get("id") if isinstance(data, dict) else None
    named = f" {given}" if isinstance(given, str) and given.isidentifier() else ""
    return StripeError(
        f"Stripe sent a {what}{named} whose field '{field}' is missing or malformed",
        hint="please report it, with the kind of the object and the field",
    )


# -- one function per kind


def _session(data: Json) -> CheckoutSession:
    conversion = data.get("currency_conversion")
    if conversion is not None:
        # Adaptive Pricing before 2025-03-31: `currency` is the customer's, ours is in here.
        conversion = _mapping(conversion, "currency_conversion")
        total: Money | None = _money(conversion, "amount_total", "source_currency")
        tax = None
    else:
        total = _money(data, "amount_total") if data.get("amount_total") is not None else None
        tax = _computed_tax(data)
    address = _inner(_inner(data, "customer_details"), "address")
    return CheckoutSession(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        status=_optional_text(data, "status") or UNKNOWN_STATUS,
        payment_status=_text(data, "payment_status"),
        mode=_text(data, "mode"),
        amount_total=total,
        amount_tax_minor=tax,
        payment_intent_id=_reference(data, "payment_intent"),
        invoice_id=_reference(data, "invoice"),
        customer_id=_reference(data, "customer"),
        customer_country=_optional_text(address, "country"),
        client_reference_id=_optional_text(data, "client_reference_id"),
        metadata_order_id=_order_id(data),
    )


def _computed_tax(data: Json) -> int | None:
    """A tax of zero counts only if Stripe Tax finished its calculation: a session without it has
    `amount_tax` 0 as well, which does not mean that no VAT is due."""
    details = data.get("total_details")
    if details is None:
        return None
    tax = _whole(_mapping(details, "total_details"), "amount_tax")
    automatic = _inner(data, "automatic_tax")
    finished = automatic.get("enabled") is True and automatic.get("status") == "complete"
    return tax if tax or finished else None


def _intent(data: Json) -> PaymentIntent:
    charge = data.get("latest_charge")
    if charge is None:
        # Before 2022-11-15: the list of all charges instead, newest first.
        charges = _inner(data, "charges").get("data")
        charge = charges[0] if isinstance(charges, list) and charges else None
    return PaymentIntent(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        status=_text(data, "status"),
        amount=_money(data, "amount"),
        amount_received_minor=_whole(data, "amount_received"),
        latest_charge_id=_reference({"latest_charge": charge}, "latest_charge"),
        customer_id=_reference(data, "customer"),
        payment_method_type=_intent_method(data, charge),
        failure_message=_optional_text(_inner(data, "last_payment_error"), "message"),
        metadata_order_id=_order_id(data),
    )


def _intent_method(data: Json, charge: object) -> str | None:
    """What was paid with when the charge or the method is here, else the only type allowed.

    Nothing is expanded for it: a charge makes a page several times as long, and the charge is
    read anyway.
    """
    if isinstance(charge, dict) and (used := _charge_method(charge)):
        return used
    method = data.get("payment_method")
    if isinstance(method, dict):
        return _optional_text(method, "type")
    types = data.get("payment_method_types")
    only = types[0] if isinstance(types, list) and len(types) == 1 else None
    return only if isinstance(only, str) else None


def _charge_method(data: Json) -> str | None:
    return _optional_text(_inner(data, "payment_method_details"), "type")


def _charge(data: Json) -> Charge:
    method = _charge_method(data)
    details = _inner(_inner(data, "payment_method_details"), method) if method else {}
    capturable = details.get("capture_before") is not None
    return Charge(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        status=_text(data, "status"),
        amount=_money(data, "amount"),
        amount_refunded_minor=_whole(data, "amount_refunded"),
        payment_intent_id=_reference(data, "payment_intent"),
        balance_transaction_id=_reference(data, "balance_transaction"),
        payment_method_type=method,
        captured=_flag(data, "captured"),
        capture_before=_time(details, "capture_before") if capturable else None,
    )


def _refund(data: Json) -> Refund:
    return Refund(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        status=_optional_text(data, "status") or UNKNOWN_STATUS,
        amount=_money(data, "amount"),
        charge_id=_reference(data, "charge"),
        payment_intent_id=_reference(data, "payment_intent"),
    )


def _dispute(data: Json) -> Dispute:
    return Dispute(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        status=_text(data, "status"),
        amount=_money(data, "amount"),
        charge_id=_reference(data, "charge"),
        payment_intent_id=_reference(data, "payment_intent"),
    )


def _invoice_payment(data: Json) -> InvoicePayment:
    invoice_id = _reference(data, "invoice")
    if invoice_id is None:
        raise _Malformed("invoice")
    return InvoicePayment(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        invoice_id=invoice_id,
        # Null when the invoice was paid by a charge alone or by a payment outside of Stripe.
        payment_intent_id=_reference(_mapping(data.get("payment"), "payment"), "payment_intent"),
        status=_text(data, "status"),
    )


def _balance_transaction(data: Json) -> BalanceTransaction:
    return BalanceTransaction(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        available_on=_time(data, "available_on"),
        type=_text(data, "type"),
        reporting_category=_text(data, "reporting_category"),
        amount=_money(data, "amount"),
        fee=_money(data, "fee"),
        net=_money(data, "net"),
        source_id=_reference(data, "source"),
    )


_PARSERS: dict[StripeKind, Callable[[Json], StripeObject]] = {
    StripeKind.CHECKOUT_SESSION: _session,
    StripeKind.PAYMENT_INTENT: _intent,
    StripeKind.CHARGE: _charge,
    StripeKind.REFUND: _refund,
    StripeKind.DISPUTE: _dispute,
    StripeKind.INVOICE_PAYMENT: _invoice_payment,
    StripeKind.BALANCE_TRANSACTION: _balance_transaction,
}


# -- one function per shape of a field


def _mapping(value: object, name: str) -> Json:
    if not isinstance(value, dict):
        raise _Malformed(name)
    return value


def _inner(data: Json, name: str) -> Json:
    """An object inside; empty when it is null or absent."""
    value = data.get(name)
    return {} if value is None else _mapping(value, name)


def _text(data: Json, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise _Malformed(name)
    return value


def _optional_text(data: Json, name: str) -> str | None:
    """None also for an empty text: Stripe takes both for nothing."""
    value = data.get(name)
    if value is None or value == "":
        return None
    return _text(data, name)


def _flag(data: Json, name: str) -> bool:
    value = data.get(name)
    if not isinstance(value, bool):
        raise _Malformed(name)
    return value


def _whole(data: Json, name: str) -> int:
    value = data.get(name)
    if type(value) is not int:
        raise _Malformed(name)
    return value


def _money(data: Json, name: str, currency: str = "currency") -> Money:
    minor = _whole(data, name)
    try:
        return Money(minor, _text(data, currency))
    except ValueError:
        raise _Malformed(currency) from None


def _time(data: Json, name: str) -> datetime:
    seconds = _whole(data, name)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise _Malformed(name) from None


def _reference(data: Json, name: str) -> str | None:
    """The id of another object: Stripe sends it alone, or inside the object when expanded."""
    value = data.get(name)
    if isinstance(value, dict):
        value = value.get("id")
        if value is None:
            raise _Malformed(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _Malformed(name)
    return value


def _order_id(data: Json) -> str | None:
    metadata = _inner(data, "metadata")
    return _optional_text(metadata, "orderId") or _optional_text(metadata, "order_id")
