"""Stripe's reporting categories of balance transactions, and where each one counts.

The list is Stripe's (https://docs.stripe.com/reports/reporting-categories and the values that its
reports take). A category that is not in it counts as `OTHER` until somebody has looked at it, and
is a finding: an unknown kind of movement must not vanish in a sum.
"""

from enum import StrEnum


class Part(StrEnum):
    """The parts that the movements of a balance are told in."""

    GROSS = "gross"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    FEES = "fees"
    PAYOUTS = "payouts"
    OTHER = "other"


#: Every reporting category of Stripe's. The `fee` of any transaction counts as a fee besides.
CATEGORIES: dict[str, Part] = {
    # customers' money: sales, and sales that failed after they had been booked
    "charge": Part.GROSS,
    "charge_failure": Part.GROSS,
    # what went back to customers; the uncaptured rest of an authorisation is booked like a refund
    "refund": Part.REFUNDS,
    "refund_failure": Part.REFUNDS,
    "partial_capture_reversal": Part.REFUNDS,
    # withdrawn by the customer's bank, and given back where the dispute was won
    "dispute": Part.DISPUTES,
    "dispute_reversal": Part.DISPUTES,
    # what Stripe and the card networks keep, and the tax on it
    "fee": Part.FEES,
    "network_cost": Part.FEES,
    "tax": Part.FEES,
    # to our bank account, and back from it
    "payout": Part.PAYOUTS,
    "payout_reversal": Part.PAYOUTS,
    # money of ours that is no revenue: put in, set aside, lent, moved, corrected
    "topup": Part.OTHER,
    "topup_reversal": Part.OTHER,
    "other_adjustment": Part.OTHER,
    "risk_reserved_funds": Part.OTHER,
    "unreconciled_customer_funds": Part.OTHER,
    "contribution": Part.OTHER,
    "climate_order_purchase": Part.OTHER,
    "climate_order_refund": Part.OTHER,
    "advance": Part.OTHER,
    "advance_funding": Part.OTHER,
    "anticipation_repayment": Part.OTHER,
    "financing_paydown": Part.OTHER,
    "financing_paydown_reversal": Part.OTHER,
    "financing_payout": Part.OTHER,
    "financing_payout_reversal": Part.OTHER,
    "issuing_authorization_hold": Part.OTHER,
    "issuing_authorization_release": Part.OTHER,
    "issuing_dispute": Part.OTHER,
    "issuing_transaction": Part.OTHER,
    # Connect
    "connect_collection_transfer": Part.OTHER,
    "connect_reserved_funds": Part.OTHER,
    "platform_earning": Part.OTHER,
    "platform_earning_refund": Part.OTHER,
    "transfer": Part.OTHER,
    "transfer_reversal": Part.OTHER,
}


def part_of(reporting_category: str) -> Part:
    return CATEGORIES.get(reporting_category, Part.OTHER)
