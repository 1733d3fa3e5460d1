"""An invoice as it was issued: parties, lines, VAT and legal sentences frozen for ever.

The snapshot is made once, in the transaction that takes the number; the PDF is rendered from
nothing else, so that the same snapshot gives the same page years later.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from stakactl.domain.invoice_status import NOTHING_HAPPENED, Moments
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.orders import Address, Customer, Nature, Order, OrderLine
from stakactl.domain.vat import VatBlocked, VatSplit, decide_rate, split_gross


@dataclass(frozen=True, slots=True)
class Company:
    """The seller, from the settings PDF_COMPANY_*."""

    name: str
    address: Address
    siret: str = ""
    vat_number: str = ""
    legal_form: str = ""
    capital: str = ""
    rcs: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""

    @property
    def siren(self) -> str:
        return self.siret[:9]


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """`unit_amount` and `amount` include VAT; `net` is the line's HT."""

    title: str
    quantity: int
    unit_amount: Money
    amount: Money
    net: Money
    vat_rate: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """How and when the invoice was paid; `method` is Stripe's word (card, sepa_debit …)."""

    paid_at: datetime
    method: str
    reference: str


@dataclass(frozen=True, slots=True)
class Credited:
    """The invoice that a credit note takes back, in whole or in part, and why."""

    number: str
    issued_on: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServicePeriod:
    """The civil days that a supply stretched over, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class InvoiceSnapshot:
    """Everything that stands on the page. `issued_on` and `supplied_on` are Paris civil dates.

    It is about an order, or about what `reference` names where `order_id` is empty. `due_on` is
    the last day to pay it, None where nothing was left to be paid or no day was agreed on. With
    `credited` it is a credit note; its amounts are positive and are taken back.
    """

    number: str
    issued_on: date
    supplied_on: date
    order_id: str
    seller: Company
    buyer: Customer
    nature: Nature
    lines: tuple[InvoiceLine, ...]
    vat: tuple[VatSplit, ...]
    total_net: Money
    total_vat: Money
    total: Money
    payment: Payment | None
    legal_mentions: tuple[str, ...]
    locale: str
    specimen: bool
    credited: Credited | None = None
    reference: str = ""
    period: ServicePeriod | None = None
    due_on: date | None = None


class PdfStatus(StrEnum):
    """Where the PDF is: nowhere yet, in the home waiting for the store, or stored."""

    RESERVED = "reserved"
    RENDERED = "rendered"
    STORED = "stored"


@dataclass(frozen=True, slots=True)
class Invoice:
    """An issued invoice or credit note: its frozen content and where its PDF is.

    `sha256` is of the PDF; `credits_id` is the invoice that a credit note is about. `order_id` is
    empty where it belongs to no order. `by_mail`: the customer gets it by mail once it is stored.
    """

    invoice_id: str
    number: str
    series: str
    order_id: str
    customer_id: str
    issued_at: datetime
    snapshot: InvoiceSnapshot
    pdf_status: PdfStatus
    object_key: str
    sha256: str | None
    run_id: str
    moments: Moments = NOTHING_HAPPENED
    credits_id: str | None = None
    by_mail: bool = True

    @property
    def is_credit_note(self) -> bool:
        return self.credits_id is not None

    @property
    def reference(self) -> str:
        return self.snapshot.reference

    @property
    def subject(self) -> str:
        """The order, or the reference of an invoice without one, as a person would name it."""
        return self.order_id or self.snapshot.reference

    @property
    def total(self) -> Money:
        return self.snapshot.total


@dataclass(frozen=True, slots=True)
class Draft:
    """What an order or a list of lines becomes on an invoice, before it has a number."""

    lines: tuple[InvoiceLine, ...]
    vat: tuple[VatSplit, ...]


def order_lines(order: Order) -> tuple[OrderLine, ...]:
    """The order's lines, or one line of its title where it has none."""
    return order.lines or (OrderLine(order.title, 1, order.amount, order.vat_rate),)


