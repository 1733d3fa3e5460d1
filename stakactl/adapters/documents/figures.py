"""Amounts, rates, dates and countries as the reader's language writes them.

An invoice must not hide part of an amount: a currency is never shown with fewer decimals than
the amount has, whatever babel's locale data say about cash.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision

from stakactl.domain.money import Money, exponent, round_half_up

PARIS = ZoneInfo("Europe/Paris")


class Figures:
    """Formats for one language, "fr" or "en"."""

    def __init__(self, language: str) -> None:
        self._french = language == "fr"
        self._locale = Locale("fr", "FR") if self._french else Locale("en", "GB")
        self._standard = self._locale.currency_formats["standard"].pattern

    def amount(self, money: Money) -> str:
        """1 234,56 € with the narrow and the plain no-break space, or €1,234.56."""
        return self._currency(money.to_decimal(), money.currency, _decimals(money))

    def share(self, total: Money, count: int) -> str:
        """`total` divided by `count`, with two more decimals where it does not come out even."""
        if total.minor % count == 0:
            return self.amount(Money(total.minor // count, total.currency))
        decimals = exponent(total.currency) + 2
        hundredths = round_half_up(Decimal(total.minor * 100) / count)
        return self._currency(Decimal(hundredths).scaleb(-decimals), total.currency, decimals)

    def _currency(self, value: Decimal, currency: str, decimals: int) -> str:
        places = f".{'0' * decimals}" if decimals else ""
        return format_currency(
            value,
            currency.upper(),
            self._standard.replace(".00", places),
            locale=self._locale,
            currency_digits=False,
        )

    def quantity(self, count: int) -> str:
        return format_decimal(count, locale=self._locale)

    def rate(self, percent: Decimal) -> str:
        """5.5 is "5,5 %" or "5.5%"."""
        number = format_decimal(percent, "#,##0.###", locale=self._locale)
        return f"{number}\N{NO-BREAK SPACE}%" if self._french else f"{number}%"

    def day(self, day: date) -> str:
        """12 novembre 2026, 1er novembre 2026, 12 November 2026."""
        text = format_date(day, "d MMMM y", locale=self._locale)
        return f"1er{text[1:]}" if self._french and day.day == 1 else text

    def period(self, first: date, last: date) -> str:
        """01/11/2026 – 30/11/2026, both days included."""
        return " – ".join(format_date(day, "dd/MM/y", locale=self._locale) for day in (first, last))

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


def _decimals(money: Money) -> int:
    """As many as the amount needs, and at least as many as the currency is written with."""
    places = exponent(money.currency)
    usual = get_currency_precision(money.currency.upper())
    return usual if usual < places and money.minor % 10 ** (places - usual) == 0 else places
