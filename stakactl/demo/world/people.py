"""The buyers: realistic enough to lay out a letter, and obviously nobody.

Addresses end in example domains, SIREN begin with 000 (never given out) and pass Luhn's test.
`ODD_NAMES` are those that break software which takes names for plain ASCII or for markup.
"""

import random
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    name: str
    email: str
    country: str
    locale: str
    line1: str
    postal_code: str
    city: str
    company: str = ""
    siren: str = ""
    vat_number: str = ""

    @property
    def customer_id(self) -> str:
        return f"USR-{self.number:05d}"


@dataclass(frozen=True, slots=True)
class Country:
    """`share` of 50 orders; what its people are called and where they live."""

    share: int
    currency: str
    locale: str
    first: tuple[str, ...]
    last: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    companies: tuple[str, ...] = ()


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COUNTRIES: dict[str, Country] = {
    "FR": Country(
        41,
        "eur",
        "fr",
        words("Camille Léa Hugo Chloé Zoé Noël François Anaïs Gaël Jean-Baptiste Margaux Aurélie"),
        words("Martin Lefèvre d'Ormesson Béranger Le_Goff Château L'Hôte Nuñez Müller Gonçalves"),
        (
            ("75011", "Paris"),
            ("69003", "Lyon"),
            ("13001", "Marseille"),
            ("62000", "Arras"),
            ("29200", "Brest"),
            ("67000", "Strasbourg"),
            ("97400", "Saint-Denis"),
            ("95810", "Épiais-Rhus"),
        ),
        ("{} rue des Écoles-Fictives", "{} bis impasse de l'Exemple", "{} allée du Modèle"),
        (
            "Éditions de l'Exemple",
            "Atelier Fictif & Fils",
            "Bibliothèque de Nulle-Part",
            "Œuvres et Cie",
        ),
    ),
    "BE": Country(
        2,
        "eur",
        "fr",
        words("Maëlle Thijs Élise Wout"),
        words("Peeters Dubois Claes Lejeune"),
        (("1000", "Bruxelles"), ("4000", "Liège")),
        ("Rue du Spécimen {}",),
        ("Librairie Spécimen SRL",),
    ),
    "DE": Country(
        2,
        "eur",
        "en",
        words("Jürgen Käthe Björn Sönke"),
        words("Groß Schäfer Vogt Weiß"),
        (("10115", "Berlin"), ("80331", "München")),
        ("Musterstraße {}",),
        ("Muster & Söhne GmbH",),
    ),
    "CH": Country(
        1,
        "chf",
        "fr",
        words("Luc Régine"),
        words("Rochat Favre"),
        (("1201", "Genève"),),
        ("{} chemin de l'Échantillon",),
    ),
    "US": Country(
        2,
        "usd",
        "en",
        words("Casey Jordan Zoë Shaun"),
        words("O'Neil Smith-Jones Doe"),
        (("10001", "New York, NY"),),
        ("{} Example Avenue",),
    ),
    "JP": Country(
        1,
        "jpy",
        "en",
        words("Yūko Shōta Hana"),
        words("Ōtani Rei Itō"),
        (("100-0001", "Tōkyō"),),
        ("{}-1 Mihon-chō",),
    ),
    "KW": Country(
        1,
        "kwd",
        "en",
        words("Fātima Yūsuf"),
        words("Al-Mithāl An-Namūdhaj"),
        (("13001", "Kuwait City"),),
        ("Block {}, Sample Street",),
    ),
}

ODD_NAMES = (
    "Łukasz Żółć",
    "Renée <b>Ampère</b> & [Fils]",
    "Françoise Œuvrard-L'Hermitte",
    "Şebnem Çağlar",
    "{{ Jinja }} %s Dupont",
    '=HYPERLINK("x") Durand',
    "Ștefan Țăndărică-Ðorđević",
)
_DOMAINS = ("example.com", "example.org", "courrier.example", "poste.example")
_ASCII = str.maketrans("ŁłĐđÐØøßŒœ", "LlDdDOosOo")
_COMPANY_SHARE = 0.15


def country_deck(rng: random.Random) -> list[str]:
    """Fifty countries in their shares, shuffled: dealt out, every fifty orders have them all."""
    deck = [code for code, country in COUNTRIES.items() for _ in range(country.share)]
    rng.shuffle(deck)
    return deck


def draw_person(rng: random.Random, number: int, code: str, odd: str | None = None) -> Person:
    """The `number`-th person, from a country; `odd` is a name from ODD_NAMES."""
    country = COUNTRIES[code]
    first, last = rng.choice(country.first), rng.choice(country.last).replace("_", " ")
    name = odd or f"{first} {last}"
    postal_code, city = rng.choice(country.towns)
    line1 = rng.choice(country.streets).format(rng.randint(1, 120))
    company = siren = vat = ""
    if rng.random() < _COMPANY_SHARE and country.companies and odd is None:
        company = rng.choice(country.companies)
        siren = fictional_siren(number) if code == "FR" else ""
        vat = vat_number(code, number)
    return Person(
        number,
        name,
        f"{slug(name)}.{number}@{rng.choice(_DOMAINS)}",
        code,
        country.locale,
        line1,
        postal_code,
        city,
        company,
        siren,
        vat,
    )


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_ASCII)).encode("ascii", "ignore").decode()
    letters = "".join(char if char.isalnum() else " " for char in plain.lower())
    return ".".join(letters.split())


def fictional_siren(number: int) -> str:
    base = f"000{number % 100_000:05d}"
    doubled = (int(digit) * (2 if i % 2 else 1) for i, digit in enumerate(base))
    return base + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def vat_number(code: str, number: int) -> str:
    """With the check digits of its country; empty where the table has no rule."""
    match code:
        case "FR":
            siren = fictional_siren(number)
            return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
        case "BE":
            base = number % 1_000_000
            return f"BE0{base:07d}{97 - base % 97:02d}"
        case "DE":
            digits, product = f"1{number % 10_000_000:07d}", 10
            for digit in digits:
                product = ((int(digit) + product) % 10 or 10) * 2 % 11
            return f"DE{digits}{(11 - product) % 10}"
        case _:
            return ""
