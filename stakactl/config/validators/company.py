"""What the law knows a company and its invoices by."""

import re
from datetime import date
from decimal import Decimal

from stakactl.config.problems import Invalid, shown
from stakactl.domain.numbering import TEST_PREFIX, Series
from stakactl.domain.retention import YearEnd
from stakactl.domain.vat import FRENCH_RATES

_RATE = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*%?")
_LA_POSTE = "356000000"


def parse_text(value: str) -> str:
    """One line of text; line breaks become spaces, other control characters are refused."""
    text = " ".join(value.split())
    if not text.isprintable():
        raise Invalid("holds a control character")
    return text


def passes_luhn(digits: str) -> bool:
    """The check sum of SIREN and SIRET (ISO/IEC 7812-1)."""
    doubled = (2 * int(d) if i % 2 else int(d) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def parse_siret(value: str) -> str:
    digits = re.sub(r"[\s.-]", "", value)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 14):
        length = f"; it has {len(digits)} characters" if digits else ""
        raise Invalid(
            f"is no SIRET: that is 14 digits{length}",
            "a SIRET is the SIREN (9 digits) and the number of the establishment (5)",
        )
    # La Poste's establishments follow a rule of their own: the digits sum to a multiple of 5.
    la_poste = digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0
    if not passes_luhn(digits) and not la_poste:
        raise Invalid(
            f"{shown(value)} is no SIRET: its check digit is wrong",
            "look it up at https://annuaire-entreprises.data.gouv.fr",
        )
    return digits


def parse_vat_number(value: str) -> str:
    number = re.sub(r"[\s.-]", "", value).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", number):
        raise Invalid(f"{shown(value)} is no VAT number", "write it as FR40123456824")
    if number.startswith("FR") and number[2:].isdigit():
        key, siren = int(number[2:4]), int(number[4:])
        if len(number) != 13 or key != (12 + 3 * (siren % 97)) % 97:
            raise Invalid(f"{shown(value)} is no French VAT number: its key is wrong")
    return number


def parse_country(value: str) -> str:
    from babel.core import get_global

    code = value.strip().upper()
    if len(code) != 2 or code not in get_global("territory_currencies"):
        raise Invalid(f"{shown(value)} is no country code", "write two letters, such as FR")
    return code


def parse_currency(value: str) -> str:
    from babel.core import get_global

    code = value.strip().upper()
    if code not in get_global("all_currencies"):
        raise Invalid(f"{shown(value)} is no currency", "write an ISO 4217 code, such as eur")
    return code.lower()


def parse_rate(value: str) -> Decimal:
    """A French VAT rate in percent; 0.9 is one, any other figure between 0 and 1 a slip."""
    match = _RATE.fullmatch(value.strip())
    if not match:
        raise Invalid(f"{shown(value)} is no percentage", "write 20 for 20 %")
    rate = Decimal(match[1].replace(",", "."))
    if 0 < rate < 1 and rate not in FRENCH_RATES:
        percent = f"{(rate * 100).normalize():f}"
        raise Invalid(
            f"{shown(value)} would be {rate} %",
            f"20 means 20 %: write {percent} if {percent} % is meant",
        )
    if rate not in FRENCH_RATES:
        allowed = ", ".join(str(known) for known in sorted(FRENCH_RATES))
        raise Invalid(f"{shown(value)} is no French VAT rate", f"the rates are {allowed}")
    return rate


def parse_series(value: str) -> str:
    if value.startswith(TEST_PREFIX):
        raise Invalid(f"begins with {TEST_PREFIX}, which marks invoices of test mode")
    try:
        Series(value).for_test_mode()
    except ValueError as error:
        raise Invalid(str(error), "write a short word, such as FACT") from None
    return value


def parse_year_end(value: str) -> YearEnd:
    """The last day of the fiscal year, MM-DD."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", value.strip())
    try:
        day = date(2024, int(found[1]), int(found[2])) if found else None  # a leap year
    except ValueError:
        day = None
    if day is None:
        raise Invalid(f"{shown(value)} is no day of the year", "write MM-DD, such as 06-30")
    return YearEnd(day.month, day.day)
