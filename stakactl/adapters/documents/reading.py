"""Whether an issued PDF says to machines what was frozen: the port InvoiceReader.

The XML inside is compared with the one that the snapshot gives today. The same renderer writes the
same bytes, and nothing more is to be said. Bytes of another version of it may differ in wording or
order: then every number, date, party and amount is compared one by one.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from stakactl.adapters.documents.archive import ATTACHMENT
from stakactl.adapters.documents.attachment import Unreadable, attached_xml
from stakactl.adapters.documents.facturx import to_facturx
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.money import Money, exponent
from stakactl.domain.restores import PdfFacts

_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
_TRADE = "rsm:SupplyChainTradeTransaction/"
_AGREEMENT = f"{_TRADE}ram:ApplicableHeaderTradeAgreement/"
_SETTLEMENT = f"{_TRADE}ram:ApplicableHeaderTradeSettlement/"
_TOTALS = f"{_SETTLEMENT}ram:SpecifiedTradeSettlementHeaderMonetarySummation/"
_CREDITED = f"{_SETTLEMENT}ram:InvoiceReferencedDocument/"
_DELIVERY = f"{_TRADE}ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent/"

#: What stands once on an invoice.
_ONCE = {
    "number": "rsm:ExchangedDocument/ram:ID",
    "type": "rsm:ExchangedDocument/ram:TypeCode",
    "issue date": "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
    "date of supply": f"{_DELIVERY}ram:OccurrenceDateTime/udt:DateTimeString",
    "order": f"{_AGREEMENT}ram:SellerOrderReferencedDocument/ram:IssuerAssignedID",
    "currency": f"{_SETTLEMENT}ram:InvoiceCurrencyCode",
    "payment": f"{_SETTLEMENT}ram:PaymentReference",
    "payment date": (
        f"{_SETTLEMENT}ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString"
    ),
    "total of the lines": f"{_TOTALS}ram:LineTotalAmount",
    "total HT": f"{_TOTALS}ram:TaxBasisTotalAmount",
    "total VAT": f"{_TOTALS}ram:TaxTotalAmount",
    "total TTC": f"{_TOTALS}ram:GrandTotalAmount",
    "paid": f"{_TOTALS}ram:TotalPrepaidAmount",
    "due": f"{_TOTALS}ram:DuePayableAmount",
    "credited invoice": f"{_CREDITED}ram:IssuerAssignedID",
    "date of the credited invoice": (f"{_CREDITED}ram:FormattedIssueDateTime/qdt:DateTimeString"),
}
_PARTIES = {
    "seller": f"{_AGREEMENT}ram:SellerTradeParty",
    "buyer": f"{_AGREEMENT}ram:BuyerTradeParty",
}
_ADDRESS = ("LineOne", "LineTwo", "PostcodeCode", "CityName", "CountryID")
_PARTY = {
    "name": "ram:Name",
    "SIREN": "ram:SpecifiedLegalOrganization/ram:ID",
    "tax number": "ram:SpecifiedTaxRegistration/ram:ID",
    **{f"address ({name})": f"ram:PostalTradeAddress/ram:{name}" for name in _ADDRESS},
}
_LINES = f"{_TRADE}ram:IncludedSupplyChainTradeLineItem"
_LINE_SETTLEMENT = "ram:SpecifiedLineTradeSettlement/"
_LINE = {
    "title": "ram:SpecifiedTradeProduct/ram:Name",
    "quantity": "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",
    "HT": (
        f"{_LINE_SETTLEMENT}ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    ),
    "VAT rate": f"{_LINE_SETTLEMENT}ram:ApplicableTradeTax/ram:RateApplicablePercent",
}
_TAXES = f"{_SETTLEMENT}ram:ApplicableTradeTax"
_TAX = {
    "rate": "ram:RateApplicablePercent",
    "HT": "ram:BasisAmount",
    "VAT": "ram:CalculatedAmount",
    "category": "ram:CategoryCode",
}
_FIGURES = ("Amount", "Percent", "Quantity")
_LONGEST_SHOWN = 60


class XmlInvoiceReader:
    """The port InvoiceReader for PDFs of PdfInvoiceRenderer."""

    def differences(self, pdf: bytes, snapshot: InvoiceSnapshot) -> tuple[str, ...]:
        try:
            attached = attached_xml(pdf)
        except Unreadable as error:
            return (f"{ATTACHMENT} cannot be read: {error}",)
        wanted = to_facturx(snapshot)
        return () if attached == wanted else _compared(attached, wanted)

    def facts(self, pdf: bytes) -> PdfFacts | None:
        try:
            attached = attached_xml(pdf)
            if b"<!DOCTYPE" in attached:
                return None
            said = dict(_facts(ElementTree.fromstring(attached)))  # noqa: S314 - no document type
            return _pdf_facts(said)
        except (Unreadable, ElementTree.ParseError, ArithmeticError, KeyError, ValueError):
            return None


def _pdf_facts(said: Mapping[str, str]) -> PdfFacts:
    currency = said["currency"].lower()
    total = Decimal(said["total TTC"]).scaleb(exponent(currency))
    return PdfFacts(
        number=said["number"],
        issued_on=datetime.strptime(said["issue date"], "%Y%m%d").replace(tzinfo=UTC).date(),
        subject=said.get("order", ""),
        credits=said.get("credited invoice", ""),
        total=Money(int(total), currency),
    )


def _compared(attached: bytes, wanted: bytes) -> tuple[str, ...]:
    if b"<!DOCTYPE" in attached:  # entities: ours declare none
        return (f"{ATTACHMENT} declares a document type",)
    try:
        seen = dict(_facts(ElementTree.fromstring(attached)))  # noqa: S314 - no document type
    except ElementTree.ParseError:
        return (f"{ATTACHMENT} is no XML",)
    frozen = dict(_facts(ElementTree.fromstring(wanted)))  # noqa: S314 - written by us
    return tuple(_differences(seen, frozen))


def _differences(seen: Mapping[str, str], frozen: Mapping[str, str]) -> Iterator[str]:
    for label in dict.fromkeys([*frozen, *seen]):
        found, wanted = seen.get(label, ""), frozen.get(label, "")
        if found != wanted:
            yield f"{label} {_shown(found)}, not {_shown(wanted)}"


def _shown(value: str) -> str:
    short = value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"
    return short or "(none)"


def _facts(root: Element) -> Iterator[tuple[str, str]]:
    """What an invoice says, each under the name that people give it."""
    yield from _values("", root, _ONCE)
    for who, path in _PARTIES.items():
        for party in root.findall(path, _NAMESPACES):
            yield from _values(f"{who}'s ", party, _PARTY)
    for number, line in enumerate(root.findall(_LINES, _NAMESPACES), start=1):
        yield from _values(f"line {number}: ", line, _LINE)
    for number, tax in enumerate(root.findall(_TAXES, _NAMESPACES), start=1):
        yield from _values(f"VAT group {number}: ", tax, _TAX)


def _values(prefix: str, element: Element, paths: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for label, path in paths.items():
        texts = [found.text or "" for found in element.findall(path, _NAMESPACES)]
        if path.endswith(_FIGURES):
            texts = [_figure(text) for text in texts]
        if texts:
            yield prefix + label, " · ".join(texts)


def _figure(text: str) -> str:
    """5.50 is 5.5; what is no number stays as it is."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return f"{value.normalize():f}" if value.is_finite() and abs(value.adjusted()) < 30 else text
