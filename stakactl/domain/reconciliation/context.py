"""What the checks need to know besides the case itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from stakactl.domain.orders import Order

#: How long a payment may stay under way, by Stripe's name of the method
#: (https://docs.stripe.com/payments/bank-debits: SEPA up to 14 business days for late failures).
SETTLEMENT = {
    "sepa_debit": timedelta(days=14),
    "bacs_debit": timedelta(days=14),
    "acss_debit": timedelta(days=14),
    "au_becs_debit": timedelta(days=7),
    "boleto": timedelta(days=7),
    "konbini": timedelta(days=7),
    "multibanco": timedelta(days=7),
    "oxxo": timedelta(days=7),
    "us_bank_account": timedelta(days=7),
    "customer_balance": timedelta(days=30),
}
DEFAULT_SETTLEMENT = timedelta(days=3)
#: An application learns of a payment by webhook; Stripe retries for 3 days, orders are exported
#: at some point after that.
RECORDED_GRACE = timedelta(days=1)
#: An application that issues invoices itself does so by webhook: no other is issued before
#: Stripe's retries are over.
APPLICATION_INVOICE_GRACE = timedelta(hours=72)
#: An authorisation that lapses within this time is worth a look.
CAPTURE_NOTICE = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Context:
    """`now` is aware UTC; `livemode` the mode of the store; `default_vat_rate` a percentage.

    `known_until` is up to when Stripe was read completely; None before the first whole sync.
    `application_invoices`: the application issues invoices itself, once its webhook was heard.
    `adopt_stripe_invoices`: a numbered invoice of Stripe is the legal one of its order.
    """

    now: datetime
    livemode: bool
    default_vat_rate: Decimal | None
    known_until: datetime | None
    application_invoices: bool = False
    adopt_stripe_invoices: bool = True

    def can_judge(self, order: Order) -> bool:
        """Whether Stripe was read after what the order says happened: before, a payment that is
        not there says nothing. A time that is still to come is a mistake, nothing to wait for."""
        if self.known_until is None:
            return False
        moments = (moment for moment in (order.created_at, order.paid_at) if moment is not None)
        return all(moment < self.known_until for moment in moments if moment <= self.now)


def settlement_time(payment_method_type: str | None) -> timedelta:
    return SETTLEMENT.get(payment_method_type or "", DEFAULT_SETTLEMENT)
