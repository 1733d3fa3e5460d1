"""What a seller has to say of itself on an invoice, and whether it fits together.

Without name, address and SIRET no invoice is issued; the other mentions are wanted by the law
(Code de commerce, art. R123-237 and R123-238) of companies that have them.
"""

import re
from decimal import Decimal

from stakactl.domain.invoicing import Company

#: Who trades in the own name or is no trading company has no share capital.
_WITHOUT_CAPITAL = (
    "ei eirl entreprise individuelle micro-entreprise micro micro-entrepreneur "
    "auto-entrepreneur autoentrepreneur association loi snc gie fondation"
).split()
#: Associations and foundations are in no trade register, craftsmen and professions need not be.
_WITHOUT_RCS = tuple(set(_WITHOUT_CAPITAL) - {"snc", "gie"})


def has_capital(legal_form: str) -> bool:
    """Whether a seller of this form has a share capital to name."""
    return not _begins_with(legal_form, _WITHOUT_CAPITAL)


def is_registered(legal_form: str) -> bool:
    """Whether a seller of this form must be in the trade register (RCS)."""
    return not _begins_with(legal_form, _WITHOUT_RCS)


def _begins_with(legal_form: str, words: tuple[str, ...] | list[str]) -> bool:
    first = re.split(r"[\s,(]", legal_form.strip().lower().replace(".", ""), maxsplit=1)[0]
    return first in words


def rcs_fits(company: Company) -> bool:
    """Whether the number in the register entry, where it has one, is the SIREN."""
    digits = re.sub(r"\D", "", company.rcs)
    return not company.siren or len(digits) != len(company.siren) or digits == company.siren


def is_french(company: Company) -> bool:
    return company.address.country.upper() == "FR"


#: Rates in force in France, Corsica and overseas included (CGI art. 278 to 281 nonies, 296, 297).
PRESENT_RATES = frozenset(Decimal(rate) for rate in "20 10 5.5 2.1 0.9 13 8.5 1.75 1.05 0".split())
