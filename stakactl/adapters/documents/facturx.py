"""The invoice for machines: Factur-X, profile EN 16931, as the bytes of `factur-x.xml`.

Written as escaped text in the order of the CII schema (D16B): the shape never changes, and a tree
would cost more than the page. Every amount is one of the frozen snapshot; nothing is computed
again. Comments name the norm's business terms (BT-n).
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape

from stakactl.adapters.documents.figures import PARIS, Figures
from stakactl.adapters.documents.wording import method_name, words_for
from stakactl.domain.invoicing import Company, InvoiceLine, InvoiceSnapshot
from stakactl.domain.legal import Clause, coded_mentions, why_no_vat
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature

PROFILE = "urn:cen.eu:en16931:2017"
#: BT-3 (UNTDID 1001). The amounts of a credit note are positive: its type takes them back.
INVOICE, CREDIT_NOTE = "380", "381"
#: BT-23 of the French CTC rules: what was sold, and that it is paid already (2) or not (1).
PROCESS = {Nature.GOODS: "B", Nature.SERVICES: "S", Nature.MIXED: "M"}
#: BT-118 and BT-121: why a line carries no VAT, in the words of UNTDID 5305 and the VATEX list.
UNTAXED = {
    Clause.FRANCHISE: ("E", "VATEX-FR-FRANCHISE"),
    Clause.REVERSE_CHARGE: ("AE", "VATEX-EU-AE"),
    Clause.INTRA_EU_GOODS: ("K", "VATEX-EU-IC"),
    Clause.ZERO_RATED: ("Z", ""),
}
#: BT-81 (UNTDID 4461): anything else is an online payment service, for Stripe took it; a credit
#: transfer (30) would want an IBAN that nobody pays to any more.
MEANS = {"card": "48", "card_present": "48", "sepa_debit": "59"}
ONLINE_PAYMENT = "68"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What `_text` looks at closely; most values are codes, amounts and words with none of it.
CARE = re.compile(r"[^0-9A-Za-zÀ-ÿ.,:;@/+_ -]|  |\A | \Z")
NAMESPACES = (
    'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"'
    ' xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"'
    ' xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100"'
)


def to_facturx(snapshot: InvoiceSnapshot) -> bytes:
    """The same snapshot gives the same bytes."""
    lines = "".join(_line(snapshot, n, line) for n, line in enumerate(snapshot.lines, start=1))
    transaction = lines + _agreement(snapshot) + _delivery(snapshot) + _settlement(snapshot)
    body = (
        _context(snapshot)
        + _document(snapshot)
        + f"<rsm:SupplyChainTradeTransaction>{transaction}</rsm:SupplyChainTradeTransaction>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<rsm:CrossIndustryInvoice {NAMESPACES}>{body}</rsm:CrossIndustryInvoice>\n"
    ).encode()


def _text(value: str) -> str:
    """Customers' text on one line, without what XML cannot carry, escaped."""
    if not CARE.search(value):
        return value
    return escape(" ".join(NOT_XML.sub("", value).split()), {'"': "&quot;"})


def _tag(name: str, value: str, attribute: str = "") -> str:
    """An element of one value, or nothing where there is none: the schema wants none empty."""
    clean = _text(value)
    return f"<ram:{name}{attribute}>{clean}</ram:{name}>" if clean else ""


def _group(name: str, content: str) -> str:
    return f"<ram:{name}>{content}</ram:{name}>" if content else ""


def _amount(money: Money) -> str:
    return f"{money.to_decimal():f}"


