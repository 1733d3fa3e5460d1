"""The record of money: charges without it, amounts that differ, payouts, and the bridge."""

from collections.abc import Iterator

from stakactl.domain.bridge import residual_finding
from stakactl.domain.findings import Finding
from stakactl.domain.reconciliation import Context
from stakactl.domain.reconciliation.balance import misbooked, missing_money, unknown_category
from stakactl.domain.reconciliation.payouts import MANUAL_TOLD, manual, mismatch, returned
from stakactl.domain.reporting_categories import CATEGORIES
from stakactl.domain.stripe_objects import StripeKind
from stakactl.operations.bridge import bridge
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope

Found = Iterator[tuple[Finding, None]]


def charges_without_money(ports: Ports, scope: Scope, context: Context, unread: list[str]) -> Found:
    """Nothing is missing from a record that was not read to its end; that is told elsewhere."""
    record = StripeKind.BALANCE_TRANSACTION
    if ports.mirror.synced_until(record) is None or ports.mirror.reading(record) is not None:
        return
    for charge in ports.money.charges_without_money():
        if scope.holds(charge.created_at):
            yield missing_money(charge, context), None


def booked_otherwise(ports: Ports, scope: Scope, context: Context, unread: list[str]) -> Found:
    """Charges and refunds at another amount than their own, and categories nobody knows."""
    for booking in ports.money.misbooked():
        finding = misbooked(booking)
        if finding is not None and scope.holds(booking.created_at):
            yield finding, None
    for category in ports.money.unknown_categories(list(CATEGORIES), scope.since, scope.until):
        yield unknown_category(category), None


def payouts(ports: Ports, scope: Scope, context: Context, unread: list[str]) -> Found:
    for differing in ports.money.differing_payouts():
        finding = mismatch(differing)
        if finding is not None and scope.holds(differing.payout.created_at):
            yield finding, None
    for came_back in ports.money.returned_payouts():
        finding = returned(came_back)
        if finding is not None and scope.holds(came_back.returned_at):
            yield finding, None
    since = context.now - MANUAL_TOLD if scope.since is None else scope.since
    for payout in ports.money.manual_payouts(since, scope.until):
        yield manual(payout), None


def bridge_residuals(ports: Ports, scope: Scope, context: Context, unread: list[str]) -> Found:
    """What the whole record lacks is lacking in each of its periods."""
    known = {balance.amount.currency: balance for balance in ports.money.balances()}
    for drawn in bridge(ports, scope, beside=False).bridges:
        finding = residual_finding(drawn, known.get(drawn.currency))
        if finding is not None:
            yield finding, None
