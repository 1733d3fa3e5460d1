"""Stripe's own invoices, their payments and credit notes, and subscriptions: to be read."""

from stakactl.demo.offline_stripe.conditions import Not, Some
from stakactl.demo.offline_stripe.params import boolean, choice, hash_of, number_range, text
from stakactl.demo.offline_stripe.resources.lists import Owner, list_embedded
from stakactl.demo.offline_stripe.resources.model import CREATED, Filter, Resource

#: What the filter `status` of subscriptions means beyond one status.
_SUBSCRIPTION_GROUPS: dict[object, object] = {
    "all": ...,  # no condition at all
    "ended": ("canceled", "incomplete_expired"),
}
_SUBSCRIPTION_STATUS = choice(
    "status",
    *("active", "all", "canceled", "ended", "incomplete", "incomplete_expired"),
    *("past_due", "paused", "trialing", "unpaid"),
)
_COLLECTION = Filter(choice("collection_method", "charge_automatically", "send_invoice"))
_CUSTOMER = (Filter(text("customer")), Filter(text("customer_account")))

RESOURCES = (
    Resource(
        kind="invoice",
        path="/v1/invoices",
        permission="invoice",
        noun="invoice",
        id_param="invoice",
        filters=(
            CREATED,
            _COLLECTION,
            *_CUSTOMER,
            Filter(number_range("due_date")),
            Filter(choice("status", "draft", "open", "paid", "uncollectible", "void")),
            Filter(text("subscription"), "parent.subscription_details.subscription"),
        ),
        sublists={
            "lines": list_embedded(Owner("invoice", "invoice", "invoice"), "lines", "line_item")
        },
    ),
    Resource(
        kind="invoice_payment",
        path="/v1/invoice_payments",
        permission="invoice",
        noun="invoice_payment",
        id_param="invoice_payment",
        filters=(
            CREATED,
            Filter(text("invoice")),
            Filter(
                hash_of(
                    "payment",
                    text("payment_intent"),
                    text("payment_record"),
                    choice("type", "payment_intent", "payment_record").needed(),
                )
            ),
            Filter(choice("status", "canceled", "open", "paid")),
        ),
    ),
    Resource(
        kind="credit_note",
        path="/v1/credit_notes",
        permission="credit_note",
        noun="credit_note",
        filters=(CREATED, *_CUSTOMER, Filter(text("invoice"))),
        sublists={
            "lines": list_embedded(
                Owner("credit_note", "credit_note", "credit_note"), "lines", "credit_note_line_item"
            )
        },
    ),
    Resource(
        kind="subscription",
        path="/v1/subscriptions",
        permission="subscription",
        noun="subscription",
        filters=(
            CREATED,
            _COLLECTION,
            *_CUSTOMER,
            Filter(hash_of("automatic_tax", boolean("enabled").needed())),
            Filter(text("price"), "items.data", lambda value: Some("price.id", value)),
            Filter(
                _SUBSCRIPTION_STATUS,
                to_condition=lambda value: _SUBSCRIPTION_GROUPS.get(value, value),
            ),
            Filter(text("test_clock")),
        ),
        default_filters={"status": Not("canceled")},
    ),
)
