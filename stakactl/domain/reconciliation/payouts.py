"""Whether payouts hold what they say, arrived, and can be itemised at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import BalanceTransaction, Payout

#: A manual payout is told for so long. Nothing is to be done about it but to know of it.
MANUAL_TOLD = timedelta(days=30)

#: Why a payout fails (https://docs.stripe.com/api/payouts/failures), in words.
FAILURES = {
    "account_closed": "the bank account has been closed",
    "account_frozen": "the bank account has been frozen",
    "bank_account_restricted": "the bank account takes no such payments",
    "bank_ownership_changed": "the bank account belongs to another bank now",
    "could_not_process": "the bank could not process it",
    "debit_not_authorized": "the bank account may not be debited",
    "declined": "the bank declined it",
    "incorrect_account_holder_address": "the account holder's address is not the bank's",
    "incorrect_account_holder_name": "the account holder's name is not the bank's",
    "incorrect_account_holder_tax_id": "the account holder's tax number is not the bank's",
    "insufficient_funds": "there was not enough money in the account",
    "invalid_account_number": "the account number is not valid",
    "invalid_currency": "the bank account does not take this currency",
    "no_account": "there is no such bank account",
    "unsupported_card": "the debit card takes no payouts",
}


@dataclass(frozen=True, slots=True)
class PayoutSum:
    """An automatic payout and the net of its transactions, its own row left out."""

    payout: Payout
    total: Money
    count: int


@dataclass(frozen=True, slots=True)
class PayoutContents:
    """One payout and what it paid out; empty while it is not itemised."""

    payout: Payout
    itemised: bool
    transactions: tuple[BalanceTransaction, ...]

    @property
    def total(self) -> Money:
        return Money.total((one.net for one in self.transactions), self.payout.amount.currency)


@dataclass(frozen=True, slots=True)
class ReturnedPayout:
    """A payout that failed or was canceled; `was_paid` before, and when the money came back."""

    payout: Payout
    was_paid: bool
    returned_at: datetime


def mismatch(found: PayoutSum) -> Finding | None:
    """None where the payout is the sum of what it contains."""
    payout = found.payout
    if found.total == payout.amount:
        return None
    return Finding(
        Discrepancy.PAYOUT_MISMATCH,
        since=payout.created_at,
        expected=f"{payout.amount} paid out",
        seen=f"{found.total} in its {found.count} transactions",
        hint="its contents are read again by the next stakactl sync; if it stays, compare with"
        " the payout reconciliation report in Stripe's dashboard",
        refs={"payout": payout.id},
    )


def returned(found: ReturnedPayout) -> Finding | None:
    """A payout that did not stay at the bank; one canceled before it was paid is a decision."""
    payout = found.payout
    if payout.status == "failed":
        reason = FAILURES.get(payout.failure_code or "", payout.failure_code)
        seen = f"failed: {reason}" if reason else "failed, Stripe does not say why"
    elif payout.status == "canceled" and found.was_paid:
        seen = "canceled after it was paid"
    else:
        return None
    return Finding(
        Discrepancy.PAYOUT_FAILED,
        since=found.returned_at,
        expected=f"{payout.amount} at the bank",
        seen=seen,
        hint="check the bank account in Stripe's dashboard (Settings, Payouts);"
        " the money is in the Stripe balance again and the next payout takes it along",
        refs={"payout": payout.id},
    )


def manual(payout: Payout) -> Finding:
    """For information: pending, so that a company that pays out by hand has green nights."""
    return Finding(
        Discrepancy.PAYOUT_MANUAL,
        since=payout.created_at,
        expected="an automatic payout",
        seen=f"{payout.amount} paid out by hand: cannot be itemised",
        hint="nothing to repair; match the amount with the bank statement",
        refs={"payout": payout.id},
        break_on=payout.created_at + MANUAL_TOLD,
    )
