"""A customer's year: the money that moved, the documents issued about it, and the VAT in them.

Days are local ones: a payment counts in the year of the day on which the balance moved, a document
in that of its issue. The two are told side by side and never forced to agree: what is invoiced in
January for December's money is their difference.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from stakactl.domain.customer_money import MoneyTotals, money_moved, totals
from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.invoice_status import DocumentKind, status_of
from stakactl.domain.invoicing import Invoice, order_lines
from stakactl.domain.money import Money
from stakactl.domain.orders import SETTLED, Order
from stakactl.domain.stripe_objects import StripeInvoice
from stakactl.domain.vat import VatSplit, split_gross

LocalDay = Callable[[datetime], date]


class Issuer(StrEnum):
    """Who issued a document."""

    OURS = "stakactl"
    STRIPE = "stripe"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class AnnualDocument:
    """An invoice, or a credit note with negative amounts. `vat` is None where no rates are known:
    Stripe's invoices, and the application's whose order states none."""

    kind: DocumentKind
    issuer: Issuer
    number: str
    issued_on: date
    order_id: str | None
    status: str
    total: Money
    vat: tuple[VatSplit, ...] | None


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What was invoiced at one rate; of no known rate, `net` and `vat` are None."""

    rate: Decimal | None
    net: Money | None
    vat: Money | None
    gross: Money


@dataclass(frozen=True, slots=True)
class AnnualFigures:
    """The year in one currency. `net` + `vat` + `unstated` = `invoiced`, credit notes taken off;
    `unstated` is invoiced without a known rate."""

    money: MoneyTotals
    documents: tuple[AnnualDocument, ...]
    rates: tuple[RateTotal, ...]

    @property
    def currency(self) -> str:
        return self.money.currency

    @property
    def invoiced(self) -> Money:
        return Money.total((rate.gross for rate in self.rates), self.currency)

    @property
    def net(self) -> Money:
        return Money.total((rate.net for rate in self.rates if rate.net), self.currency)

    @property
    def vat(self) -> Money:
        return Money.total((rate.vat for rate in self.rates if rate.vat), self.currency)

    @property
    def unstated(self) -> Money:
        return self.invoiced - self.net - self.vat

    @property
    def difference(self) -> Money:
        """What was invoiced beyond the money that was kept."""
        return self.invoiced - self.money.net


def annual_figures(
    record: CustomerRecord, year: int, now: datetime, local_day: LocalDay, *, adopted: bool
) -> tuple[AnnualFigures, ...]:
    """By currency, in the order of their codes. `adopted`: Stripe's numbered invoices are legal
    ones."""
    moved = [one for one in money_moved(record) if local_day(one.at).year == year]
    documents = sorted(
        (
            document
            for document in _documents(record, now, local_day, adopted=adopted)
            if document.issued_on.year == year
        ),
        key=_in_order,
    )
    currencies = {one.amount.currency for one in moved} | {d.total.currency for d in documents}
    found = []
    for currency in sorted(currencies):
        own = tuple(document for document in documents if document.total.currency == currency)
        money = totals((one for one in moved if one.amount.currency == currency), currency)
        found.append(AnnualFigures(money, own, _rates(own, currency)))
    return tuple(found)


def _in_order(document: AnnualDocument) -> tuple[date, bool, str]:
    """By day; a credit note after the invoices of its day."""
    credit = document.kind is DocumentKind.CREDIT_NOTE
    return document.issued_on, credit, document.number


def _documents(
    record: CustomerRecord, now: datetime, local_day: LocalDay, *, adopted: bool
) -> Iterator[AnnualDocument]:
    yield from (_ours(invoice, now) for invoice in record.invoices)
    if adopted:
        legal = (invoice for invoice in record.stripe_invoices if invoice.is_legal)
        yield from (_of_stripe(invoice, local_day) for invoice in legal)
    known = {invoice.number for invoice in record.invoices}
    known |= {invoice.number or "" for invoice in record.stripe_invoices}
    for order in record.orders:
        if order.invoice_number and order.invoice_number not in known and order.status in SETTLED:
            yield _of_application(order, order.invoice_number, local_day)


def _ours(invoice: Invoice, now: datetime) -> AnnualDocument:
    snapshot = invoice.snapshot
    credit = invoice.is_credit_note
    return AnnualDocument(
        DocumentKind.CREDIT_NOTE if credit else DocumentKind.INVOICE,
        Issuer.OURS,
        invoice.number,
        snapshot.issued_on,
        invoice.order_id or None,
        str(status_of(invoice.moments, now)),
        -snapshot.total if credit else snapshot.total,
        tuple(VatSplit(s.rate, -s.net, -s.vat) if credit else s for s in snapshot.vat),
    )


def _of_stripe(invoice: StripeInvoice, local_day: LocalDay) -> AnnualDocument:
    return AnnualDocument(
        DocumentKind.INVOICE,
        Issuer.STRIPE,
        invoice.number or invoice.id,
        local_day(invoice.created_at),
        invoice.metadata_order_id,
        invoice.status,
        invoice.total,
        None,
    )


def _of_application(order: Order, number: str, local_day: LocalDay) -> AnnualDocument:
    """Issued when it was paid, as far as we know."""
    return AnnualDocument(
        DocumentKind.INVOICE,
        Issuer.APPLICATION,
        number,
        local_day(order.paid_at or order.created_at),
        order.order_id,
        str(order.status),
        order.amount,
        _stated_vat(order),
    )


def _stated_vat(order: Order) -> tuple[VatSplit, ...] | None:
    """From the rates of the lines or the order's own; None where one is missing or the lines are
    not what was due."""
    gross: dict[Decimal, Money] = {}
    for line in order_lines(order):
        rate = order.vat_rate if line.vat_rate is None else line.vat_rate
        if rate is None or line.amount.currency != order.amount.currency:
            return None
        gross[rate] = gross.get(rate, Money.zero(order.amount.currency)) + line.amount
    if Money.total(gross.values(), order.amount.currency) != order.amount:
        return None
    return tuple(split_gross(amount, rate) for rate, amount in gross.items())


def _rates(documents: Iterable[AnnualDocument], currency: str) -> tuple[RateTotal, ...]:
    """Highest rate first, what has none last."""
    net: dict[Decimal, int] = defaultdict(int)
    vat: dict[Decimal, int] = defaultdict(int)
    unstated, has_unstated = 0, False
    for document in documents:
        for split in document.vat or ():
            net[split.rate] += split.net.minor
            vat[split.rate] += split.vat.minor
        if document.vat is None:
            unstated, has_unstated = unstated + document.total.minor, True
    found = [
        RateTotal(
            rate.normalize(),
            Money(net[rate], currency),
            Money(vat[rate], currency),
            Money(net[rate] + vat[rate], currency),
        )
        for rate in sorted(net, reverse=True)
    ]
    if has_unstated:
        found.append(RateTotal(None, None, None, Money(unstated, currency)))
    return tuple(found)
