"""What the shop sells, at which VAT rate, and the carts people fill.

"Librairie Démo" in Paris sells books at the reduced rate and services to authors at the standard
rate; foreign orders carry the rates of their country, or none where Stripe computed the tax.
"""

import random
from dataclasses import dataclass, replace

from stakactl.demo.world.ids import Ids, Json


@dataclass(frozen=True, slots=True)
class Article:
    key: str
    french: str
    english: str
    cents: int  # in euro, VAT included
    is_book: bool
    level: str = ""


ARTICLES = (
    Article("roman", "Roman « Les Heures fictives »", "Novel “Les Heures fictives”", 2190, True),
    Article("poche", "Édition de poche", "Paperback edition", 890, True),
    Article("album", "Album jeunesse illustré", "Illustrated children's book", 1650, True),
    Article("essai", "Essai « L'Exemple »", "Essay “L'Exemple”", 1800, True),
    Article("ebook", "Livre numérique (EPUB)", "E-book (EPUB)", 999, True),
    Article("coffret", "Coffret trois volumes", "Three-volume box set", 5900, True),
    Article("correction", "Correction de manuscrit", "Proofreading", 46800, False, "Standard"),
    Article("maquette", "Maquette intérieure", "Interior layout", 32000, False, "Standard"),
    Article("couverture", "Création de couverture", "Cover design", 24900, False, "Premium"),
    Article("coaching", "Coaching d'écriture (1 h)", "Writing coaching (1 h)", 7500, False, "Solo"),
    Article("lecture", "Fiche de lecture détaillée", "Reader's report", 12000, False, "Simple"),
    Article("isbn", "Attribution d'ISBN et dépôt", "ISBN and legal deposit", 3900, False, "Simple"),
)
BOOKS = tuple(article for article in ARTICLES if article.is_book)
SERVICES = tuple(article for article in ARTICLES if not article.is_book)

#: Subscriptions by their interval; billed in euro only.
PLANS = {
    "month": Article("mensuel", "Cercle de lecture, mensuel", "Reading club, monthly", 400, False),
    "year": Article("annuel", "Cercle de lecture, annuel", "Reading club, yearly", 3000, False),
}

#: Rates of books and of services, in percent.
RATES: dict[str, tuple[str, str]] = {
    "FR": ("5.5", "20"),
    "BE": ("6", "21"),
    "DE": ("7", "19"),
    **dict.fromkeys(("CH", "US", "JP", "KW"), ("0", "0")),
}

#: currency → minor units per euro cent (as a fraction), and the step prices are rounded to.
PRICING: dict[str, tuple[int, int, int]] = {
    "eur": (1, 1, 1),
    "chf": (1, 1, 10),
    "usd": (11, 10, 10),
    "jpy": (163, 100, 10),
    "kwd": (335, 100, 10),
}


@dataclass(frozen=True, slots=True)
class CartLine:
    article: Article
    quantity: int
    unit_minor: int
    list_minor: int
    vat_rate: str

    @property
    def amount(self) -> int:
        return self.quantity * self.unit_minor


@dataclass(frozen=True, slots=True)
class Cart:
    """`states_rate` says whether the order carries VAT rates; `stripe_tax` that Stripe computed
    the tax (of zero) instead."""

    lines: tuple[CartLine, ...]
    currency: str
    locale: str
    states_rate: bool = True
    stripe_tax: bool = False

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def list_amount(self) -> int:
        return sum(line.quantity * line.list_minor for line in self.lines)

    @property
    def title(self) -> str:
        titles = [self.title_of(line) for line in self.lines]
        return " + ".join(titles[:2]) + (" …" if len(titles) > 2 else "")

    def title_of(self, line: CartLine) -> str:
        return line.article.french if self.locale == "fr" else line.article.english

    @property
    def nature(self) -> str:
        kinds = {line.article.is_book for line in self.lines}
        return "mixed" if len(kinds) > 1 else "goods" if True in kinds else "services"

    @property
    def level(self) -> str:
        return next((line.article.level for line in self.lines if line.article.level), "")

    def without_rate(self) -> "Cart":
        return replace(self, states_rate=False)

    def order_fields(self) -> Json:
        """The columns of the order: one rate for all, or lines with a rate each."""
        rates = {line.vat_rate for line in self.lines}
        fields: Json = {"nature": self.nature, "level": self.level}
        if self.states_rate and len(rates) == 1:
            fields["vat_rate"] = rates.pop()
        if len(self.lines) > 1 or self.lines[0].quantity > 1:
            fields["lines"] = [
                {
                    "title": self.title_of(line),
                    "quantity": line.quantity,
                    "unit_amount_minor": line.unit_minor,
                    **({"vat_rate": line.vat_rate} if self.states_rate else {}),
                }
                for line in self.lines
            ]
        return fields


def localised(cents: int, currency: str) -> int:
    numerator, denominator, step = PRICING[currency]
    return max(cents * numerator // denominator // step, 1) * step


def draw_cart(
    rng: random.Random, country: str, currency: str, locale: str, *, stripe_tax: bool = False
) -> Cart:
    """Books, services or both. `stripe_tax` allows carts whose tax Stripe computes."""
    kind = rng.choices(("books", "services", "mixed"), (45, 40, 15))[0]
    books = rng.sample(BOOKS, rng.choice((1, 1, 1, 2, 3)))
    service = rng.choice(SERVICES)
    copies = rng.choice((1, 1, 1, 2, 5))
    percent = rng.choice((5, 10, 20)) if rng.random() < 0.15 else 0
    silent = rng.random() < 0.5
    chosen = {"books": books, "services": [service], "mixed": [books[0], service]}[kind]
    step = PRICING[currency][2] if currency == "kwd" else 1  # Stripe: multiples of 10 fils
    lines = []
    for article in chosen:
        listed = localised(article.cents, currency)
        unit = listed * (100 - percent) // 100 // step * step
        quantity = copies if article is books[0] else 1
        rate = RATES[country][0 if article.is_book else 1]
        lines.append(CartLine(article, quantity, unit, listed, rate))
    export = stripe_tax and silent and RATES[country] == ("0", "0")
    default_rate = silent and kind == "services" and country == "FR"
    return Cart(tuple(lines), currency, locale, not (export or default_rate), export)


class Prices:
    """Ids of Stripe's products and prices: one product per article, one price per currency."""

    def __init__(self, ids: Ids) -> None:
        self.products = {article.key: ids.new("product") for article in ARTICLES}
        self.prices = {
            (article.key, currency): ids.new("price")
            for article in ARTICLES
            for currency in PRICING
        }
        self.plan_product = ids.new("product")
        for plan in PLANS.values():
            self.products[plan.key] = self.plan_product
            self.prices[plan.key, "eur"] = ids.new("price")
