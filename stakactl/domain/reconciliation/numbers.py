"""Whether invoice numbers are chronological, without gaps and unique (CGI annexe II, art. 242
nonies A I 7°), in our series and in those of an application that issues its own.

The store scans (`NumberScan`); here stands what it reports and how a person reads it.
"""

from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.reconciliation.context import Context

#: Fewer numbers of an application than this, or more missing than there are, are no sequence:
#: time stamps, dates and random ids end in digits too.
MIN_SEQUENCE = 5
MAX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class NumberGap:
    """`count` numbers from `first` to `last` are missing; all of them when `count` is the range.

    `before` and `after` are the numbers around it, None at the end of a series. `since` is when
    the next number was issued, else when the last one was.
    """

    series: str
    first: str
    last: str
    count: int
    before: str | None
    after: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A number, or a series' counter (`number` is None), that is not where it belongs."""

    series: str
    number: str | None
    expected: str
    seen: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class SharedNumber:
    """One number on the invoices of several orders; the first and the last of them."""

    number: str
    first_order: str
    last_order: str
    orders: int
    since: datetime


def is_sequence(count: int, lowest: int, highest: int) -> bool:
    """Whether so many different numbers between two ends are counted up rather than made up."""
    return count >= MIN_SEQUENCE and highest - lowest + 1 <= 2 * count


def gap_finding(gap: NumberGap, context: Context) -> Finding:
    around = [
        f"{gap.before} before" if gap.before else "",
        f"{gap.after} after" if gap.after else "",
    ]
    missing = gap.first if gap.first == gap.last else f"{gap.first} to {gap.last}"
    return Finding(
        Discrepancy.NUMBER_GAP,
        since=gap.since or context.now,
        expected=missing,
        seen=", ".join([f"{gap.count} missing", *filter(None, around)]),
        hint="find the invoice in a backup or in the PDF store; explain the gap in writing "
        "if it was never issued; never renumber",
        invoice_number=gap.first,
        refs={"series": gap.series},
    )


def order_finding(misplaced: Misplaced, context: Context) -> Finding:
    counter = misplaced.number is None
    return Finding(
        Discrepancy.NUMBER_ORDER,
        since=misplaced.since or context.now,
        expected=misplaced.expected,
        seen=misplaced.seen,
        hint="the store was restored or edited: compare it with its backups and the stored PDFs "
        "before anything is issued"
        if counter
        else "an issued invoice was edited: compare it with its stored PDF",
        invoice_number=misplaced.number,
        refs={"series": misplaced.series},
    )


def duplicate_finding(shared: SharedNumber) -> Finding:
    others = f" and {shared.orders - 2} more" if shared.orders > 2 else ""
    return Finding(
        Discrepancy.NUMBER_DUPLICATE,
        since=shared.since,
        expected="a number of its own for each invoice",
        seen=f"on the invoices of {shared.first_order} and {shared.last_order}{others}",
        hint="find out which of them the customer holds; correct the other by a credit note",
        invoice_number=shared.number,
    )
