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
    Event,
    InvoicePayment,
    PaymentIntent,
    Payout,
    Refund,
    StripeCustomer,
    StripeInvoice,
    StripeKind,
    StripeObject,
    Subscription,
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


def is_deleted(data: object) -> bool:
    """Whether the answer is what Stripe leaves of a deleted object: its id and little more."""
    return isinstance(data, dict) and data.get("deleted") is True


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


def parse_balance(data: object) -> tuple[Money, ...]:
    """The payments balance, available and pending together, by currency
    (https://docs.stripe.com/api/balance). What is set aside elsewhere is no part of it."""
    try:
        fields = _mapping(data, "object")
        if fields.get("object") != "balance":
            raise _Malformed("object")
        sums: dict[str, Money] = {}
        for name in ("available", "pending"):
            entries = fields.get(name)
            if not isinstance(entries, list):
                raise _Malformed(name)
            for entry in entries:
                amount = _money(_mapping(entry, name), "amount")
                sums[amount.currency] = sums.get(amount.currency, amount.times(0)) + amount
    except _Malformed as problem:
        raise _unusable("balance", data, str(problem)) from None
    return tuple(sums[currency] for currency in sorted(sums))


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
        capture_before=_optional_time(details, "capture_before"),
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
        # Older versions of the API do not say it: they knew of no other balance.
        balance_type=_optional_text(data, "balance_type") or "payments",
    )


def _customer(data: Json) -> StripeCustomer:
    address = _inner(data, "address")
    return StripeCustomer(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        email=_optional_text(data, "email"),
        name=_optional_text(data, "name"),
        city=_optional_text(address, "city"),
        country=_optional_text(address, "country"),
    )


def _invoice(data: Json) -> StripeInvoice:
    # Before 2025-03-31 the subscription stood on the invoice itself.
    parent = _inner(_inner(data, "parent"), "subscription_details")
    transitions = _inner(data, "status_transitions")
    return StripeInvoice(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        number=_optional_text(data, "number"),
        status=_optional_text(data, "status") or UNKNOWN_STATUS,
        total=_money(data, "total"),
        amount_paid_minor=_whole(data, "amount_paid"),
        customer_id=_reference(data, "customer"),
        subscription_id=_reference(parent or data, "subscription"),
        due_at=_optional_time(data, "due_date"),
        paid_at=_optional_time(transitions, "paid_at"),
        metadata_order_id=_order_id(data),
    )


def _subscription(data: Json) -> Subscription:
    items = _inner(data, "items").get("data")
    item = _mapping(items[0], "items") if isinstance(items, list) and items else {}
    price = _inner(item, "price")
    recurring = _inner(price, "recurring")
    priced = price.get("unit_amount") is not None
    # Before 2025-03-31 the period stood on the subscription itself.
    period = item if item.get("current_period_end") is not None else data
    return Subscription(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        status=_text(data, "status"),
        customer_id=_reference(data, "customer"),
        price_id=_optional_text(price, "id"),
        unit_amount=_money(price, "unit_amount") if priced else None,
        quantity=_whole(item, "quantity") if item.get("quantity") is not None else 1,
        interval=_optional_text(recurring, "interval"),
        interval_count=_whole(recurring, "interval_count") if recurring else 1,
        current_period_end=_optional_time(period, "current_period_end"),
        canceled_at=_optional_time(data, "canceled_at"),
        ended_at=_optional_time(data, "ended_at"),
    )


def _payout(data: Json) -> Payout:
    return Payout(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        status=_text(data, "status"),
        amount=_money(data, "amount"),
        automatic=_flag(data, "automatic"),
        arrival_at=_time(data, "arrival_date"),
        balance_transaction_id=_reference(data, "balance_transaction"),
        failure_balance_transaction_id=_reference(data, "failure_balance_transaction"),
        failure_code=_optional_text(data, "failure_code"),
    )


def _event(data: Json) -> Event:
    """Its object is named, never read: an event holds the object as it was."""
    about = _mapping(_mapping(data.get("data"), "data").get("object"), "data.object")
    return Event(
        id=_text(data, "id"),
        created_at=_time(data, "created"),
        livemode=_flag(data, "livemode"),
        type=_text(data, "type"),
        object_kind=_text(about, "object"),
        object_id=_optional_text(about, "id"),
        pending_webhooks=_whole(data, "pending_webhooks"),
    )


_PARSERS: dict[StripeKind, Callable[[Json], StripeObject]] = {
    StripeKind.CHECKOUT_SESSION: _session,
    StripeKind.PAYMENT_INTENT: _intent,
    StripeKind.CHARGE: _charge,
    StripeKind.REFUND: _refund,
    StripeKind.DISPUTE: _dispute,
    StripeKind.INVOICE_PAYMENT: _invoice_payment,
    StripeKind.BALANCE_TRANSACTION: _balance_transaction,
    StripeKind.CUSTOMER: _customer,
    StripeKind.INVOICE: _invoice,
    StripeKind.SUBSCRIPTION: _subscription,
    StripeKind.PAYOUT: _payout,
    StripeKind.EVENT: _event,
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


def _optional_time(data: Json, name: str) -> datetime | None:
    return None if data.get(name) is None else _time(data, name)


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
