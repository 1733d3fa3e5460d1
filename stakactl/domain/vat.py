"""VAT: which rate a line carries, and how a price that includes VAT splits into HT and TVA.

The rate is never guessed. A French customer pays the rate of the line, the order or the company
setting; anybody else only a rate that the order states or a tax that Stripe computed.
Source of the allowed rates: the French CTC rules for Factur-X (BR-FR).
"""

from dataclasses import dataclass
from decimal import Decimal

from stakactl.domain.money import Money, round_half_up, smallest_step

FRENCH_RATES = frozenset(
    Decimal(rate) for rate in "0 0.9 1.05 1.75 2.1 5.5 7 8.5 9.2 9.6 10 13 19.6 20 20.6".split()
)


@dataclass(frozen=True, slots=True)
class VatBlocked:
    """Why no rate can be stated; the invoice waits until a person decides."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class VatSplit:
    """One rate group: `net` (HT) + `vat` = `gross` (TTC), to the minor unit."""

    rate: Decimal
    net: Money
    vat: Money

    @property
    def gross(self) -> Money:
        return self.net + self.vat


def split_gross(gross: Money, rate: Decimal) -> VatSplit:
    """Split a price that includes VAT; the price charged is kept, HT takes the rounding."""
    step = smallest_step(gross.currency)
    steps = round_half_up(Decimal(gross.minor) * rate / ((100 + rate) * step))
    vat = Money(steps * step, gross.currency)
    return VatSplit(rate, gross - vat, vat)


def decide_rate(
    *, stated: Decimal | None, country: str, default: Decimal | None, stripe_tax_minor: int | None
) -> Decimal | VatBlocked:
    """The rate of one line.

    `stated` is the rate of the line or the order, `country` the customer's (ISO alpha-2),
    `default` the company's setting, `stripe_tax_minor` the tax of the Checkout Session when
    Stripe computed one: a computed tax of zero means that none is due.
    """
    if stated is not None:
        if country == "FR" and stated not in FRENCH_RATES:
            return VatBlocked(
                f"{stated} % is no French VAT rate",
                "correct vat_rate in the order and import it again",
            )
        return stated
    if not country:
        return VatBlocked(
            "the customer's country is unknown",
            "import the order again with country, or with vat_rate",
        )
    if country == "FR":
        if default is None:
            return VatBlocked("no VAT rate is set", "set TAX_RATE, or vat_rate in the order")
        return default
    if stripe_tax_minor == 0:
        return Decimal(0)
    return VatBlocked(
        f"the customer is in {country} and neither the order nor Stripe states a VAT rate",
        "import the order again with vat_rate",
    )
