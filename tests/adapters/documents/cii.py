"""Reads the amounts of a Factur-X XML back, knowing nothing of how they were written."""

from decimal import Decimal
from typing import Any

from lxml import etree

from stakactl.domain.invoicing import InvoiceSnapshot

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


def _value(element: etree._Element, *path: str) -> str:
    found = element.find("/".join(f"{RAM}{name}" for name in path))
    assert found is not None, path
    return found.text or ""


def read_amounts(xml: bytes) -> dict[str, Any]:
    """Lines, VAT groups and totals, as the XML says them."""
    root = etree.fromstring(xml)
    settlement = next(root.iter(f"{RAM}ApplicableHeaderTradeSettlement"))
    totals = settlement.find(f"{RAM}SpecifiedTradeSettlementHeaderMonetarySummation")
    assert totals is not None
    return {
        "currency": _value(settlement, "InvoiceCurrencyCode"),
        "lines": [_line(line) for line in root.iter(f"{RAM}IncludedSupplyChainTradeLineItem")],
        "vat": [
            tuple(
                Decimal(_value(tax, name))
                for name in ("RateApplicablePercent", "BasisAmount", "CalculatedAmount")
            )
            for tax in settlement.findall(f"{RAM}ApplicableTradeTax")
        ],
        "totals": {
            child.tag.removeprefix(RAM): Decimal(child.text or "")
            for child in totals
            if child.get("currencyID") in (None, _value(settlement, "InvoiceCurrencyCode"))
        },
    }


def _line(line: etree._Element) -> tuple[Decimal, Decimal, Decimal]:
    """Rate, HT, and the HT that price, base and quantity give."""
    price = ("SpecifiedLineTradeAgreement", "NetPriceProductTradePrice")
    base = line.find("/".join(f"{RAM}{name}" for name in (*price, "BasisQuantity")))
    pieces = Decimal(_value(line, "SpecifiedLineTradeDelivery", "BilledQuantity"))
    priced = Decimal(_value(line, *price, "ChargeAmount")) * pieces
    settled = "SpecifiedLineTradeSettlement"
    return (
        Decimal(_value(line, settled, "ApplicableTradeTax", "RateApplicablePercent")),
        Decimal(
            _value(
                line, settled, "SpecifiedTradeSettlementLineMonetarySummation", "LineTotalAmount"
            )
        ),
        priced / Decimal(base.text or "" if base is not None else 1),
    )


def frozen_amounts(snapshot: InvoiceSnapshot) -> dict[str, Any]:
    """What `read_amounts` must find."""
    net, vat, total = (
        money.to_decimal() for money in (snapshot.total_net, snapshot.total_vat, snapshot.total)
    )
    paid = total if snapshot.payment else Decimal(0)
    return {
        "currency": snapshot.total.currency.upper(),
        "lines": [
            (line.vat_rate, line.net.to_decimal(), line.net.to_decimal()) for line in snapshot.lines
        ],
        "vat": [(vat.rate, vat.net.to_decimal(), vat.vat.to_decimal()) for vat in snapshot.vat],
        "totals": {
            "LineTotalAmount": net,
            "TaxBasisTotalAmount": net,
            "TaxTotalAmount": vat,
            "GrandTotalAmount": total,
            "TotalPrepaidAmount": paid,
            "DuePayableAmount": total - paid,
        },
    }
