"""PDFs of ours that a restored store does not know: what was issued after the backup was made.

The store of the PDFs is listed once and compared with what the book says; only what the book does
not know is read. PDFs that wait in the home for the store count as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stakactl.domain.documents import KEY_PREFIX, is_our_key
from stakactl.domain.numbering import parse_number
from stakactl.domain.restores import Found, PdfFacts, is_of_mode, position_of_key
from stakactl.domain.runs import Mode
from stakactl.errors import ServiceError
from stakactl.operations.ports import Ports
from stakactl.operations.sweeps.documents import side_by_side


@dataclass(slots=True)
class Seen:
    """`stored` PDFs of the book are there, `missing` are not; `finished` are the keys of
    unfinished invoices whose PDF is there all the same."""

    stored: int = 0
    missing: int = 0
    finished: set[str] = field(default_factory=set)
    found: list[Found] = field(default_factory=list)

    @property
    def is_another_store(self) -> bool:
        """It has none of what the book says it holds."""
        return self.stored == 0 and self.missing > 0


def look_for_pdfs(ports: Ports) -> Seen:
    """Raises StorageError or DiskError where the look was not complete."""
    seen = Seen()
    with ports.progress.stage("Comparing PDFs", ports.invoices.count()) as stage:
        for pdf, there in side_by_side(ports.documents.stored(), ports.store.listing(KEY_PREFIX)):
            if pdf is not None:
                stage.advance()
                seen.stored += there is not None
                seen.missing += there is None
            elif there is not None and is_our_key(there.key):
                _look_at(ports, there.key, seen)
    listed = {each.invoice_id for each in seen.found}
    seen.found += (each for each in _in_the_home(ports) if each.invoice_id not in listed)
    seen.found.sort(key=_by_number)
    return seen


def _by_number(found: Found) -> tuple[bool, str, int, int, str]:
    """Invoices before the credit notes that take them back."""
    at = found.position
    return bool(found.credits), at.series, at.year, at.sequence, found.object_key


def _look_at(ports: Ports, key: str, seen: Seen) -> None:
    if ports.documents.is_known(key):
        seen.finished.add(key)
        return
    facts = _facts(ports, key)
    series = (ports.policy.series.prefix, ports.policy.credit_series.prefix)
    position = parse_number(facts.number) if facts else position_of_key(key, series)
    invoice_id = key.rpartition("/")[2][: len("inv_") + 20]
    if position is not None and _is_ours(ports, position.number):
        number = facts.number if facts else position.number
        seen.found.append(Found(number, position, invoice_id, key, facts))


def _facts(ports: Ports, key: str) -> PdfFacts | None:
    """Of a PDF that cannot be read now (archived, damaged) the name tells enough."""
    try:
        content = ports.store.get(key)
    except ServiceError:
        return None
    return ports.reader.facts(content) if content else None


def _in_the_home(ports: Ports) -> Iterator[Found]:
    """Their numbers were taken, though nobody has them yet."""
    for invoice_id in ports.spool.waiting():
        if ports.invoices.get(invoice_id) is not None:
            continue
        content = ports.spool.load(invoice_id)
        facts = ports.reader.facts(content) if content else None
        position = parse_number(facts.number) if facts else None
        if facts is not None and position is not None and _is_ours(ports, facts.number):
            yield Found(facts.number, position, invoice_id, "", facts)


def _is_ours(ports: Ports, number: str) -> bool:
    return is_of_mode(number, test=ports.policy.mode is Mode.TEST)
