"""Which sentences the law wants at the foot of an invoice.

The sentences themselves are dated data (stakactl/data/legal_mentions.toml), because the law
changes them: an invoice carries the wording in force on its day of issue. This module only
decides which of them apply.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from stakactl.domain.invoicing import Company, InvoiceSnapshot
from stakactl.domain.orders import Customer, Nature

#: Where reverse charge and intra-Community supplies exist (ISO 3166), France left out.
EU_ABROAD = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()
)

#: Subject codes (BT-21) of the three sentences between businesses, in their printed order.
BUSINESS_CODES = ("PMD", "PMT", "AAB")


class Clause(StrEnum):
    """A sentence, by its key in the data file."""

    FRANCHISE = "franchise"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_EU_GOODS = "intra_eu_goods"
    ZERO_RATED = "zero_rated"
    VAT_ON_DEBITS = "vat_on_debits"
    LATE_PENALTIES = "late_penalties"
    RECOVERY_INDEMNITY = "recovery_indemnity"
    NO_EARLY_DISCOUNT = "no_early_discount"
    FORMAL_NOTICE = "formal_notice"
    IDENTITY_CAPITAL = "identity_capital"
    IDENTITY_RCS = "identity_rcs"
    IDENTITY_SIRET = "identity_siret"
    IDENTITY_VAT = "identity_vat"


@dataclass(frozen=True, slots=True)
class LegalText:
    """One wording of a clause, in force from `valid_from` until the next one of its clause."""

    clause: Clause
    valid_from: date
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class LegalTexts:
    """All wordings of all clauses."""

    entries: tuple[LegalText, ...]

    def sentence(self, clause: Clause, locale: str, on: date) -> str:
        """The wording in force; LookupError for a day before the first one."""
        in_force = [
            entry for entry in self.entries if entry.clause is clause and entry.valid_from <= on
        ]
        if not in_force:
            raise LookupError(f"no wording of {clause} is in force on {on}")
        latest = max(in_force, key=lambda entry: entry.valid_from)
        return latest.en if locale.lower().startswith("en") else latest.fr


def legal_mentions(
    texts: LegalTexts,
    *,
    company: Company,
    buyer: Customer,
    vat_rates: Collection[Decimal],
    locale: str,
    issued_on: date,
    nature: Nature = Nature.SERVICES,
    vat_on_debits: bool = False,
) -> tuple[str, ...]:
    """The sentences of one invoice in the order they are printed; the seller's identity is last.

    `vat_rates` are the percentages on the invoice. A consumer's invoice leaves out the late
    penalties, the indemnity and the discount (C. com. L441-9 and D441-5 bind businesses only).
    """
    clauses = []
    if any(rate == 0 for rate in vat_rates):
        clauses.extend(why_no_vat(company, buyer, nature))
    if vat_on_debits and any(rate != 0 for rate in vat_rates):
        clauses.append(Clause.VAT_ON_DEBITS)
    if buyer.is_business:
        clauses += [
            Clause.LATE_PENALTIES,
            Clause.RECOVERY_INDEMNITY,
            Clause.NO_EARLY_DISCOUNT,
        ]
    sentences = [texts.sentence(clause, locale, issued_on) for clause in clauses]
    return (*sentences, _identity(texts, company, locale, issued_on))


def coded_mentions(snapshot: InvoiceSnapshot) -> Iterator[tuple[str, str]]:
    """The frozen sentences with their code in the French CTC rules, empty where they have none.

    A business's invoice has the penalties (PMD), the indemnity (PMT) and the discount (AAB) right
    before the seller's identity: the order that `legal_mentions` gives them.
    """
    mentions = snapshot.legal_mentions
    codes = [""] * len(mentions)
    if snapshot.buyer.is_business and len(mentions) > len(BUSINESS_CODES):
        codes[-1 - len(BUSINESS_CODES) : -1] = BUSINESS_CODES
    yield from zip(mentions, codes, strict=True)


def why_no_vat(company: Company, buyer: Customer, nature: Nature) -> list[Clause]:
    """Why a line carries no VAT.

    A seller without a VAT number is in the franchise (art. 293 B). A business with a VAT number
    in another member state owes the tax itself. Any other case is only said to be untaxed:
    which exemption it is, nobody told us (annexe II CGI 242 nonies A I 12° allows that).
    """
    if not company.vat_number:
        return [Clause.FRANCHISE]
    if not (buyer.vat_number and buyer.address.country.upper() in EU_ABROAD):
        return [Clause.ZERO_RATED]
    clauses = []
    if nature is not Nature.GOODS:
        clauses.append(Clause.REVERSE_CHARGE)
    if nature is not Nature.SERVICES:
        clauses.append(Clause.INTRA_EU_GOODS)
    return clauses


def _identity(texts: LegalTexts, company: Company, locale: str, on: date) -> str:
    """ "Name, SAS au capital de 10 000 € – RCS Paris … – SIRET … – TVA …", as far as known."""

    def piece(clause: Clause, **values: str) -> str:
        return texts.sentence(clause, locale, on).format(**values)

    who = company.name
    if company.legal_form:
        who = f"{who}, {company.legal_form}"
    if company.capital:
        who = f"{who} {piece(Clause.IDENTITY_CAPITAL, capital=company.capital)}"
    pieces = [who]
    if company.rcs:
        rcs = company.rcs[3:].lstrip() if company.rcs[:4].upper() == "RCS " else company.rcs
        pieces.append(piece(Clause.IDENTITY_RCS, rcs=rcs))
    if company.siret:
        pieces.append(piece(Clause.IDENTITY_SIRET, siret=company.siret))
    if company.vat_number:
        pieces.append(piece(Clause.IDENTITY_VAT, vat_number=company.vat_number))
    return " – ".join(pieces)
