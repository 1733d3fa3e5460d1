"""Gaps, doubles and disorder in the series of invoice numbers."""

from collections.abc import Iterator

from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.reconciliation import Context
from stakactl.domain.reconciliation.numbers import duplicate_finding, gap_finding, order_finding
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope

CLASSES = frozenset(
    {Discrepancy.NUMBER_GAP, Discrepancy.NUMBER_ORDER, Discrepancy.NUMBER_DUPLICATE}
)


def invoice_numbers(
    ports: Ports, scope: Scope, context: Context, unread: list[str]
) -> Iterator[tuple[Finding, None]]:
    """A series is scanned as a whole; a gap belongs to the time when the next number was issued."""
    if not scope.wants(CLASSES):
        return
    found = [
        *(gap_finding(gap, context) for gap in ports.number_scan.gaps()),
        *(order_finding(one, context) for one in ports.number_scan.misplaced()),
        *map(duplicate_finding, ports.number_scan.shared()),
    ]
    yield from ((finding, None) for finding in found if scope.holds(finding.since))
