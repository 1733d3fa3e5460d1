"""An invoice that a person asks for: of no order, about what a reference names.

Nothing here is guessed. What the law wants of the two parties must be known, a line's VAT rate is
stated or follows from the customer's country, and a period to pay stays within what the law allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from stakactl.domain.invoicing import Draft, InvoiceSnapshot, ServicePeriod, totals
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature, OrderLine

#: Between businesses, days after the invoice (C. com. L441-10 I).
LONGEST_TERM = 60
#: What may be said of a customer who is known; the ids are theirs.
_SAID = ("email", "name", "company", "siren", "vat_number", "locale", "address")
#: How an invoice can be paid outside of Stripe, or by card through it.
METHODS = ("card", "bank_transfer", "sepa_debit", "cheque", "cash", "paypal")


@dataclass(frozen=True, slots=True)
class PaidByHand:
    """`method` is one of METHODS."""

    on: date
    method: str


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """What is to be invoiced. Fields of the customer that are empty are taken from how the order
    `customer_of`, else the customer's newest order, knows them; the locale may be empty too.
    `due_days` None is the setting's."""

    reference: str
    lines: tuple[OrderLine, ...]
    customer: Customer
    customer_of: str = ""
    nature: Nature = Nature.SERVICES
    period: ServicePeriod | None = None
    paid: PaidByHand | None = None
    due_days: int | None = None

    @property
    def total(self) -> Money:
        return Money.total((line.amount for line in self.lines), self.lines[0].unit_amount.currency)


def completed(wanted: Customer, known: Customer) -> Customer:
    """`known`, with what `wanted` says else of them. An address is taken as a whole."""
    said = {name: getattr(wanted, name) for name in _SAID if getattr(wanted, name)}
    if wanted.address == Address():
        del said["address"]
    return replace(known, **said)


def gaps(customer: Customer, *, by_mail: bool) -> Iterator[str]:
    """What an invoice must say of its customer and is not known, as files of orders name it
    (CGI annexe II, art. 242 nonies A I 1° and 2°; décret 2022-1299)."""
    address = customer.address
    wanted = {
        "customer_name or customer_company": customer.name or customer.company,
        "address_line1": address.line1,
        "city": address.city,
        "country": address.country,
        "customer_siren": customer.siren or not (customer.is_business and address.country == "FR"),
        "customer_email": customer.email or not by_mail,
    }
    return (name for name, value in wanted.items() if not value)


def due_on(issued_on: date, days: int) -> date:
    """The last day to pay."""
    return issued_on + timedelta(days=days)


def is_term_too_long(customer: Customer, days: int) -> bool:
    return customer.is_business and days > LONGEST_TERM


def differences(issued: InvoiceSnapshot, wanted: InvoiceSnapshot) -> tuple[str, ...]:
    """In what an issued invoice is not the one that is wanted now; when that was asked for does
    not count."""
    compared = {
        "lines": lambda one: one.lines,
        "customer": lambda one: one.buyer,
        "period": lambda one: one.period,
        "nature": lambda one: one.nature,
        "payment": _payment,
    }
    return tuple(name for name, part in compared.items() if part(issued) != part(wanted))


def _payment(snapshot: InvoiceSnapshot) -> object:
    """How it was paid, or in how many days it is to be."""
    if snapshot.payment is not None:
        return snapshot.payment.method
    return None if snapshot.due_on is None else snapshot.due_on - snapshot.issued_on


def is_nothing_to_pay(content: Draft) -> bool:
    """Whether discounts leave nothing: that is no invoice."""
    return totals(content.vat)[2].minor <= 0
