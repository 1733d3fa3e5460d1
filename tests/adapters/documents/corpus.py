"""A varied corpus of invoices, the same in every run: each case that the law or Stripe knows."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from stakactl.domain.invoicing import Company, InvoiceSnapshot
from stakactl.domain.orders import Customer, Nature, OrderLine
from tests.adapters.documents.invoice_samples import (
    CARD,
    FRENCH_SHOP,
    PUBLISHER,
    READER,
    SELLER,
    apart,
    invoice,
    line,
)

SMALL_SELLER = replace(SELLER, vat_number="")
NAMES = (
    "Łukasz Wiśniewski",
    "<script>&amp;</script> ]]>",
    "x\x00\x07\x1b\u202e\u200f y",
    "王小明 😀",
    "Ελένη Παπαδοπούλου",
    "W" * 300,
    " \t\n ",
    "O’Connor \"Ann\" 'Q' \\ (1) %d {0}",
)
RATES = ("20", "10", "5.5", "2.1", "8.5", "0")
CURRENCIES = ("eur", "eur", "eur", "jpy", "usd", "chf", "xof", "kwd", "isk")
#: What Stripe's amounts of these currencies are multiples of.
STEPS = {"kwd": 10, "isk": 100}
METHODS = ("card", "sepa_debit", "customer_balance", "paypal", "some_new_method")


def corpus(count: int) -> list[InvoiceSnapshot]:
    return list(islice(_invoices(random.Random(2026)), count))


def _invoices(chance: random.Random) -> Iterator[InvoiceSnapshot]:
    number = 0
    while True:
        for seller, buyer, untaxed in (
            (SELLER, READER, False),
            (SELLER, FRENCH_SHOP, False),
            (SELLER, PUBLISHER, True),
            (SMALL_SELLER, READER, True),
            (SMALL_SELLER, FRENCH_SHOP, True),
        ):
            number += 1
            yield _invoice(chance, number, seller, buyer, untaxed)


def _invoice(
    chance: random.Random, number: int, seller: Company, buyer: Customer, untaxed: bool
) -> InvoiceSnapshot:
    # French businesses are billed in euros where there is VAT: `draft` blocks anything else.
    currency = "eur" if buyer is FRENCH_SHOP and not untaxed else chance.choice(CURRENCIES)
    payment = replace(CARD, method=chance.choice(METHODS)) if chance.random() < 0.8 else None
    snapshot = invoice(
        _lines(chance, untaxed, currency),
        buyer=replace(
            buyer,
            name=chance.choice(NAMES),
            locale=chance.choice(("fr", "en")),
        ),
        seller=seller,
        nature=chance.choice(list(Nature)),
        payment=payment,
        specimen=chance.random() < 0.2,
        supplied_on=date(2026, 11, chance.randint(1, 12)),
    )
    numbered = replace(snapshot, number=f"FACT-2026-{number:06}")
    return apart(numbered) if payment is None or chance.random() < 0.2 else numbered


def _lines(chance: random.Random, untaxed: bool, currency: str) -> list[OrderLine]:
    """1 to 60 positions, titles of up to 500 characters, and now and then a discount."""
    rates = ["0"] if untaxed else chance.sample(RATES, chance.randint(1, 3))
    step = STEPS.get(currency, 1)
    lines = [
        line(
            _title(chance),
            (chance.choice((1, 99, 1290, 46800, 1234567)) + chance.randint(0, 50)) * step,
            chance.choice(rates),
            chance.choice((1, 1, 2, 3, 7, 120)),
            currency,
        )
        for _ in range(chance.choice((1, 2, 3, 5, 12, 60)))
    ]
    if chance.random() < 0.4:
        discount = -min(lines[0].amount.minor, chance.randint(1, 500) * step)
        lines.append(line("Remise", discount, str(lines[0].vat_rate), 1, currency))
    return lines


def _title(chance: random.Random) -> str:
    words = "Relecture du manuscrit « Les Heures claires », chapitre"
    return chance.choice(
        (words, f"{words} {chance.choice(NAMES)}", (words + " ") * 9, "T" * 500, "é", "\x00")
    )
