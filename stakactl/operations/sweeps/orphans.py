"""Payments that no order accounts for."""

from collections.abc import Iterator

from stakactl.domain.findings import Finding
from stakactl.domain.reconciliation import Context, classify_orphan
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope


def orphan_payments(
    ports: Ports, scope: Scope, context: Context, unread: list[str]
) -> Iterator[tuple[Finding, None]]:
    for orphan in ports.cases.orphans():
        if scope.holds(orphan.intent.created_at):
            yield classify_orphan(orphan), None
