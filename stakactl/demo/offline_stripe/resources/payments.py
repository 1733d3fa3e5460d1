"""Payment intents, the charges that they make, setup intents: the table; intents.py plays them."""

from stakactl.demo.offline_stripe.params import (
    ADDRESS,
    METADATA,
    boolean,
    choice,
    hash_of,
    integer,
    text,
)
from stakactl.demo.offline_stripe.resources.intents import (
    NOUN,
    cancel_intent,
    capture_intent,
    confirm_intent,
    create_intent,
    update_intent,
)
from stakactl.demo.offline_stripe.resources.lists import list_related
from stakactl.demo.offline_stripe.resources.model import CREATED, Filter, Resource, Write

_SHIPPING = hash_of(
    "shipping",
    hash_of("address", *ADDRESS),
    text("carrier"),
    text("name"),
    text("phone"),
    text("tracking_number"),
    clearable=True,
)
_DESCRIBED = (
    text("customer"),
    text("description"),
    METADATA,
    text("payment_method"),
    text("receipt_email", clearable=True),
    choice("setup_future_usage", "off_session", "on_session", clearable=True),
    _SHIPPING,
    text("statement_descriptor"),
    text("statement_descriptor_suffix"),
    text("transfer_group"),
)


_CREATE_NOT_OFFERED = frozenset(
    "allowed_payment_method_types amount_details application_fee_amount confirmation_method "
    "confirmation_token customer_account error_on_requires_action excluded_payment_method_types "
    "hooks mandate mandate_data off_session on_behalf_of payment_details "
    "payment_method_configuration payment_method_data payment_method_options radar_options "
    "return_url transfer_data use_stripe_sdk".split()
)

RESOURCES = (
    Resource(
        kind="payment_intent",
        path="/v1/payment_intents",
        permission="payment_intent",
        noun=NOUN,
        id_param="intent",
        filters=(CREATED, Filter(text("customer")), Filter(text("customer_account"))),
        retrieve_params=(text("client_secret"),),
        create=Write(
            create_intent,
            (
                integer("amount", minimum=1, maximum=99_999_999).needed(),
                text("currency").needed(),
                hash_of(
                    "automatic_payment_methods",
                    choice("allow_redirects", "always", "never"),
                    boolean("enabled").needed(),
                ),
                choice("capture_method", "automatic", "automatic_async", "manual"),
                boolean("confirm"),
                *_DESCRIBED,
            ),
            _CREATE_NOT_OFFERED,
        ),
        update=Write(
            update_intent,
            (integer("amount", minimum=1, maximum=99_999_999), text("currency"), *_DESCRIBED),
            frozenset(
                "allowed_payment_method_types amount_details application_fee_amount "
                "capture_method customer_account excluded_payment_method_types hooks "
                "payment_details payment_method_configuration payment_method_data "
                "payment_method_options transfer_data".split()
            ),
        ),
        actions={
            "confirm": Write(
                confirm_intent,
                (
                    choice("capture_method", "automatic", "automatic_async", "manual"),
                    text("payment_method"),
                    text("receipt_email", clearable=True),
                    choice("setup_future_usage", "off_session", "on_session", clearable=True),
                    _SHIPPING,
                ),
                frozenset(
                    "allowed_payment_method_types amount_details amount_to_confirm "
                    "confirmation_token error_on_requires_action excluded_payment_method_types "
                    "hooks mandate mandate_data off_session payment_details payment_method_data "
                    "payment_method_options radar_options return_url use_stripe_sdk".split()
                ),
            ),
            "capture": Write(
                capture_intent,
                (integer("amount_to_capture", minimum=1), METADATA),
                frozenset(
                    "amount_details application_fee_amount final_capture hooks payment_details "
                    "statement_descriptor statement_descriptor_suffix transfer_data".split()
                ),
            ),
            "cancel": Write(
                cancel_intent,
                (
                    choice(
                        "cancellation_reason",
                        "abandoned",
                        "duplicate",
                        "fraudulent",
                        "requested_by_customer",
                    ),
                ),
            ),
        },
    ),
    Resource(
        kind="charge",
        path="/v1/charges",
        permission="charge",
        noun="charge",
        filters=(
            CREATED,
            Filter(text("customer")),
            Filter(text("payment_intent")),
            Filter(text("transfer_group")),
        ),
        sublists={"refunds": list_related("refund", "refund", "charge")},
    ),
    Resource(
        kind="setup_intent",
        path="/v1/setup_intents",
        permission="setup_intent",
        noun="setup_intent",
        id_param="intent",
        filters=(
            CREATED,
            Filter(boolean("attach_to_self")),
            Filter(text("customer")),
            Filter(text("customer_account")),
            Filter(text("payment_method")),
        ),
        retrieve_params=(text("client_secret"),),
    ),
)
