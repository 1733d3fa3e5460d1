"""The value of one column: clean text, whole minor units, aware times, known codes.

Every function takes a cell (CSV: text; JSON: also numbers), text already `clean`, and raises
`BadCell`. What a bad cell holds is quoted short and printable: it goes to a terminal.
"""

import difflib
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from stakactl.domain.money import exponent

MAX_TEXT = 500
MAX_MINOR = 999_999_999_999  # Stripe takes at most twelve digits
_WHOLE = re.compile(r"-?[0-9]{1,30}")
_FRACTION = re.compile(r"-?[0-9]{1,15}[.,][0-9]{1,4}")
_RATE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)\s*%?")
_PUNCTUATION = re.compile(r"[\s.-]")
_STRIPE_ID = re.compile(r"[A-Za-z0-9_]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_VAT_NUMBER = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")
_LEGAL_BELOW_ONE = Decimal("0.9")
_NOT_COUNTRIES = {"UK": "GB", "EL": "GR", "EN": "GB"}
#: Two-decimal on Stripe's wire, always ending in 00 (https://docs.stripe.com/currencies).
_WHOLE_HUNDREDS = frozenset({"isk", "ugx"})


class BadCell(ValueError):
    """A cell that cannot be taken: why, and what to write instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.reason}; hint: {self.hint}" if self.hint else self.reason


def shown(value: object) -> str:
    """A cell as messages quote it."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value)[:61])
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'


def clean(text: str) -> str:
    """NFC, line breaks and tabs as spaces, without NUL, C0 and C1 controls and what UTF-8 or XML
    cannot hold, without spaces around."""
    if text.isascii() and text.isprintable():
        return text.strip()
    if not text.isprintable():
        text = "".join(map(_clean_character, text))
    return unicodedata.normalize("NFC", text).strip()


def _clean_character(character: str) -> str:
    if character in "\n\r\t\v\f\x85\u2028\u2029":
        return " "
    if unicodedata.category(character) in {"Cc", "Cs"} or character in "\ufffe\uffff":
        return ""
    return character


def text(value: object) -> str:
    """Text of at most 500 characters; whole numbers are taken as written."""
    if isinstance(value, str):
        result = value
    elif isinstance(value, int) and not isinstance(value, bool):
        result = str(value)
    else:
        raise BadCell(f"{shown(value)} is not text")
    if len(result) > MAX_TEXT:
        raise BadCell(f"has {len(result)} characters, at most {MAX_TEXT} are allowed")
    return result


def currency(value: object) -> str:
    """Lower-case ISO 4217 code of a currency that was legal tender after 2014."""
    code = text(value).upper()
    if code not in _currencies():
        close = difflib.get_close_matches(code, _currencies(), n=1)
        hint = f"did you mean {close[0]}?" if close else "write an ISO 4217 code, such as EUR"
        raise BadCell(f"{shown(value)} is no currency", hint)
    return code.lower()


def amount(value: object, in_currency: str) -> int:
    """Whole minor units of `in_currency`, zero or more."""
    places = exponent(in_currency)
    if isinstance(value, int) and not isinstance(value, bool):
        digits = str(value) if abs(value) < 10**30 else "9" * 30
    elif isinstance(value, str | Decimal):
        digits = str(value)
    else:
        raise BadCell(f"{shown(value)} is not a whole number of minor units (cents)")
    if not _WHOLE.fullmatch(digits):
        unit = "minor units (cents)" if places == 2 else f"minor units of {in_currency.upper()}"
        hint = _minor_hint(digits, in_currency, places)
        raise BadCell(f"{shown(value)} is not a whole number of {unit}", hint)
    minor = int(digits)
    if minor < 0:
        raise BadCell(
            f"{shown(value)} is negative",
            "write what was due; refunds are told by status and refunded_minor",
        )
    if minor > MAX_MINOR:
        raise BadCell(f"{shown(value)} is more than {MAX_MINOR} minor units")
    if in_currency in _WHOLE_HUNDREDS and minor % 100:
        raise BadCell(
            f"{shown(value)} does not end in 00",
            f"Stripe counts {in_currency.upper()} with two decimals that are always 00",
        )
    return minor


def _minor_hint(digits: str, in_currency: str, places: int) -> str:
    if not _FRACTION.fullmatch(digits):
        return ""
    minor = Decimal(digits.replace(",", ".")).scaleb(places)
    name = in_currency.upper()
    if minor != minor.to_integral_value():
        return f"{name} has {places} decimals" if places else f"{name} has no decimals"
    return f"write {minor:.0f} for {digits} {name}"


