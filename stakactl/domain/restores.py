"""What a restore forgets: invoices that were issued after the backup was made.

Their PDFs are in the store of the PDFs, or still wait in the home. Until they were compared with
the restored counters no number is taken, because it might be on somebody's invoice already.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from stakactl.domain.money import Money
from stakactl.domain.numbering import TEST_PREFIX, Position, parse_number

#: What is said of a mail of which nobody knows whether it left after the backup was made.
MAY_BE_SENT = "the store was restored from a backup since; it may have been sent"


@dataclass(frozen=True, slots=True)
class Counter:
    """The last number that a series gave, and its date."""

    year: int
    sequence: int
    last_issued_on: date | None

    def is_behind(self, position: Position) -> bool:
        return (self.year, self.sequence) < (position.year, position.sequence)


NO_COUNTER = Counter(0, 0, None)


@dataclass(frozen=True, slots=True)
class Restore:
    """`made_at` is when the backup was; `counters` are those that it brought, by series."""

    restore_id: str
    backup: str
    made_at: datetime
    restored_at: datetime
    thawed_at: datetime | None
    counters: Mapping[str, Counter]


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What the XML in a PDF of ours says. `subject` is the order, or the reference of an invoice
    that belongs to none; `credits` the number that a credit note is about, "" on an invoice."""

    number: str
    issued_on: date
    subject: str
    credits: str
    total: Money


class FoundState(StrEnum):
    """`again` carries a number that an invoice of the store has as well; `fits` can be taken back,
    `open` waits for a decision."""

    FITS = "fits"
    TAKEN_BACK = "taken back"
    HELD = "held"
    OPEN = "open"
    AGAIN = "number twice"


@dataclass(frozen=True, slots=True)
class Found:
    """A PDF of ours that the restored store does not know. `object_key` is empty where it waits in
    the home; `facts` is None where its bytes do not tell."""

    number: str
    position: Position
    invoice_id: str
    object_key: str
    facts: PdfFacts | None
    state: FoundState = FoundState.OPEN

    @property
    def subject(self) -> str:
        return self.facts.subject if self.facts else ""

    @property
    def credits(self) -> str:
        return self.facts.credits if self.facts else ""


@dataclass(frozen=True, slots=True)
class LostNumber:
    """A number that stays taken though its invoice is not in the store; see `Found`."""

    number: str
    position: Position
    issued_on: date
    subject: str = ""
    credits: str = ""
    invoice_id: str = ""
    object_key: str = ""


def is_of_mode(number: str, *, test: bool) -> bool:
    """PDFs of the other mode may lie in the same bucket, and belong to another store."""
    return number.startswith(TEST_PREFIX) is test


def highest(positions: Iterable[Position], counters: Mapping[str, Counter]) -> list[Position]:
    """The highest position of each year of a series that lies above the series' counter."""
    found: dict[tuple[str, int], Position] = {}
    for position in positions:
        part = (position.series, position.year)
        above = counters.get(position.series, NO_COUNTER).is_behind(position)
        if above and (part not in found or found[part].sequence < position.sequence):
            found[part] = position
    return list(found.values())


def position_of_key(key: str, series: Sequence[str]) -> Position | None:
    """The position in the name of a PDF, where slashes are dashes: `series` are known ones."""
    name = key.rpartition("/")[2].removesuffix(".pdf")
    written = name[name.find("_", len("inv_")) + 1 :]
    position = parse_number(written)
    if position is None:
        return None
    known = next((each for each in series if each.replace("/", "-") == position.series), None)
    return Position(known or position.series, position.year, position.sequence)
