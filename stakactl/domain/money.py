"""Amounts of money: whole minor units and a currency, never a float.

Exponents follow ISO 4217 except where Stripe's wire format differs: ISK and UGX have no minor
unit in ISO but travel as two-decimal amounts ending in 00
(https://docs.stripe.com/currencies#special-cases).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were added or compared."""


def exponent(currency: str) -> int:
    """Number of decimal places between the major and the minor unit of `currency`."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def smallest_step(currency: str) -> int:
    """Minor units between two amounts of an invoice. Thousandths come in tens: Stripe charges no
    others, and EN 16931 writes amounts with two decimals."""
    return 10 if currency in THREE_DECIMAL else 1


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents) of `currency` (lower-case ISO 4217)."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.islower():
            raise ValueError(f"currency is a lower-case ISO 4217 code, not {self.currency!r}")

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """Sum of `amounts`, all in `currency`; zero when there are none."""
        result = cls(0, currency)
        for amount in amounts:
            result += amount
        return result

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be mixed")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """For messages: 468.00 EUR."""
        return f"{self.to_decimal():f} {self.currency.upper()}"

    def times(self, quantity: int) -> "Money":
        return Money(self.minor * quantity, self.currency)

    def to_decimal(self) -> Decimal:
        """The amount in major units, exact: 46800 eur is Decimal('468.00')."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))


def round_half_up(value: Decimal) -> int:
    """The nearest whole number, halves away from zero, as French VAT rounding wants it."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))
