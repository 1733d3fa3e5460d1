"""Which further objects a Stripe object leads to: what else may have changed when it did."""

from stakactl.domain.stripe_objects import (
    Charge,
    CheckoutSession,
    Dispute,
    InvoicePayment,
    PaymentIntent,
    Refund,
    StripeKind,
    StripeObject,
)

#: The kind and the id of an object.
Reference = tuple[StripeKind, str]


def links(thing: StripeObject) -> tuple[Reference, ...]:
    """One step along the chain: session → PaymentIntent → charge → balance transaction; refunds
    and disputes lead to their charge, payments of an invoice to both of its sides."""
    named: tuple[tuple[StripeKind, str | None], ...]
    match thing:
        case CheckoutSession():
            named = (
                (StripeKind.PAYMENT_INTENT, thing.payment_intent_id),
                (StripeKind.INVOICE, thing.invoice_id),
            )
        case PaymentIntent():
            named = ((StripeKind.CHARGE, thing.latest_charge_id),)
        case Charge():
            named = ((StripeKind.BALANCE_TRANSACTION, thing.balance_transaction_id),)
        case Refund() | Dispute():
            named = ((StripeKind.CHARGE, thing.charge_id),)
        case InvoicePayment():
            named = (
                (StripeKind.INVOICE, thing.invoice_id),
                (StripeKind.PAYMENT_INTENT, thing.payment_intent_id),
            )
        case _:
            named = ()
    return tuple((kind, key) for kind, key in named if key)
