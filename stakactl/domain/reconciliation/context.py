"""What the checks need to know besides the case itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

#: How long a payment may stay under way, by Stripe's name of the method
#: (https://docs.stripe.com/payments/bank-debits: SEPA up to 14 business days for late failures).
SETTLEMENT = {
    "sepa_debit": timedelta(days=14),
    "bacs_debit": timedelta(days=14),
    "us_bank_account": timedelta(days=7),
    "customer_balance": timedelta(days=30),
}
DEFAULT_SETTLEMENT = timedelta(days=3)
#: An application learns of a payment by webhook; Stripe retries for 3 days, orders are exported
#: at some point after that.
RECORDED_GRACE = timedelta(days=1)
#: An authorisation that lapses within this time is worth a look.
CAPTURE_NOTICE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Context:
    """`now` is aware UTC; `livemode` the mode of the store; `default_vat_rate` a percentage;
    `adopt_stripe_invoices` says that a numbered invoice of Stripe is the legal one of its order."""

    now: datetime
    livemode: bool
    default_vat_rate: Decimal | None
    adopt_stripe_invoices: bool = True


def settlement_time(payment_method_type: str | None) -> timedelta:
    return SETTLEMENT.get(payment_method_type or "", DEFAULT_SETTLEMENT)
