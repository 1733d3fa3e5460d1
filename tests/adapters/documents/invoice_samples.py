"""Invoices to draw: frozen snapshots made as the operations make them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from stakactl.adapters.documents.legal_texts import load_legal_texts
from stakactl.domain.invoicing import (
    Company,
    Draft,
    InvoiceSnapshot,
    Payment,
    ServicePeriod,
    draft,
    totals,
)
from stakactl.domain.legal import legal_mentions
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature, Order, OrderLine, OrderStatus

SELLER = Company(
    name="Staka Éditions",
    address=Address("12 rue des Martyrs", "Bâtiment B", "75009", "Paris", "FR"),
    siret="91234567800019",
    vat_number="FR32912345678",
    legal_form="SAS",
    capital="10 000 €",
    rcs="Paris 912 345 678",
    email="facturation@staka.example",
    phone="+33 1 23 45 67 89",
    website="staka.example",
)
READER = Customer(
    email="lukasz.wisniewski@example.org",
    name="Łukasz Wiśniewski",
    address=Address("8 quai de la Fosse", "", "44000", "Nantes", "FR"),
)
PUBLISHER = Customer(
    email="accounts@oconnor.example",
    name="Siobhán O’Connor",
    company="O’Connor & Daughters Publishing Ltd",
    vat_number="IE6388047V",
    address=Address("14 Merrion Square", "", "D02 XY45", "Dublin", "IE"),
    locale="en",
)
FRENCH_SHOP = Customer(
    email="compta@librairie.example",
    name="Aïcha Benali",
    company="Librairie des Abbesses",
    siren="552100554",
    vat_number="FR40552100554",
    address=Address("3 rue Yvonne-le-Tac", "", "75018", "Paris", "FR"),
)
CARD = Payment(datetime(2026, 11, 11, 23, 30, tzinfo=UTC), "card", "pi_3QK9sZ2eZvKYlo2C1a7bX0Yd")
NARROW, NO_BREAK = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


def line(
    title: str, minor: int, rate: str = "20", quantity: int = 1, currency: str = "eur"
) -> OrderLine:
    return OrderLine(title, quantity, Money(minor, currency), Decimal(rate))


def invoice(
    lines: Sequence[OrderLine],
    buyer: Customer = READER,
    seller: Company = SELLER,
    nature: Nature = Nature.SERVICES,
    payment: Payment | None = CARD,
    specimen: bool = False,
    supplied_on: date = date(2026, 11, 12),
) -> InvoiceSnapshot:
    """The snapshot of an order of `lines`, split and worded by the domain."""
    currency = lines[0].unit_amount.currency
    order = Order(
        order_id="cmd_clx4k2f9a0001",
        created_at=CARD.paid_at,
        status=OrderStatus.PAID,
        amount=Money.total((each.amount for each in lines), currency),
        title=lines[0].title,
        customer=buyer,
        lines=tuple(lines),
    )
    split = draft(order, country=buyer.address.country, default_rate=None, stripe_tax_minor=None)
    assert isinstance(split, Draft), split
    net, vat, total = totals(split.vat)
    issued_on = date(2026, 11, 12)
    return InvoiceSnapshot(
        number="FACT-2026-000123",
        issued_on=issued_on,
        supplied_on=supplied_on,
        order_id=order.order_id,
        seller=seller,
        buyer=buyer,
        nature=nature,
        lines=split.lines,
        vat=split.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=payment,
        legal_mentions=legal_mentions(
            load_legal_texts(),
            company=seller,
            buyer=buyer,
            vat_rates={group.rate for group in split.vat},
            locale=buyer.locale,
            issued_on=issued_on,
            nature=nature,
        ),
        locale=buyer.locale,
        specimen=specimen,
    )


def apart(snapshot: InvoiceSnapshot) -> InvoiceSnapshot:
    """The same of no order, for a month, and to be paid within 30 days where it is not paid."""
    due_on = None if snapshot.payment else snapshot.issued_on + timedelta(days=30)
    period = ServicePeriod(date(2026, 10, 1), date(2026, 10, 31))
    return replace(snapshot, order_id="", reference="QUOTE-17", period=period, due_on=due_on)


def two_rates() -> InvoiceSnapshot:
    """Five lines, two rates, a discount, more than one piece: the usual French invoice."""
    return invoice(
        [
            line("Correction éditoriale – « Les Heures claires », 320 pages", 46800),
            line("Mise en page intérieure et couverture", 39000),
            line("Exemplaires imprimés, format 14 × 21 cm, papier bouffant", 1290, "5.5", 120),
            line("Livre numérique (EPUB et PDF)", 1000, "5.5", 3),
            line("Remise de bienvenue", -2500),
        ],
        nature=Nature.MIXED,
        supplied_on=date(2026, 11, 1),
    )


def reverse_charge() -> InvoiceSnapshot:
    """A business in Ireland, in English, no VAT."""
    return invoice(
        [
            line("Translation of the novel “The Clear Hours”, 98,000 words", 1234567, "0"),
            line("Proofreading, second pass", 48000, "0", 2),
        ],
        buyer=PUBLISHER,
    )


def in_currency(currency: str, minor: int) -> InvoiceSnapshot:
    return invoice(
        [line("Abonnement annuel, formule Studio", minor, "20", 2, currency)],
    )


def sixty_lines() -> InvoiceSnapshot:
    return invoice(
        [
            line(f"Séance {n} du suivi littéraire", 4990 + n, "20" if n % 3 else "5.5", 1 + n % 4)
            for n in range(1, 61)
        ]
    )
