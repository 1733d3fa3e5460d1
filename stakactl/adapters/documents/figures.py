"""Amounts, rates, dates and countries as the reader's language writes them.

An invoice must not hide part of an amount: a currency is never shown with fewer decimals than
the amount has, whatever babel's locale data say about cash.

babel says once how a language writes numbers, a currency and the months; asking it for every figure
would take longer than drawing the page. A test compares the two.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
)

from stakactl.domain.money import Money, exponent, round_half_up

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class _Currency:
    """What stands around an amount and around one below zero, and the usual decimals."""

    around: tuple[str, str]
    around_negative: tuple[str, str]
    usual_decimals: int


class Figures:
    """Formats for one language, "fr" or "en"."""

    def __init__(self, language: str) -> None:
        self._french = language == "fr"
        self._locale = Locale("fr", "FR") if self._french else Locale("en", "GB")
        self._marks = str.maketrans(
            {",": get_group_symbol(self._locale), ".": get_decimal_symbol(self._locale)}
        )
        self._months = dict(self._locale.months["format"]["wide"].items())
        self._currencies: dict[str, _Currency] = {}
        self._rates: dict[Decimal, str] = {}

    def amount(self, money: Money) -> str:
        """1 234,56 € with the narrow and the plain no-break space, or €1,234.56."""
        places = exponent(money.currency)
        usual = self._currency(money.currency).usual_decimals
        if usual < places and money.minor % 10 ** (places - usual) == 0:
            return self._written(money.minor // 10 ** (places - usual), money.currency, usual)
        return self._written(money.minor, money.currency, places)

    def share(self, total: Money, count: int) -> str:
        """`total` divided by `count`, with two more decimals where it does not come out even."""
        if total.minor % count == 0:
            return self.amount(Money(total.minor // count, total.currency))
        decimals = exponent(total.currency) + 2
        hundredths = round_half_up(Decimal(total.minor * 100) / count)
        return self._written(hundredths, total.currency, decimals)

    def _written(self, units: int, currency: str, decimals: int) -> str:
        """`units` of the last of `decimals` places."""
        known = self._currency(currency)
        before, after = known.around_negative if units < 0 else known.around
        whole, part = divmod(abs(units), 10**decimals)
        digits = f"{whole:,}.{part:0{decimals}}" if decimals else f"{whole:,}"
        return f"{before}{digits.translate(self._marks)}{after}"

    def _currency(self, code: str) -> _Currency:
        known = self._currencies.get(code)
        if known is None:
            known = self._currencies[code] = _Currency(
                self._around(1, code), self._around(-1, code), get_currency_precision(code.upper())
            )
        return known

    def _around(self, one: int, code: str) -> tuple[str, str]:
        pattern = self._locale.currency_formats["standard"].pattern.replace(".00", "")
        text = format_currency(
            one, code.upper(), pattern, locale=self._locale, currency_digits=False
        )
        before, _, after = text.partition("1")
        return before, after

    def quantity(self, count: int) -> str:
        return f"{count:,}".translate(self._marks)

    def rate(self, percent: Decimal) -> str:
        """5.5 is "5,5 %" or "5.5%"."""
        known = self._rates.get(percent)
        if known is None:
            number = format_decimal(percent, "#,##0.###", locale=self._locale)
            known = f"{number}\N{NO-BREAK SPACE}%" if self._french else f"{number}%"
            self._rates[percent] = known
        return known

    def day(self, day: date) -> str:
        """12 novembre 2026, 1er novembre 2026, 12 November 2026."""
        number = "1er" if self._french and day.day == 1 else day.day
        return f"{number} {self._months[day.month]} {day.year}"

    def period(self, first: date, last: date) -> str:
        """01/11/2026 – 30/11/2026, both days included."""
        return f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"

    def paris_day(self, moment: datetime) -> str:
        """The civil date in Paris of an aware moment."""
        return self.day(moment.astimezone(PARIS).date())

    def country(self, code: str) -> str:
        """The name of an ISO 3166 country; the code itself when it is unknown."""
        return str(self._locale.territories.get(code.upper(), code))


@cache
def figures_for(language: str) -> Figures:
    """One per language: reading babel's locale data anew for every invoice would be felt."""
    return Figures(language)
