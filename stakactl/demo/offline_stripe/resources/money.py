"""The account and its money: balance, balance transactions, payouts.

Balance transactions are the record of money; `record_movement` is how everything else adds to it.
"""

from typing import Any

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.ids import singleton_id
from stakactl.demo.offline_stripe.params import choice, number_range, text
from stakactl.demo.offline_stripe.resources.model import (
    CREATED,
    Call,
    Filter,
    Resource,
    referenced,
)
from stakactl.demo.offline_stripe.resources.routes import Operation
from stakactl.demo.offline_stripe.state import StripeObject

_PENDING_SECONDS = 7 * 24 * 3600  # card money is available after a week (France, standard)

#: type of a balance transaction → how Stripe's reports group it
_REPORTING = {"payment": "charge", "refund": "refund", "charge": "charge"}


def retrieve_account(call: Call) -> StripeObject:
    account = account_of(call)
    if account is None:
        raise refusals.server_failed()  # a world without an account is not finished
    return account


def account_of(call: Call) -> StripeObject | None:
    """The one account; both modes share it."""
    for livemode in (call.livemode, not call.livemode):
        if found := call.state.list("account", livemode=livemode, limit=1).objects:
            return found[0]
    return None


def retrieve_balance(call: Call) -> StripeObject:
    """The balance the world was made with, moved by what was recorded since; else the sum."""
    stored = call.state.get("balance", singleton_id("balance", livemode=call.livemode))
    return stored or _summed_balance(call)


def _summed_balance(call: Call) -> StripeObject:
    sums = call.state.balance_sums(call.now, livemode=call.livemode)
    account = account_of(call) or {}
    currencies = sorted({currency for currency, _ in sums}) or [
        str(account.get("default_currency") or "eur")
    ]
    return {
        "object": "balance",
        "available": [_amount(currency, sums.get((currency, True), 0)) for currency in currencies],
        "livemode": call.livemode,
        "pending": [_amount(currency, sums.get((currency, False), 0)) for currency in currencies],
    }


def _amount(currency: str, amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": currency, "source_types": {"card": amount}}


def record_movement(
    call: Call, kind: str, source: StripeObject, amount: int, *, fee: int = 0, description: str
) -> StripeObject:
    """The balance transaction of a charge (amount above 0) or a refund (below)."""
    currency = source["currency"]
    available = call.now + _PENDING_SECONDS if amount > 0 else call.now
    movement: StripeObject = {
        "id": call.state.new_id("balance_transaction", livemode=call.livemode),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available,
        "balance_type": "payments",
        "created": call.now,
        "currency": currency,
        "description": description,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": _fee_details(fee, currency),
        "net": amount - fee,
        "reporting_category": _REPORTING[kind],
        "source": source["id"],
        "status": "pending" if available > call.now else "available",
        "type": kind,
    }
    call.state.put({**movement, "_livemode": call.livemode})
    _move_balance(call, movement)
    return movement


def _fee_details(fee: int, currency: str) -> list[dict[str, Any]]:
    if not fee:
        return []
    return [
        {
            "amount": fee,
            "application": None,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]


def _move_balance(call: Call, movement: StripeObject) -> None:
    key = singleton_id("balance", livemode=call.livemode)
    balance = call.state.get("balance", key)
    if balance is None:
        return
    part = "pending" if movement["status"] == "pending" else "available"
    entry = next((e for e in balance[part] if e["currency"] == movement["currency"]), None)
    if entry is None:
        entry = _amount(movement["currency"], 0)
        balance[part].append(entry)
    entry["amount"] += movement["net"]
    if "card" in entry.get("source_types", {}):
        entry["source_types"]["card"] += movement["net"]
    call.state.put(balance)


def _check_payout(call: Call) -> None:
    """What went out with a payout is known only where Stripe itself put it together."""
    payout = referenced(call, "payout", "payout")
    if payout is not None and not payout["automatic"]:
        raise refusals.StripeRefusal(
            400,
            "Balance transaction history can only be filtered on automatic transfers, not manual.",
        )


SINGLETONS = (
    Operation(
        method="GET",
        path="/v1/account",
        perform=retrieve_account,
        permission="rak_accounts_kyc_basic_read",
        kind="account",
    ),
    Operation(
        method="GET",
        path="/v1/balance",
        perform=retrieve_balance,
        permission="rak_balance_read",
        kind="balance",
    ),
)

RESOURCES = (
    Resource(
        kind="balance_transaction",
        path="/v1/balance_transactions",
        permission="balance_transaction_source",
        noun="balance transaction",
        filters=(
            CREATED,
            Filter(text("currency")),
            Filter(text("payout"), "_payout"),
            Filter(text("source")),
            Filter(text("type")),
        ),
        check_list=_check_payout,
    ),
    Resource(
        kind="payout",
        path="/v1/payouts",
        permission="payout",
        noun="payout",
        id_param="payout",
        filters=(
            CREATED,
            Filter(number_range("arrival_date")),
            Filter(text("destination")),
            Filter(choice("status", "canceled", "failed", "in_transit", "paid", "pending")),
        ),
    ),
)
