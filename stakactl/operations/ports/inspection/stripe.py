"""What `config validate` asks Stripe, and what the settings say about Stripe."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from stakactl.domain.stripe_account import AccountState, ClockReading, Price, WantedPrice
from stakactl.domain.stripe_objects import Absence


@dataclass(frozen=True, slots=True)
class StripeExpectations:
    """What the settings say; no key. `publishable_livemode` is None where that key is not set."""

    livemode: bool
    restricted: bool
    production: bool
    publishable_livemode: bool | None
    monthly: WantedPrice | None
    yearly: WantedPrice | None


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """What came when the account was asked for.

    A restricted key may lack the permission to read it: `account` is then None, and `refusal` is
    what Stripe said, which may still name the account (`account_id`, otherwise ""). `clock` is
    None where the answer had no date.
    """

    account_id: str
    account: AccountState | None
    refusal: str
    clock: ClockReading | None


class StripeArea(StrEnum):
    """What the tool's work asks Stripe for, by the path of its list."""

    BALANCE = "/v1/balance"
    BALANCE_TRANSACTIONS = "/v1/balance_transactions"
    CHARGES = "/v1/charges"
    CHECKOUT_SESSIONS = "/v1/checkout/sessions"
    CUSTOMERS = "/v1/customers"
    DISPUTES = "/v1/disputes"
    EVENTS = "/v1/events"
    INVOICE_PAYMENTS = "/v1/invoice_payments"
    INVOICES = "/v1/invoices"
    PAYMENT_INTENTS = "/v1/payment_intents"
    PAYOUTS = "/v1/payouts"
    PRODUCTS = "/v1/products"
    REFUNDS = "/v1/refunds"
    SUBSCRIPTIONS = "/v1/subscriptions"
    WEBHOOK_ENDPOINTS = "/v1/webhook_endpoints"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The key may not; `permission` (`rak_…`) is "" where Stripe does not name it."""

    area: StripeArea
    permission: str


class StripeInspector(Protocol):
    """Methods raise StripeError."""

    @property
    def expectations(self) -> StripeExpectations: ...

    def account(self) -> AccountAnswer: ...

    def price(self, price_id: str) -> Price | Absence: ...

    def may_read(self, area: StripeArea) -> Refusal | None:
        """Asks for one object of a list (None: allowed). Only restricted keys are refused."""

    def may_write_endpoints(self) -> Refusal | None:
        """Asks to change a webhook endpoint that does not exist, which changes nothing."""
