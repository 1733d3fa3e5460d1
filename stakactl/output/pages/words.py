"""The words of the pages in French and English, and how their days and shares are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stakactl.domain.money import Money, exponent
from stakactl.domain.revenue import Grain
from stakactl.output.formats import People
from stakactl.output.pages import words_of_people
from stakactl.output.pages.language import Language
from stakactl.output.pages.marks import HARD, MINUS, THIN
from stakactl.output.text import clean

if TYPE_CHECKING:
    from babel import Locale


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says things; `texts` by what they mean."""

    language: Language
    zone: str
    texts: Mapping[str, str]

    def __getitem__(self, meaning: str) -> str:
        return self.texts[meaning]

    def amount(self, minor: int, currency: str) -> str:
        return self._signed(self._people.money(Money(minor, currency)))

    def axis(self, minor: int, currency: str) -> str:
        """Without cents where there are none: the axis has little room."""
        places = 10 ** exponent(currency)
        if minor % places:
            return self.amount(minor, currency)
        return self._signed(self._people.number(minor // places))

    def number(self, value: int) -> str:
        return self._signed(self._people.number(value))

    def percent(self, value: Decimal, *, signed: bool = False) -> str:
        """One decimal, so that a column of them lines up."""
        from babel.numbers import format_decimal

        text = format_decimal(value, "#,##0.0", locale=_locale(self.language))
        number = self._signed(text)
        plus = "+" if signed and value > 0 else ""
        return f"{plus}{number}{HARD if self.language is Language.FR else ''}%"

    def day(self, day: date) -> str:
        """1er novembre 2026, 12 November 2026."""
        text = _dated(day, "d MMMM y", self.language)
        first = self.language is Language.FR and day.day == 1
        return (f"1er{text[1:]}" if first else text).replace(" ", HARD)

    def moment(self, moment: datetime) -> str:
        local = moment.astimezone(ZoneInfo(self.zone))
        return f"{self.day(local.date())} {self['at']} {local:%H:%M} ({self.zone})"

    def span(self, since: date, until: date) -> str:
        if since == until:
            return self.day(since)
        return self["from_to"].format(self.day(since), self.day(until))

    def period(self, start: date, end: date, grain: Grain) -> str:
        """What a row of the table is headed with."""
        if grain is Grain.MONTH and (end - start).days > 26:
            return _dated(start, "LLLL y", self.language)
        last = _dated(end, "d MMM y", self.language)
        if start == end:
            return last
        same = "d" if start.month == end.month else "d MMM"
        shape = same if start.year == end.year else "d MMM y"
        return f"{_dated(start, shape, self.language)} – {last}"

    def short(self, start: date, grain: Grain) -> str:
        """What stands under a bar."""
        shape = "LLL yy" if grain is Grain.MONTH else "d MMM"
        return _dated(start, shape, self.language)

    def country(self, code: str) -> str:
        """The name of an ISO 3166 country; the code itself when it is unknown."""
        return str(_locale(self.language).territories.get(code.upper(), clean(code)))

    @property
    def _people(self) -> People:
        return People(self.language, self.zone)

    @staticmethod
    def _signed(text: str) -> str:
        return text.replace("-", MINUS)


def words(language: Language, zone: str) -> Words:
    return Words(language, zone, FRENCH if language is Language.FR else ENGLISH)


def _dated(day: date, shape: str, language: Language) -> str:
    from babel.dates import format_date

    return format_date(day, shape, locale=_locale(language))


@cache
def _locale(language: Language) -> "Locale":
    from babel import Locale

    return Locale("fr", "FR") if language is Language.FR else Locale("en", "GB")


FRENCH: Mapping[str, str] = {
    **words_of_people.FRENCH,
    "title": "Recettes",
    "night": "Rapport de la nuit",
    "from_to": "du {} au {}",
    "at": "à",
    "made": "Établi le",
    "against": "Comparé à la période",
    "nothing": "Aucun mouvement de solde sur cette période.",
    "demo": "Données de démonstration",
    "test": "Mode test de Stripe",
    "by_day": "Par jour",
    "by_week": "Par semaine",
    "by_month": "Par mois",
    "net_by_day": "Net par jour",
    "net_by_week": "Net par semaine",
    "net_by_month": "Net par mois",
    "period": "Période",
    "payments": "Paiements",
    "gross": "Encaissé",
    "refunds": "Remboursements",
    "disputes": "Litiges",
    "fees": "Frais",
    "net": "Net",
    "vat": "TVA",
    "without_vat": "Net hors TVA",
    "vat_unknown": "TVA inconnue sur",
    "total": "Total",
    "share": "Part",
    "before": "avant",
    "country": "Pays",
    "city": "Villes",
    "product": "Produits",
    "level": "Niveaux",
    "name_country": "Pays",
    "name_city": "Ville",
    "name_product": "Produit",
    "name_level": "Niveau",
    "goods": "biens",
    "services": "services",
    "mixed": "biens et services",
    "others": f"{{}}{HARD}autres",
    "one_other": f"1{HARD}autre",
    "unknown": "Non connu",
    "tie": "Rattachement aux mouvements de solde",
    "other": "Autres mouvements",
    "payouts": "Virements",
    "explained": "Expliqué par ces chiffres",
    "transactions": "Somme des mouvements de solde",
    "residual": "Écart",
    "tied": f"L’écart est nul{THIN}: chaque mouvement est compté une fois.",
    "untied": f"L’écart n’est pas nul{THIN}: ces chiffres ne sont pas fiables.",
    "vat_note": (
        "La TVA est celle des ventes moins celle des remboursements, d’après la facture, sinon "
        "d’après le taux de la commande ou la taxe calculée par Stripe. Un litige n’en retire pas."
    ),
    "unknown_note": (
        "Là où aucun taux n’est indiqué, la TVA n’est pas devinée : le montant est mis à part."
    ).replace(" :", f"{HARD}:"),
    "outcome": "Résultat",
    "orders": "Commandes comparées",
    "repaired": "Réparées",
    "remaining": "Anomalies restantes",
    "invoices": "Factures émises",
    "mails": "Courriels envoyés",
    "ok": "tout est en ordre",
    "pending": "en ordre, des paiements sont en cours",
    "findings": "des anomalies demandent une décision",
    "incomplete": "incomplet",
    "partial": "partiel",
    "refused": "refusé",
}

ENGLISH: Mapping[str, str] = {
    **words_of_people.ENGLISH,
    "title": "Revenue",
    "night": "Report of the night",
    "from_to": "{} to {}",
    "at": "at",
    "made": "Made on",
    "against": "Compared with",
    "nothing": "No balance transactions in this period.",
    "demo": "Demo data",
    "test": "Stripe's test mode",
    "by_day": "By day",
    "by_week": "By week",
    "by_month": "By month",
    "net_by_day": "Net by day",
    "net_by_week": "Net by week",
    "net_by_month": "Net by month",
    "period": "Period",
    "payments": "Payments",
    "gross": "Gross",
    "refunds": "Refunds",
    "disputes": "Disputes",
    "fees": "Fees",
    "net": "Net",
    "vat": "VAT",
    "without_vat": "Net without VAT",
    "vat_unknown": "VAT unknown on",
    "total": "Total",
    "share": "Share",
    "before": "before",
    "country": "Countries",
    "city": "Cities",
    "product": "Products",
    "level": "Levels",
    "name_country": "Country",
    "name_city": "City",
    "name_product": "Product",
    "name_level": "Level",
    "goods": "goods",
    "services": "services",
    "mixed": "goods and services",
    "others": "{} others",
    "one_other": "1 other",
    "unknown": "Not known",
    "tie": "Tied to the balance transactions",
    "other": "Other movements",
    "payouts": "Payouts",
    "explained": "Explained by these figures",
    "transactions": "Sum of the balance transactions",
    "residual": "Residual",
    "tied": "The residual is zero: every movement is counted once.",
    "untied": "The residual is not zero: these figures cannot be relied on.",
    "vat_note": (
        "VAT is that of the sales less that of the refunds, as the invoice states it, else the "
        "order's rate or the tax that Stripe computed. A dispute takes none back."
    ),
    "unknown_note": "Where no rate is stated, VAT is not guessed: the amount is set apart.",
    "outcome": "Outcome",
    "orders": "Orders compared",
    "repaired": "Repaired",
    "remaining": "Findings that remain",
    "invoices": "Invoices issued",
    "mails": "E-mails sent",
    "ok": "all is in order",
    "pending": "in order, payments are under way",
    "findings": "findings ask for a decision",
    "incomplete": "incomplete",
    "partial": "partial",
    "refused": "refused",
}
