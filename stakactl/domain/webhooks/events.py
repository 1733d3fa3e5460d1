"""The events that an endpoint is registered for unless STRIPE_WEBHOOK_EVENTS says otherwise.

Together they are what applications of this kind handle: shops that sell through Checkout, through
bare payments, and by subscription. An application answers 2xx to a type that it does not know, so
one too many costs a request, while one too few loses payments without a word.
"""

DEFAULT_EVENTS: tuple[str, ...] = (
    # An order is fulfilled by the session it was paid in, or by the payment where there is none.
    "checkout.session.completed",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    # Cards saved for the subscriptions, and their life.
    "setup_intent.succeeded",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    # `invoice.paid` comes for invoices settled outside of Stripe too, the other one does not:
    # applications listen to either.
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.payment_failed",
)

#: What an endpoint is registered for that wants every type of event.
ALL_EVENTS = "*"


def missing_events(have: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The wanted events that an endpoint with `have` does not get, in the order wanted."""
    if ALL_EVENTS in have:
        return ()
    return tuple(dict.fromkeys(event for event in wanted if event not in have))
