"""The record of money, its payouts, and events as rows, and back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import (
    BalanceTransaction,
    Event,
    Payout,
)


def balance_values(b: BalanceTransaction, day: date) -> dict[str, Any]:
    """`day` is the local civil date of the transaction."""
    if not b.amount.currency == b.fee.currency == b.net.currency:
        raise ValueError(f"{b.id} mixes currencies")
    return {
        "id": b.id,
        "created_at": b.created_at,
        "available_on": b.available_on,
        "type": b.type,
        "reporting_category": b.reporting_category,
        "amount_minor": b.amount.minor,
        "fee_minor": b.fee.minor,
        "net_minor": b.net.minor,
        "currency": b.amount.currency,
        "source_id": b.source_id,
        "balance_type": b.balance_type,
        "local_day": day,
    }


def balance_of(r: Sequence[Any]) -> BalanceTransaction:
    amount, fee, net = (Money(minor, r[8]) for minor in (r[5], r[6], r[7]))
    return BalanceTransaction(r[0], r[1], r[2], r[3], r[4], amount, fee, net, r[9], r[10])


def payout_values(p: Payout) -> dict[str, Any]:
    return {
        "id": p.id,
        "created_at": p.created_at,
        "livemode": p.livemode,
        "status": p.status,
        "amount_minor": p.amount.minor,
        "currency": p.amount.currency,
        "automatic": p.automatic,
        "arrival_at": p.arrival_at,
        "balance_transaction_id": p.balance_transaction_id,
        "failure_balance_transaction_id": p.failure_balance_transaction_id,
        "failure_code": p.failure_code,
        "unsettled": p.status in {"pending", "in_transit"},
    }


def payout_of(r: Sequence[Any]) -> Payout:
    return Payout(r[0], r[1], r[2], r[3], Money(r[4], r[5]), r[6], r[7], r[8], r[9], r[10])


def event_values(e: Event) -> dict[str, Any]:
    return {
        "id": e.id,
        "created_at": e.created_at,
        "livemode": e.livemode,
        "type": e.type,
        "object_kind": e.object_kind,
        "object_id": e.object_id,
        "pending_webhooks": e.pending_webhooks,
    }


def event_of(r: Sequence[Any]) -> Event:
    return Event(r[0], r[1], r[2], r[3], r[4], r[5], r[6])
