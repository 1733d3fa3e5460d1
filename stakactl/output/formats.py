"""How people read amounts, dates and numbers: French or English, in one time zone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stakactl.domain.money import Money, exponent
from stakactl.output.text import clean
from stakactl.output.view import ByteCount, Cell

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

_CODE_BEFORE_DIGIT = re.compile(r"([A-Z]{3})(?=\d)")  # CLDR sets a space there, babel does not

_SIZES = {"en": ("B", "kB", "MB", "GB", "TB"), "fr": ("o", "ko", "Mo", "Go", "To")}


@dataclass(frozen=True, slots=True)
class People:
    """`locale` is fr or en; `zone` an IANA name; `codes` writes EUR for terminals without €."""

    locale: str = "en"
    zone: str = "Europe/Paris"
    codes: bool = False

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], zone: str = "Europe/Paris"
    ) -> "People":
        """French when the terminal's locale is French, English otherwise."""
        names = (environment.get(name) for name in ("LC_ALL", "LC_MONETARY", "LANG"))
        language = next((name for name in names if name), "")
        return cls("fr" if language.startswith("fr") else "en", zone)

    def money(self, amount: Money) -> str:
        """`468,00 €` in French, `€468.00` in English, with the currency's own decimals."""
        pattern = _money_pattern(self.locale, exponent(amount.currency))
        currency = amount.currency.upper()
        locale = _locale(self.locale)
        text = pattern.apply(amount.to_decimal(), locale, currency, currency_digits=False)
        if self.codes:
            text = text.replace(locale.currency_symbols.get(currency, currency), currency)
        return _CODE_BEFORE_DIGIT.sub("\\1\u00a0", text)

    def number(self, value: int | Decimal) -> str:
        """Thousands apart; decimals as they are."""
        if isinstance(value, int) and -1000 < value < 1000:
            return str(value)
        from babel.numbers import format_decimal

        return format_decimal(value, locale=_locale(self.locale), decimal_quantization=False)

    def size(self, count: int) -> str:
        """`1,2 Mo` in French, `1.2 MB` in English; a thousand to the next unit, as disks count."""
        units = _SIZES.get(self.locale, _SIZES["en"])
        value, unit = Decimal(count), 0
        while value >= 1000 and unit + 1 < len(units):
            value, unit = value / 1000, unit + 1
        rounded = value.quantize(Decimal("0.1") if unit else Decimal(1), ROUND_HALF_UP)
        if rounded >= 1000 and unit + 1 < len(units):
            rounded, unit = Decimal("1.0"), unit + 1
        if rounded < 1000:  # one decimal always, so that a column can be compared
            return f"{rounded}\u00a0{units[unit]}".replace(".", "," if self.locale == "fr" else ".")
        return f"{self.number(rounded)}\u00a0{units[unit]}"

    def day(self, day: date) -> str:
        return day.strftime("%d/%m/%Y") if self.locale == "fr" else day.isoformat()

    def moment(self, moment: datetime) -> str:
        """To the minute, in the zone. Naive datetimes are a bug."""
        if moment.tzinfo is None:
            raise ValueError(f"a datetime without zone: {moment!r}")
        local = moment.astimezone(ZoneInfo(self.zone))
        return f"{self.day(local.date())} {local:%H:%M}"

    def cell(self, cell: Cell, *, grouped: bool = False) -> str:
        """Any cell on one clean line; `grouped` sets thousands apart (counts, not years)."""
        match cell:
            case None:
                return ""
            case bool():
                return "yes" if cell else "no"
            case str():
                return clean(cell)
            case Money():
                return self.money(cell)
            case ByteCount():
                return self.size(cell)
            case int() | Decimal():
                return self.number(cell) if grouped else str(cell)
            case datetime():
                return self.moment(cell)
            case date():
                return self.day(cell)
            case Mapping():
                return ", ".join(
                    f"{clean(str(key))}: {self.cell(value, grouped=grouped)}"
                    for key, value in cell.items()
                )
            case Sequence() if not isinstance(cell, bytes | bytearray):
                return ", ".join(self.cell(value, grouped=grouped) for value in cell)
        raise TypeError(f"not a cell: {cell!r}")


@cache
def _locale(name: str) -> "Locale":
    from babel import Locale

    return Locale.parse(name)


@cache
def _money_pattern(locale: str, places: int) -> "NumberPattern":
    from babel.numbers import parse_pattern

    pattern = parse_pattern(_locale(locale).currency_formats["standard"].pattern)
    pattern.frac_prec = (places, places)
    return pattern