def draft(
    order: Order, *, country: str, default_rate: Decimal | None, stripe_tax_minor: int | None
) -> Draft | VatBlocked:
    """Split the order into lines and VAT groups, or say why that cannot be done."""
    lines = order_lines(order)
    total = Money.total((line.amount for line in lines), order.amount.currency)
    if total != order.amount:
        return VatBlocked(
            f"the lines sum to {total}, the order is {order.amount}",
            "correct the lines of the order and import it again",
        )
    result = draft_lines(
        lines,
        stated=order.vat_rate,
        country=country,
        is_business=order.customer.is_business,
        default_rate=default_rate,
        stripe_tax_minor=stripe_tax_minor,
    )
    if isinstance(result, VatBlocked):
        return result
    _, vat, _ = totals(result.vat)
    # Stripe rounds per line, we round per rate: a unit per line may lie between the two.
    tolerance = len(lines) * smallest_step(vat.currency)
    if stripe_tax_minor and abs(vat.minor - stripe_tax_minor) > tolerance:
        return VatBlocked(
            f"Stripe took {Money(stripe_tax_minor, vat.currency)} of VAT, our rates make it {vat}",
            "import the order again with the vat_rate that was charged, or correct Stripe's tax",
        )
    return result


def draft_lines(
    lines: tuple[OrderLine, ...],
    *,
    stated: Decimal | None = None,
    country: str,
    is_business: bool,
    default_rate: Decimal | None,
    stripe_tax_minor: int | None = None,
) -> Draft | VatBlocked:
    """Split lines, at least one, at their own rate or else the `stated` one.

    VAT is rounded once per rate group; each line's HT is what its share leaves, so that the
    lines of a group sum to the group exactly. VAT that somebody deducts in France must be said in
    euros at the rate of its day (art. 289 IV and 266, 1 bis CGI): rates are not guessed either.
    """
    step = smallest_step(lines[0].amount.currency)
    odd = next((line.amount for line in lines if line.amount.minor % step), None)
    if odd is not None:
        return VatBlocked(
            f"{odd} has three decimals, an electronic invoice two (Stripe charges no thousandths)",
            "correct the amounts of the order and import it again",
        )
    rated: list[tuple[OrderLine, Decimal]] = []
    for line in lines:
        rate = decide_rate(
            stated=line.vat_rate if line.vat_rate is not None else stated,
            country=country,
            default=default_rate,
            stripe_tax_minor=stripe_tax_minor,
        )
        if isinstance(rate, VatBlocked):
            return rate
        rated.append((line, rate))
    groups = _vat_groups(rated)
    _, vat, _ = totals(groups)
    if vat and vat.currency != "eur" and country == "FR" and is_business:
        return VatBlocked(
            f"a French business must read its VAT in euros, and {vat} has no exchange rate here",
            "charge French businesses in EUR; this invoice is for your accountant to issue",
        )
    return Draft(_invoice_lines(rated, groups), groups)


def _vat_groups(rated: list[tuple[OrderLine, Decimal]]) -> tuple[VatSplit, ...]:
    gross: dict[Decimal, Money] = {}
    for line, rate in rated:
        gross[rate] = gross.get(rate, Money.zero(line.amount.currency)) + line.amount
    return tuple(split_gross(gross[rate], rate) for rate in sorted(gross, reverse=True))


def _invoice_lines(
    rated: list[tuple[OrderLine, Decimal]], groups: tuple[VatSplit, ...]
) -> tuple[InvoiceLine, ...]:
    """Lines with their HT; the last line of a group takes what rounding left over."""
    left = {group.rate: group.net for group in groups}
    count = {group.rate: sum(rate == group.rate for _, rate in rated) for group in groups}
    result = []
    for line, rate in rated:
        count[rate] -= 1
        net = left[rate] if count[rate] == 0 else split_gross(line.amount, rate).net
        left[rate] -= net
        result.append(
            InvoiceLine(line.title, line.quantity, line.unit_amount, line.amount, net, rate)
        )
    return tuple(result)


def totals(groups: tuple[VatSplit, ...]) -> tuple[Money, Money, Money]:
    """HT, VAT and TTC over all rate groups."""
    currency = groups[0].net.currency
    net = Money.total((group.net for group in groups), currency)
    vat = Money.total((group.vat for group in groups), currency)
    return net, vat, net + vat


def object_key(customer_id: str, invoice_id: str, number: str) -> str:
    """Where the PDF is stored; made of our own ids only, never of customers' text."""
    return f"invoices/{customer_id}/{invoice_id}_{number.replace('/', '-')}.pdf"