def moment(value: object) -> datetime:
    """An ISO 8601 time with an offset, as UTC."""
    written = str(value)
    example = "write it as 2026-03-31T10:00:00Z"
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        raise BadCell(f"{shown(value)} is no ISO 8601 time", example) from None
    if when.tzinfo is None:
        raise BadCell(f"{shown(value)} has no time zone", "add Z (UTC) or an offset such as +02:00")
    if not 2000 <= when.year <= 2100:
        raise BadCell(f"{shown(value)} lies outside the years 2000 to 2100", example)
    return when.astimezone(UTC)


def rate(value: object) -> Decimal:
    """A VAT rate in percent."""
    written = str(value) if isinstance(value, str | int | Decimal) else ""
    match = None if isinstance(value, bool) else _RATE.fullmatch(written)
    if not match:
        raise BadCell(f"{shown(value)} is no percentage", "write 20 for 20 %")
    percent = Decimal(match[1].replace(",", "."))
    if 0 < percent < 1 and percent != _LEGAL_BELOW_ONE:
        meant = f"{(percent * 100).normalize():f}"
        raise BadCell(
            f"{shown(value)} would be {percent} %",
            f"20 means 20 %: write {meant} if {meant} % is meant",
        )
    if percent > 100:
        raise BadCell(f"{shown(value)} is more than 100 %")
    return percent


def choice(value: object, allowed: Sequence[str]) -> str:
    """One of `allowed`, in any case."""
    word = text(value).lower()
    if word not in allowed:
        close = difflib.get_close_matches(word, allowed, n=1, cutoff=0.7)
        hint = f"did you mean {close[0]}?" if close else f"write one of {', '.join(allowed)}"
        raise BadCell(f"{shown(value)} is not known", hint)
    return word


def email(value: object) -> str:
    address = text(value)
    if not _EMAIL.fullmatch(address):
        raise BadCell(f"{shown(value)} is no e-mail address")
    return address


def country(value: object) -> str:
    """Upper-case ISO 3166 alpha-2 code."""
    code = text(value).upper()
    if code in _NOT_COUNTRIES:
        raise BadCell(f"{shown(value)} is no country code", f"write {_NOT_COUNTRIES[code]}")
    if code not in _countries():
        raise BadCell(f"{shown(value)} is no country code", "write two letters, such as FR")
    return code


def locale(value: object) -> str:
    """The language of the customer's invoice: fr for fr, fr-FR, fr_CA …, otherwise en."""
    language = re.split(r"[-_.@]", text(value).lower(), maxsplit=1)[0]
    return "fr" if language in {"fr", "fra", "fre"} else "en"


def siren(value: object) -> str:
    digits = _PUNCTUATION.sub("", text(value))
    if not (digits.isascii() and digits.isdigit() and len(digits) == 9):
        siret = len(digits) == 14 and digits.isdigit()
        hint = f"this is a SIRET; write {digits[:9]}" if siret else "a SIREN has nine digits"
        raise BadCell(f"{shown(value)} is no SIREN", hint)
    return digits


def vat_number(value: object) -> str:
    number = _PUNCTUATION.sub("", text(value)).upper()
    if not _VAT_NUMBER.fullmatch(number):
        raise BadCell(f"{shown(value)} is no VAT number", "write it as FR44732829320")
    return number


def stripe_id(value: object, prefix: str) -> str:
    """An id of Stripe's that begins with `prefix`; ids in each other's column are a classic."""
    written = text(value)
    if not written.startswith(prefix) or not _STRIPE_ID.fullmatch(written):
        belongs = {
            "cs_": "stripe_session_id",
            "pi_": "stripe_payment_intent_id",
            "cus_": "stripe_customer_id",
        }
        column = next((c for p, c in belongs.items() if p != prefix and written.startswith(p)), "")
        hint = f"it belongs in {column}" if column else ""
        raise BadCell(f"{shown(value)} is no id that begins with {prefix}", hint)
    return written


@cache
def _currencies() -> frozenset[str]:
    from babel.core import get_global

    periods = [
        period for listed in get_global("territory_currencies").values() for period in listed
    ]
    return frozenset(
        code for code, _, end, tender in periods if tender and (end is None or end >= (2015, 1, 1))
    )


@cache
def _countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 as CLDR lists them, without dissolved countries and CLDR's own codes;
    with XK, which Stripe uses for Kosovo."""
    from babel.core import get_global

    territories = get_global("territory_currencies")
    gone = {"AN", "BU", "CS", "DD", "SU", "TP", "YD", "YU", "ZR"}
    own = {"EU", "ZZ", "AC", "CP", "DG", "EA", "IC", "TA", "UN", "EZ", "QO", "XA", "XB"}
    return frozenset(code for code in territories if len(code) == 2) - gone - own
