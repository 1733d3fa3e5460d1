"""What makes an issued invoice sound: its sums, and the PDF that is kept of it.

Pure checks of one document; reading and comparing many is the work of the sweeps.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.vat import split_gross

#: Everything that stakactl stores of invoices is below it; applications use the same one, so
#: that a key is ours only in the form that `object_key` gives it.
KEY_PREFIX = "invoices/"
_OURS = re.compile(r"invoices/[A-Za-z0-9_-]+/inv_[0-9a-f]{20}_[A-Za-z0-9+_-]{1,35}\.pdf")
#: For so many seconds S3 signs a link at most: 7 days.
LONGEST_LINK = 604_800
_PDF_BEGINS = b"%PDF-"


@dataclass(frozen=True, slots=True)
class StoredPdf:
    """A PDF that the store must hold. `sha256` is of the first rendition, `accepted` are those
    of all that are recorded. `order_id` is None where the invoice belongs to no order.

    `checked_at` is when its bytes were last compared with them, `fingerprint` how the store
    described the object then, and `sound` whether they agreed.
    """

    invoice_id: str
    number: str
    order_id: str | None
    issued_at: datetime
    object_key: str
    sha256: str
    accepted: frozenset[str]
    checked_at: datetime | None
    fingerprint: str | None
    sound: bool


@dataclass(frozen=True, slots=True)
class PdfCheck:
    """The outcome of comparing the bytes of a stored PDF with what is recorded."""

    invoice_id: str
    checked_at: datetime
    fingerprint: str
    sound: bool


def is_our_key(key: str) -> bool:
    return _OURS.fullmatch(key) is not None


def checksum(content: bytes) -> str:
    return sha256(content).hexdigest()


def pdf_problem(content: bytes, accepted: frozenset[str]) -> str | None:
    """What is wrong with the bytes of a stored PDF; None when they are what was issued."""
    if not content:
        return "an empty object"
    if not content.startswith(_PDF_BEGINS):
        return "no PDF"
    found = checksum(content)
    return None if found in accepted else f"SHA-256 {found}"


def amount_problem(snapshot: InvoiceSnapshot) -> str | None:
    """Where the sums of an issued invoice do not hold; None when they do.

    Per rate: the lines make the group's total and net, and the VAT is that of the rate, to the
    unit that rounding leaves open. In sum: net + VAT = total = the lines.
    """
    amounts = (snapshot.total_net, snapshot.total_vat, *(g.gross for g in snapshot.vat))
    currency = snapshot.total.currency
    lines = [amount for line in snapshot.lines for amount in (line.amount, line.net)]
    if any(amount.currency != currency for amount in (*amounts, *lines)):
        return "amounts in several currencies"
    if snapshot.total_net + snapshot.total_vat != snapshot.total:
        return f"{snapshot.total_net} net + {snapshot.total_vat} VAT, {snapshot.total} in total"
    gross: dict[Decimal, Money] = defaultdict(lambda: Money.zero(currency))
    net: dict[Decimal, Money] = defaultdict(lambda: Money.zero(currency))
    for line in snapshot.lines:
        gross[line.vat_rate] += line.amount
        net[line.vat_rate] += line.net
    total = Money.total(gross.values(), currency)
    if total != snapshot.total:
        return f"lines of {total}, {snapshot.total} in total"
    return _group_problem(snapshot, gross, net)


def _group_problem(
    snapshot: InvoiceSnapshot, gross: dict[Decimal, Money], net: dict[Decimal, Money]
) -> str | None:
    currency = snapshot.total.currency
    groups = {group.rate: group for group in snapshot.vat}
    if len(groups) != len(snapshot.vat) or groups.keys() != gross.keys():
        return "VAT rates that are not those of the lines"
    for rate, group in groups.items():
        if group.gross != gross[rate] or group.net != net[rate]:
            return (
                f"at {rate} %: {group.net} net + {group.vat} VAT, "
                f"lines of {gross[rate]} with {net[rate]} net"
            )
        doubt = abs(split_gross(group.gross, rate).vat.minor - group.vat.minor)
        if doubt > smallest_step(currency):
            return f"at {rate} %: {group.vat} VAT on {group.net} net"
    vat = Money.total((group.vat for group in snapshot.vat), currency)
    if vat != snapshot.total_vat:
        return f"{vat} VAT by rate, {snapshot.total_vat} in total"
    return None
