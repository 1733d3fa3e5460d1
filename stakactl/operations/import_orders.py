"""Take orders from a file into stakactl's own store, all of them or none."""

from collections.abc import Iterable
from dataclasses import dataclass

from stakactl.domain.orders import Order
from stakactl.domain.runs import Outcome
from stakactl.operations.ports import ImportCounts, Ports
from stakactl.operations.runs import recorded_run


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`skipped` are the bad rows that the user chose to leave out, as file:line messages."""

    run_id: str | None
    outcome: Outcome
    counts: ImportCounts
    skipped: tuple[str, ...]


def import_orders(
    ports: Ports, orders: Iterable[Order], skipped: tuple[str, ...], *, dry_run: bool = False
) -> ImportReport:
    outcome = Outcome.PARTIAL if skipped else Outcome.OK
    if dry_run:
        return ImportReport(None, outcome, ports.orders.preview_import(orders), skipped)
    with recorded_run(ports, "orders import") as run:
        counts = ports.orders.import_orders(orders)
        run.ended(
            outcome,
            created=counts.created,
            updated=counts.updated,
            unchanged=counts.unchanged,
            skipped=len(skipped),
        )
    return ImportReport(run.run_id, outcome, counts, skipped)
