"""Credit notes (avoirs): what a part of an issued invoice is taken back with.

A credit note is a document of its own with positive amounts that cites the invoice by number and
date (CGI annexe II, art. 242 nonies A). All notes of an invoice together never exceed it, neither
in total nor at any of its VAT rates, and the last one takes back exactly what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from stakactl.domain.invoicing import Credited, Draft, InvoiceLine, InvoiceSnapshot, totals
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.vat import VatSplit, split_gross


def remaining(invoice: InvoiceSnapshot, earlier: Sequence[InvoiceSnapshot]) -> Money:
    """What is left of the invoice after its earlier credit notes."""
    return invoice.total - Money.total((note.total for note in earlier), invoice.total.currency)


def credit_snapshot(
    invoice: InvoiceSnapshot,
    earlier: Sequence[InvoiceSnapshot],
    amount: Money,
    *,
    number: str,
    issued_on: date,
    reason: str,
) -> InvoiceSnapshot:
    """The frozen content of a credit note: the parties and sentences are those of the invoice."""
    content = credit_draft(invoice, earlier, amount)
    net, vat, total = totals(content.vat)
    return replace(
        invoice,
        number=number,
        issued_on=issued_on,
        lines=content.lines,
        vat=content.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=None,
        due_on=None,
        credited=Credited(invoice.number, invoice.issued_on, reason),
    )


def credit_draft(
    invoice: InvoiceSnapshot, earlier: Sequence[InvoiceSnapshot], amount: Money
) -> Draft:
    """Split `amount` over the rates of the invoice as they are still open.

    VAT is the difference of two rounded running sums, so that no series of partial notes drifts
    away from the invoice's VAT. The whole invoice at once keeps the invoice's own lines.
    """
    if not 0 < amount.minor <= remaining(invoice, earlier).minor:
        raise ValueError(f"{amount} cannot be credited on {invoice.number}")
    if not earlier and amount == invoice.total:
        return Draft(invoice.lines, invoice.vat)
    gross, vat = _credited(earlier)
    room = {group.rate: group.gross.minor - gross.get(group.rate, 0) for group in invoice.vat}
    shares = _shares(room, amount)
    groups = tuple(
        _part(group, gross.get(group.rate, 0), vat.get(group.rate, 0), shares[group.rate])
        for group in invoice.vat
        if shares[group.rate]
    )
    title = _title(invoice)
    lines = tuple(
        InvoiceLine(title, 1, group.gross, group.gross, group.net, group.rate) for group in groups
    )
    return Draft(lines, groups)


def _credited(earlier: Sequence[InvoiceSnapshot]) -> tuple[dict[Decimal, int], dict[Decimal, int]]:
    gross: dict[Decimal, int] = {}
    vat: dict[Decimal, int] = {}
    for note in earlier:
        for group in note.vat:
            gross[group.rate] = gross.get(group.rate, 0) + group.gross.minor
            vat[group.rate] = vat.get(group.rate, 0) + group.vat.minor
    return gross, vat


def _shares(room: Mapping[Decimal, int], amount: Money) -> dict[Decimal, int]:
    """`amount` in proportion to what is open; what rounding leaves goes where room is.

    A rate below zero (a discount apart) takes part only when everything left is credited.
    """
    if amount.minor == sum(room.values()):
        return dict(room)
    open_ = {rate: max(0, left) for rate, left in room.items()}
    whole = sum(open_.values())
    step = smallest_step(amount.currency)
    shares = {rate: amount.minor * left // (whole * step) * step for rate, left in open_.items()}
    rest = amount.minor - sum(shares.values())
    for rate in sorted(open_, reverse=True):
        more = min(rest, open_[rate] - shares[rate])
        shares[rate] += more
        rest -= more
    return shares


def _part(group: VatSplit, gross_before: int, vat_before: int, share: int) -> VatSplit:
    currency = group.net.currency
    after = gross_before + share
    closes = after == group.gross.minor
    vat_after = group.vat if closes else split_gross(Money(after, currency), group.rate).vat
    vat = vat_after.minor - vat_before
    return VatSplit(group.rate, Money(share - vat, currency), Money(vat, currency))


def _title(invoice: InvoiceSnapshot) -> str:
    if invoice.locale.lower().startswith("en"):
        return f"Credit on invoice {invoice.number}"
    return f"Avoir sur la facture {invoice.number}"
