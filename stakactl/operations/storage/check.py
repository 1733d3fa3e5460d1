"""`storage check`: the checks of `config validate` that are about the store in use, and how many
PDFs of issued invoices wait for it."""

from dataclasses import dataclass

from stakactl.domain.checks import CheckResult, Severity, Verdict, failed, passed
from stakactl.operations.ports import Ports
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate.running import Running, run_checks
from stakactl.operations.validate.storage import CHECKS


@dataclass(frozen=True, slots=True)
class StorageHealth:
    """`waiting` are issued invoices whose PDF is not stored."""

    location: str
    waiting: int
    results: tuple[CheckResult, ...]


def check_storage(ports: Ports, inspection: Inspection, running: Running) -> StorageHealth:
    """Only reads, unless `running` has the probe. The store's failures are its checks'."""
    in_bucket = inspection.bucket is not None
    checks = [check for check in CHECKS if (check.id.partition(".")[0] == "s3") == in_bucket]
    waiting, verdict = _waiting(ports)
    last = CheckResult(
        "storage.waiting", "Every issued invoice has its PDF stored", Severity.WARNING, verdict
    )
    results = run_checks(checks, inspection, running)
    return StorageHealth(ports.store.location("invoices"), waiting, (*results, last))


def _waiting(ports: Ports) -> tuple[int, Verdict]:
    """They are in the order of their numbers, so that the oldest of each series is among them."""
    unfinished = ports.invoices.unfinished()
    if not unfinished:
        return 0, passed("the PDF of every issued invoice is stored")
    count = len(unfinished)
    oldest = min(unfinished, key=lambda invoice: invoice.issued_at)
    kept = len({invoice.invoice_id for invoice in unfinished} & set(ports.spool.waiting()))
    seen = (
        f"{count} invoice{'s wait' if count > 1 else ' waits'} for the store, {kept} of them as "
        f"PDF in the home; the oldest is {oldest.number} of {oldest.snapshot.issued_on}"
    )
    return count, failed(seen, "stakactl invoices upload")
