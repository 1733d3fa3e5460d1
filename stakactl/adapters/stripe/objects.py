"""Stripe's JSON → domain values, one function per kind.

Current shapes, and older ones where that costs nothing; a reference may be an id, null or the
expanded object. An object that lacks what Stripe documents is a StripeError: a wrong guess about
money is worse than a stop.
"""

from collections.abc import Callable

from stakactl.adapters.stripe import fields as f
from stakactl.adapters.stripe.fields import Json
from stakactl.adapters.stripe.subscriptions import subscription
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
    StripeProduct,
)

#: The status of very old sessions and refunds is null. Nothing may be concluded from that.
UNKNOWN_STATUS = "unknown"


def parse(kind: StripeKind, data: object) -> StripeObject:
    """The domain value of one object of `kind`. Raises StripeError, naming the unusable field."""
    try:
        fields = f.mapping(data, "object")
        if fields.get("object") != kind.value:
            raise f.Malformed("object")
        return _PARSERS[kind](fields)
    except f.Malformed as problem:
        raise f.unusable(kind.value, data, str(problem)) from None


def parse_page(kind: StripeKind, data: object) -> tuple[list[StripeObject], bool]:
    """The objects of one page and whether more follow."""
    try:
        fields = f.mapping(data, "object")
        items, has_more = fields.get("data"), f.flag(fields, "has_more")
        if not isinstance(items, list):
            raise f.Malformed("data")
    except f.Malformed as problem:
        raise f.unusable(f"list of {kind.value}", data, str(problem)) from None
    return [parse(kind, item) for item in items], has_more


def is_deleted(data: object) -> bool:
    """Whether the answer is what Stripe leaves of a deleted object: its id and little more."""
    return isinstance(data, dict) and data.get("deleted") is True


def parse_account(data: object, *, livemode: bool) -> Account:
    """The mode is the key's: an account has both."""
    try:
        fields = f.mapping(data, "object")
        dashboard = f.inner(f.inner(fields, "settings"), "dashboard")
        name = f.optional_text(dashboard, "display_name")
        name = name or f.optional_text(f.inner(fields, "business_profile"), "name")
        return Account(f.text(fields, "id"), livemode, name or "")
    except f.Malformed as problem:
        raise f.unusable("account", data, str(problem)) from None


def parse_balance(data: object) -> tuple[Money, ...]:
    """The payments balance, available and pending together, by currency
    (https://docs.stripe.com/api/balance). What is set aside elsewhere is no part of it."""
    try:
        fields = f.mapping(data, "object")
        if fields.get("object") != "balance":
            raise f.Malformed("object")
        sums: dict[str, Money] = {}
        for name in ("available", "pending"):
            entries = fields.get(name)
            if not isinstance(entries, list):
                raise f.Malformed(name)
            for entry in entries:
                amount = f.money(f.mapping(entry, name), "amount")
                sums[amount.currency] = sums.get(amount.currency, amount.times(0)) + amount
    except f.Malformed as problem:
        raise f.unusable("balance", data, str(problem)) from None
    return tuple(sums[currency] for currency in sorted(sums))


# -- one function per kind


def _session(data: Json) -> CheckoutSession:
    conversion = data.get("currency_conversion")
    if conversion is not None:
        # Adaptive Pricing before 2025-03-31: `currency` is the customer's, ours is in here.
        conversion = f.mapping(conversion, "currency_conversion")
        total: Money | None = f.money(conversion, "amount_total", "source_currency")
        tax = None
    else:
        total = f.money(data, "amount_total") if data.get("amount_total") is not None else None
        tax = _computed_tax(data)
    address = f.inner(f.inner(data, "customer_details"), "address")
    return CheckoutSession(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        status=f.optional_text(data, "status") or UNKNOWN_STATUS,
        payment_status=f.text(data, "payment_status"),
        mode=f.text(data, "mode"),
        amount_total=total,
        amount_tax_minor=tax,
        payment_intent_id=f.reference(data, "payment_intent"),
        invoice_id=f.reference(data, "invoice"),
        customer_id=f.reference(data, "customer"),
        customer_country=f.optional_text(address, "country"),
        client_reference_id=f.optional_text(data, "client_reference_id"),
        metadata_order_id=_order_id(data),
    )


def _computed_tax(data: Json) -> int | None:
    """A tax of zero counts only if Stripe Tax finished its calculation: a session without it has
    `amount_tax` 0 as well, which does not mean that no VAT is due."""
    details = data.get("total_details")
    if details is None:
        return None
    tax = f.whole(f.mapping(details, "total_details"), "amount_tax")
    automatic = f.inner(data, "automatic_tax")
    finished = automatic.get("enabled") is True and automatic.get("status") == "complete"
    return tax if tax or finished else None