def _day(name: str, day: date) -> str:
    return _group(name, f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>')


def _tax_category(snapshot: InvoiceSnapshot, rate: Decimal) -> tuple[str, str]:
    """The category of a rate and the code of its exemption."""
    if rate:
        return "S", ""
    return UNTAXED[why_no_vat(snapshot.seller, snapshot.buyer, snapshot.nature)[0]]


def _context(snapshot: InvoiceSnapshot) -> str:
    process = f"{PROCESS[snapshot.nature]}{2 if snapshot.payment else 1}"
    return (
        "<rsm:ExchangedDocumentContext>"
        + _group("BusinessProcessSpecifiedDocumentContextParameter", _tag("ID", process))
        + _group("GuidelineSpecifiedDocumentContextParameter", _tag("ID", PROFILE))
        + "</rsm:ExchangedDocumentContext>"
    )


def _document(snapshot: InvoiceSnapshot) -> str:
    notes = "".join(
        _group("IncludedNote", _tag("Content", content) + _tag("SubjectCode", code))
        for content, code in _notes(snapshot)
    )
    return (
        "<rsm:ExchangedDocument>"
        + _tag("ID", snapshot.number)
        + _tag("TypeCode", CREDIT_NOTE if snapshot.credited else INVOICE)
        + _day("IssueDateTime", snapshot.issued_on)
        + notes
        + "</rsm:ExchangedDocument>"
    )


def _notes(snapshot: InvoiceSnapshot) -> Iterator[tuple[str, str]]:
    """BT-22 and BT-21: the sentences of the page, then for whom the invoice is (BAR)."""
    yield from coded_mentions(snapshot)
    if not snapshot.buyer.is_business:
        yield "B2C", "BAR"
    else:
        yield "B2B" if snapshot.buyer.address.country == "FR" else "B2BINT", "BAR"


def _line(snapshot: InvoiceSnapshot, number: int, line: InvoiceLine) -> str:
    """One position. The norm knows no negative price: a discount is a negative quantity (BT-129).

    The price is that of the whole position with its quantity as the base (BT-149), for the HT of
    one piece may not be a whole number of cents.
    """
    quantity = abs(line.quantity)
    sign = "-" if line.net.minor < 0 else ""
    base = _tag("BasisQuantity", str(quantity), ' unitCode="C62"') if quantity > 1 else ""
    price = _tag("ChargeAmount", _amount(line.net).lstrip("-")) + base
    category, _ = _tax_category(snapshot, line.vat_rate)
    tax = _tag("TypeCode", "VAT") + _tag("CategoryCode", category)
    tax += _tag("RateApplicablePercent", f"{line.vat_rate:f}")
    total = _tag("LineTotalAmount", _amount(line.net))
    return _group(
        "IncludedSupplyChainTradeLineItem",
        _group("AssociatedDocumentLineDocument", _tag("LineID", str(number)))
        + _group("SpecifiedTradeProduct", _tag("Name", line.title) or _tag("Name", "–"))
        + _group("SpecifiedLineTradeAgreement", _group("NetPriceProductTradePrice", price))
        + _group(
            "SpecifiedLineTradeDelivery",
            _tag("BilledQuantity", f"{sign}{quantity}", ' unitCode="C62"'),
        )
        + _group(
            "SpecifiedLineTradeSettlement",
            _group("ApplicableTradeTax", tax)
            + _group("SpecifiedTradeSettlementLineMonetarySummation", total),
        ),
    )


def _agreement(snapshot: InvoiceSnapshot) -> str:
    return _group(
        "ApplicableHeaderTradeAgreement",
        _group("SellerTradeParty", _seller(snapshot.seller))
        + _group("BuyerTradeParty", _buyer(snapshot.buyer))
        + _group("SellerOrderReferencedDocument", _tag("IssuerAssignedID", snapshot.order_id)),
    )


@lru_cache(maxsize=8)
def _seller(company: Company) -> str:
    """Without a VAT number the SIREN is the tax registration (BT-32), which category E needs."""
    contact = _group(
        "TelephoneUniversalCommunication", _tag("CompleteNumber", company.phone)
    ) + _group("EmailURIUniversalCommunication", _tag("URIID", company.email))
    return (
        _tag("GlobalID", company.siret, ' schemeID="0009"')
        + _tag("Name", company.name)
        + _legal_organisation(company.siren)
        + _group("DefinedTradeContact", contact)
        + _address(company.address)
        + _electronic_address(company.siren, company.email)
        + (_tax_number(company.vat_number, "VA") or _tax_number(company.siren, "FC"))
    )


def _buyer(buyer: Customer) -> str:
    names = [_tag("Name", name) for name in (buyer.company, buyer.name, buyer.email)]
    contact = _tag("PersonName", buyer.name) if buyer.company else ""
    return (
        next(filter(None, names), "")
        + _legal_organisation(buyer.siren)
        + _group("DefinedTradeContact", contact)
        + _address(buyer.address)
        + _electronic_address(buyer.siren, buyer.email)
        + _tax_number(buyer.vat_number, "VA")
    )


def _legal_organisation(siren: str) -> str:
    return _group("SpecifiedLegalOrganization", _tag("ID", siren, ' schemeID="0002"'))


def _address(address: Address) -> str:
    return _group(
        "PostalTradeAddress",
        _tag("PostcodeCode", address.postal_code)
        + _tag("LineOne", address.line1)
        + _tag("LineTwo", address.line2)
        + _tag("CityName", address.city)
        + _tag("CountryID", address.country),
    )


def _electronic_address(siren: str, email: str) -> str:
    """BT-34 and BT-49: the address in the French directory, else the e-mail."""
    scheme, value = ("0225", siren) if siren else ("EM", email)
    return _group("URIUniversalCommunication", _tag("URIID", value, f' schemeID="{scheme}"'))


def _tax_number(number: str, scheme: str) -> str:
    return _group("SpecifiedTaxRegistration", _tag("ID", number, f' schemeID="{scheme}"'))


def _delivery(snapshot: InvoiceSnapshot) -> str:
    """Where goods went (BT-80) is the buyer's country: an intra-Community supply must say it."""
    country = snapshot.buyer.address.country if snapshot.nature is not Nature.SERVICES else ""
    ship_to = _group("PostalTradeAddress", _tag("CountryID", country))
    return _group(
        "ApplicableHeaderTradeDelivery",
        _group("ShipToTradeParty", ship_to)
        + _group(
            "ActualDeliverySupplyChainEvent", _day("OccurrenceDateTime", snapshot.supplied_on)
        ),
    )


def _settlement(snapshot: InvoiceSnapshot) -> str:
    currency = snapshot.total.currency.upper()
    reference = snapshot.payment.reference if snapshot.payment else ""
    return _group(
        "ApplicableHeaderTradeSettlement",
        _tag("PaymentReference", reference)
        + _tag("InvoiceCurrencyCode", currency)
        + _means(snapshot)
        + _taxes(snapshot)
        + _terms(snapshot)
        + _totals(snapshot, currency)
        + _credited(snapshot),
    )


def _means(snapshot: InvoiceSnapshot) -> str:
    if snapshot.payment is None:
        return ""
    method = snapshot.payment.method
    return _group(
        "SpecifiedTradeSettlementPaymentMeans",
        _tag("TypeCode", MEANS.get(method, ONLINE_PAYMENT))
        + _tag("Information", method_name(words_for(snapshot.locale), method)),
    )


def _taxes(snapshot: InvoiceSnapshot) -> str:
    return "".join(_tax(snapshot, index) for index in range(len(snapshot.vat)))


def _tax(snapshot: InvoiceSnapshot, index: int) -> str:
    split = snapshot.vat[index]
    category, code = _tax_category(snapshot, split.rate)
    reason = snapshot.legal_mentions[0] if code and snapshot.legal_mentions else ""
    return _group(
        "ApplicableTradeTax",
        _tag("CalculatedAmount", _amount(split.vat))
        + _tag("TypeCode", "VAT")
        + _tag("ExemptionReason", reason)
        + _tag("BasisAmount", _amount(split.net))
        + _tag("CategoryCode", category)
        + _tag("ExemptionReasonCode", code)
        + _tag("RateApplicablePercent", f"{split.rate:f}"),
    )


def _terms(snapshot: InvoiceSnapshot) -> str:
    """BT-9 is the day of the payment (CTC); BT-20 where nothing is paid yet, as on the page, or
    what a credit note takes back."""
    words = words_for(snapshot.locale)
    if snapshot.credited is not None:
        day = Figures(words.language).day(snapshot.credited.issued_on)
        said = words.credits.format(number=snapshot.credited.number, day=day)
        terms = _tag("Description", said)
    elif snapshot.payment is None:
        terms = _tag("Description", words.unpaid)
    else:
        terms = _day("DueDateDateTime", snapshot.payment.paid_at.astimezone(PARIS).date())
    return _group("SpecifiedTradePaymentTerms", terms)


def _totals(snapshot: InvoiceSnapshot, currency: str) -> str:
    zero = Money.zero(snapshot.total.currency)
    paid, due = (snapshot.total, zero) if snapshot.payment else (zero, snapshot.total)
    return _group(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        _tag("LineTotalAmount", _amount(snapshot.total_net))
        + _tag("TaxBasisTotalAmount", _amount(snapshot.total_net))
        + _tag("TaxTotalAmount", _amount(snapshot.total_vat), f' currencyID="{currency}"')
        + _tag("GrandTotalAmount", _amount(snapshot.total))
        + _tag("TotalPrepaidAmount", _amount(paid))
        + _tag("DuePayableAmount", _amount(due)),
    )


def _credited(snapshot: InvoiceSnapshot) -> str:
    """BT-25 and BT-26: the invoice that a credit note takes back."""
    if snapshot.credited is None:
        return ""
    day = f"{snapshot.credited.issued_on:%Y%m%d}"
    issued = f'<qdt:DateTimeString format="102">{day}</qdt:DateTimeString>'
    return _group(
        "InvoiceReferencedDocument",
        _tag("IssuerAssignedID", snapshot.credited.number)
        + _group("FormattedIssueDateTime", issued),
    )
