"""What is looked for beyond the orders themselves, one module per kind of object.

A sweep yields each finding with the change that repairs it, or None where a person has to decide.
What it cannot read it adds to `unread`, and goes on with the rest: the run is incomplete then.
"""

from collections.abc import Callable, Iterator

from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding
from stakactl.domain.reconciliation import Context
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope
from stakactl.operations.sweeps.amounts import invoice_amounts
from stakactl.operations.sweeps.documents import stored_documents
from stakactl.operations.sweeps.events import unprocessed_events
from stakactl.operations.sweeps.money import (
    booked_otherwise,
    bridge_residuals,
    charges_without_money,
    payouts,
)
from stakactl.operations.sweeps.numbers import invoice_numbers
from stakactl.operations.sweeps.orphans import orphan_payments

Planned = tuple[Finding, Change | None]
Sweep = Callable[[Ports, Scope, Context, list[str]], Iterator[Planned]]

SWEEPS: tuple[Sweep, ...] = (
    orphan_payments,
    charges_without_money,
    booked_otherwise,
    payouts,
    bridge_residuals,
    unprocessed_events,
    invoice_numbers,
    invoice_amounts,
    stored_documents,
)
#: Those that can look at a single order's own part alone.
ORDER_SWEEPS: tuple[Sweep, ...] = (stored_documents,)
