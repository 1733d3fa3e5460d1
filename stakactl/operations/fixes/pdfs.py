"""Changes of what the store holds under an invoice's key: put back what is missing, put an older
version that is whole on top of what is wrong.

The object is looked at again right before, and nothing is ever overwritten: a missing one is put
only if absent, an older version goes on top only where the store keeps what lay there. A row
`intended` precedes each write and a row ends it: what a run that dies in between leaves, the next
one finishes.
"""

from dataclasses import replace

from stakactl.domain.changes import Change, ChangeState, ChangeTarget
from stakactl.domain.documents import StoredPdf, checksum
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.errors import StorageConflict, StorageError
from stakactl.operations.pdfs import kept_version, retain_until
from stakactl.operations.ports import Ports


def apply_to_pdf(ports: Ports, planned: Change, run_id: str) -> Change | None:
    """The change as it was made; None when it is no longer what was planned."""
    pdf = ports.documents.stored_pdf(planned.target_id)
    if pdf is None:
        return None
    if planned.before["sha256"] is None:
        return _put_back(ports, planned, pdf, run_id)
    return _restore(ports, planned, pdf, run_id)


def _put_back(ports: Ports, planned: Change, pdf: StoredPdf, run_id: str) -> Change | None:
    invoice = ports.invoices.get(pdf.invoice_id)
    if invoice is None or ports.store.head(pdf.object_key) is not None:
        return None
    content = _kept(ports, pdf)
    if content is None:
        content = _rendered(ports, pdf, invoice.snapshot, run_id)
    change = replace(planned, after={"sha256": checksum(content)})
    intent = _record(ports, change, run_id, ChangeState.INTENDED)
    try:
        ports.store.put_if_absent(invoice.object_key, content, retain_until(ports, invoice))
    except StorageConflict:
        _record(ports, change, run_id, ChangeState.SKIPPED, intent)
        return None
    seen = ports.store.head(pdf.object_key)
    if seen is None or seen.size != len(content):
        raise StorageError(
            f"{ports.store.location(pdf.object_key)} was stored and is not there",
            hint="look at the store: does a rule or another program remove objects?",
        )
    _record(ports, change, run_id, ChangeState.DONE, intent)
    ports.spool.discard(pdf.invoice_id)
    return change


def _kept(ports: Ports, pdf: StoredPdf) -> bytes | None:
    """The bytes as they were: from the spool, or an older version of the object."""
    waiting = ports.spool.load(pdf.invoice_id)
    if waiting is not None and checksum(waiting) in pdf.accepted:
        return waiting
    kept = kept_version(ports.store, pdf.object_key, pdf.accepted)
    return None if kept is None else kept[1]


def _rendered(ports: Ports, pdf: StoredPdf, snapshot: InvoiceSnapshot, run_id: str) -> bytes:
    """The frozen content as a PDF: the same bytes by the same version of the renderer, else a new
    rendition, which is recorded beside the others before it is stored."""
    content = ports.renderer.render(snapshot)
    if checksum(content) not in pdf.accepted:
        now = ports.clock.now()
        ports.documents.add_rendition(pdf.invoice_id, checksum(content), now, run_id)
    return content


def _restore(ports: Ports, planned: Change, pdf: StoredPdf, run_id: str) -> Change | None:
    invoice = ports.invoices.get(pdf.invoice_id)
    current = ports.store.head(pdf.object_key)
    content = ports.store.get(pdf.object_key)
    if invoice is None or current is None or content is None:
        return None
    if checksum(content) != planned.before["sha256"]:
        return None
    kept = kept_version(ports.store, pdf.object_key, pdf.accepted)
    if kept is None:
        return None
    version, whole = kept
    change = replace(planned, after={"sha256": checksum(whole), "version": version})
    intent = _record(ports, change, run_id, ChangeState.INTENDED)
    try:
        keep = retain_until(ports, invoice)
        done = ports.store.supersede(pdf.object_key, whole, current, keep)
    except StorageConflict:
        done = False
    state = ChangeState.DONE if done else ChangeState.SKIPPED
    _record(ports, change, run_id, state, intent)
    return change if done else None


def end_interrupted_repairs(ports: Ports, run_id: str) -> list[str]:
    """End the intents of runs that died: done where the store holds what was intended, else
    skipped and found again. Returns what could not be looked at."""
    unread = []
    for begun in ports.changes.unfinished(ChangeTarget.PDF):
        pdf = ports.documents.stored_pdf(begun.change.target_id)
        try:
            content = None if pdf is None else ports.store.get(pdf.object_key)
        except StorageError as error:
            unread.append(f"PDF store: {error.message}")
            break
        done = content is not None and checksum(content) == begun.change.after["sha256"]
        state = ChangeState.DONE if done else ChangeState.SKIPPED
        _record(ports, begun.change, run_id, state, begun.change_id)
    return unread


def _record(
    ports: Ports, change: Change, run_id: str, state: ChangeState, intent: int | None = None
) -> int:
    return ports.changes.record(change, run_id, ports.clock.now(), state, intent)