def _intent(data: Json) -> PaymentIntent:
    charge = data.get("latest_charge")
    if charge is None:
        # Before 2022-11-15: the list of all charges instead, newest first.
        charges = f.inner(data, "charges").get("data")
        charge = charges[0] if isinstance(charges, list) and charges else None
    return PaymentIntent(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        status=f.text(data, "status"),
        amount=f.money(data, "amount"),
        amount_received_minor=f.whole(data, "amount_received"),
        latest_charge_id=f.reference({"latest_charge": charge}, "latest_charge"),
        customer_id=f.reference(data, "customer"),
        payment_method_type=_intent_method(data, charge),
        failure_message=f.optional_text(f.inner(data, "last_payment_error"), "message"),
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
        return f.optional_text(method, "type")
    types = data.get("payment_method_types")
    only = types[0] if isinstance(types, list) and len(types) == 1 else None
    return only if isinstance(only, str) else None


def _charge_method(data: Json) -> str | None:
    return f.optional_text(f.inner(data, "payment_method_details"), "type")


def _charge(data: Json) -> Charge:
    method = _charge_method(data)
    details = f.inner(f.inner(data, "payment_method_details"), method) if method else {}
    return Charge(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        status=f.text(data, "status"),
        amount=f.money(data, "amount"),
        amount_refunded_minor=f.whole(data, "amount_refunded"),
        payment_intent_id=f.reference(data, "payment_intent"),
        balance_transaction_id=f.reference(data, "balance_transaction"),
        payment_method_type=method,
        captured=f.flag(data, "captured"),
        capture_before=f.optional_time(details, "capture_before"),
    )


def _refund(data: Json) -> Refund:
    return Refund(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        status=f.optional_text(data, "status") or UNKNOWN_STATUS,
        amount=f.money(data, "amount"),
        charge_id=f.reference(data, "charge"),
        payment_intent_id=f.reference(data, "payment_intent"),
    )


def _dispute(data: Json) -> Dispute:
    return Dispute(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        status=f.text(data, "status"),
        amount=f.money(data, "amount"),
        charge_id=f.reference(data, "charge"),
        payment_intent_id=f.reference(data, "payment_intent"),
    )


def _invoice_payment(data: Json) -> InvoicePayment:
    invoice_id = f.reference(data, "invoice")
    if invoice_id is None:
        raise f.Malformed("invoice")
    return InvoicePayment(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        invoice_id=invoice_id,
        # Null when the invoice was paid by a charge alone or by a payment outside of Stripe.
        payment_intent_id=f.reference(f.mapping(data.get("payment"), "payment"), "payment_intent"),
        status=f.text(data, "status"),
    )


def _balance_transaction(data: Json) -> BalanceTransaction:
    return BalanceTransaction(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        available_on=f.time(data, "available_on"),
        type=f.text(data, "type"),
        reporting_category=f.text(data, "reporting_category"),
        amount=f.money(data, "amount"),
        fee=f.money(data, "fee"),
        net=f.money(data, "net"),
        source_id=f.reference(data, "source"),
        # Older versions of the API do not say it: they knew of no other balance.
        balance_type=f.optional_text(data, "balance_type") or "payments",
    )


def _customer(data: Json) -> StripeCustomer:
    address = f.inner(data, "address")
    return StripeCustomer(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        email=f.optional_text(data, "email"),
        name=f.optional_text(data, "name"),
        city=f.optional_text(address, "city"),
        country=f.optional_text(address, "country"),
    )


def _invoice(data: Json) -> StripeInvoice:
    # Before 2025-03-31 the subscription stood on the invoice itself.
    parent = f.inner(f.inner(data, "parent"), "subscription_details")
    transitions = f.inner(data, "status_transitions")
    return StripeInvoice(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        number=f.optional_text(data, "number"),
        status=f.optional_text(data, "status") or UNKNOWN_STATUS,
        total=f.money(data, "total"),
        amount_paid_minor=f.whole(data, "amount_paid"),
        customer_id=f.reference(data, "customer"),
        subscription_id=f.reference(parent or data, "subscription"),
        due_at=f.optional_time(data, "due_date"),
        paid_at=f.optional_time(transitions, "paid_at"),
        metadata_order_id=_order_id(data),
    )


def _product(data: Json) -> StripeProduct:
    return StripeProduct(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        name=f.text(data, "name"),
    )


def _payout(data: Json) -> Payout:
    return Payout(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        status=f.text(data, "status"),
        amount=f.money(data, "amount"),
        automatic=f.flag(data, "automatic"),
        arrival_at=f.time(data, "arrival_date"),
        balance_transaction_id=f.reference(data, "balance_transaction"),
        failure_balance_transaction_id=f.reference(data, "failure_balance_transaction"),
        failure_code=f.optional_text(data, "failure_code"),
    )


def _event(data: Json) -> Event:
    """Its object is named, never read: an event holds the object as it was."""
    about = f.mapping(f.mapping(data.get("data"), "data").get("object"), "data.object")
    return Event(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        type=f.text(data, "type"),
        object_kind=f.text(about, "object"),
        object_id=f.optional_text(about, "id"),
        pending_webhooks=f.whole(data, "pending_webhooks"),
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
    StripeKind.SUBSCRIPTION: subscription,
    StripeKind.PRODUCT: _product,
    StripeKind.PAYOUT: _payout,
    StripeKind.EVENT: _event,
}


def _order_id(data: Json) -> str | None:
    metadata = f.inner(data, "metadata")
    return f.optional_text(metadata, "orderId") or f.optional_text(metadata, "order_id")
