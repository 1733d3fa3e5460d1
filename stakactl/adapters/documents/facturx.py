"""The invoice for machines: Factur-X, profile EN 16931, as the bytes of `factur-x.xml`.

Written as escaped text in the order of the CII schema (D16B): the shape never changes, and a tree
would cost more than the page. Every amount is one of the frozen snapshot; nothing is computed
again. Comments name the norm's business terms (BT-n).
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from stakactl.adapters.documents.elements import group, tag
from stakactl.adapters.documents.facturx_parties import buyer_party, seller_party
from stakactl.adapters.documents.figures import PARIS, figures_for
from stakactl.adapters.documents.wording import method_name, words_for
from stakactl.domain.invoicing import InvoiceLine, InvoiceSnapshot
from stakactl.domain.legal import Clause, coded_mentions, why_no_vat
from stakactl.domain.money import Money, exponent
from stakactl.domain.orders import Nature

PROFILE = "urn:cen.eu:en16931:2017"
#: BT-3 (UNTDID 1001). The amounts of a credit note are positive: its type takes them back.
INVOICE, CREDIT_NOTE = "380", "381"
#: BT-6: what VAT is declared in.
ACCOUNTING = "EUR"
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
MEANS = {
    "card": "48",
    "card_present": "48",
    "sepa_debit": "59",
    "bank_transfer": "42",  # a payment to a bank account, which needs no IBAN any more
    "cheque": "20",
    "cash": "10",
}
ONLINE_PAYMENT = "68"
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


def _amount(money: Money) -> str:
    """The norm knows two decimals: thousandths that end in 0 are written without it."""
    places, minor = exponent(money.currency), abs(money.minor)
    if places > 2 and minor % 10 == 0:
        places, minor = 2, minor // 10
    sign = "-" if money.minor < 0 else ""
    whole, part = divmod(minor, 10**places)
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"


def _day(name: str, day: date) -> str:
    return group(name, f'<udt:DateTimeString format="102">{day:%Y%m%d}</udt:DateTimeString>')


def _tax_category(snapshot: InvoiceSnapshot, rate: Decimal) -> tuple[str, str]:
    """The category of a rate and the code of its exemption."""
    if rate:
        return "S", ""
    return UNTAXED[why_no_vat(snapshot.seller, snapshot.buyer, snapshot.nature)[0]]


def _context(snapshot: InvoiceSnapshot) -> str:
    process = f"{PROCESS[snapshot.nature]}{2 if snapshot.payment else 1}"
    return (
        "<rsm:ExchangedDocumentContext>"
        + group("BusinessProcessSpecifiedDocumentContextParameter", tag("ID", process))
        + group("GuidelineSpecifiedDocumentContextParameter", tag("ID", PROFILE))
        + "</rsm:ExchangedDocumentContext>"
    )


def _document(snapshot: InvoiceSnapshot) -> str:
    notes = "".join(
        group("IncludedNote", tag("Content", content) + tag("SubjectCode", code))
        for content, code in _notes(snapshot)
    )
    return (
        "<rsm:ExchangedDocument>"
        + tag("ID", snapshot.number)
        + tag("TypeCode", CREDIT_NOTE if snapshot.credited else INVOICE)
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
    base = tag("BasisQuantity", str(quantity), ' unitCode="C62"') if quantity > 1 else ""
    price = tag("ChargeAmount", _amount(line.net).lstrip("-")) + base
    category, _ = _tax_category(snapshot, line.vat_rate)
    tax = tag("TypeCode", "VAT") + tag("CategoryCode", category)
    tax += tag("RateApplicablePercent", f"{line.vat_rate:f}")
    total = tag("LineTotalAmount", _amount(line.net))
    return group(
        "IncludedSupplyChainTradeLineItem",
        group("AssociatedDocumentLineDocument", tag("LineID", str(number)))
        + group("SpecifiedTradeProduct", tag("Name", line.title) or tag("Name", "–"))
        + group("SpecifiedLineTradeAgreement", group("NetPriceProductTradePrice", price))
        + group(
            "SpecifiedLineTradeDelivery",
            tag("BilledQuantity", f"{sign}{quantity}", ' unitCode="C62"'),
        )
        + group(
            "SpecifiedLineTradeSettlement",
            group("ApplicableTradeTax", tax)
            + group("SpecifiedTradeSettlementLineMonetarySummation", total),
        ),
    )


def _agreement(snapshot: InvoiceSnapshot) -> str:
    return group(
        "ApplicableHeaderTradeAgreement",
        group("SellerTradeParty", seller_party(snapshot.seller))
        + group("BuyerTradeParty", buyer_party(snapshot.buyer))
        + group("SellerOrderReferencedDocument", tag("IssuerAssignedID", _order(snapshot))),
    )


def _order(snapshot: InvoiceSnapshot) -> str:
    """BT-14: what the seller calls that which the invoice is about."""
    return snapshot.order_id or snapshot.reference


def _delivery(snapshot: InvoiceSnapshot) -> str:
    """Where goods went (BT-80) is the buyer's country: an intra-Community supply must say it.
    Of a period this is the last day; the period itself (BG-14) stands in the settlement."""
    country = snapshot.buyer.address.country if snapshot.nature is not Nature.SERVICES else ""
    ship_to = group("PostalTradeAddress", tag("CountryID", country))
    return group(
        "ApplicableHeaderTradeDelivery",
        group("ShipToTradeParty", ship_to)
        + group("ActualDeliverySupplyChainEvent", _day("OccurrenceDateTime", snapshot.supplied_on)),
    )


def _settlement(snapshot: InvoiceSnapshot) -> str:
    currency = snapshot.total.currency.upper()
    reference = snapshot.payment.reference if snapshot.payment else ""
    return group(
        "ApplicableHeaderTradeSettlement",
        tag("PaymentReference", reference)
        + tag("TaxCurrencyCode", ACCOUNTING if _accounted(snapshot) else "")
        + tag("InvoiceCurrencyCode", currency)
        + _means(snapshot)
        + _taxes(snapshot)
        + _period(snapshot)
        + _terms(snapshot)
        + _totals(snapshot, currency)
        + _credited(snapshot),
    )


def _means(snapshot: InvoiceSnapshot) -> str:
    if snapshot.payment is None:
        return ""
    method = snapshot.payment.method
    return group(
        "SpecifiedTradeSettlementPaymentMeans",
        tag("TypeCode", MEANS.get(method, ONLINE_PAYMENT))
        + tag("Information", method_name(words_for(snapshot.locale), method)),
    )


def _taxes(snapshot: InvoiceSnapshot) -> str:
    return "".join(_tax(snapshot, index) for index in range(len(snapshot.vat)))


def _tax(snapshot: InvoiceSnapshot, index: int) -> str:
    split = snapshot.vat[index]
    category, code = _tax_category(snapshot, split.rate)
    reason = snapshot.legal_mentions[0] if code and snapshot.legal_mentions else ""
    return group(
        "ApplicableTradeTax",
        tag("CalculatedAmount", _amount(split.vat))
        + tag("TypeCode", "VAT")
        + tag("ExemptionReason", reason)
        + tag("BasisAmount", _amount(split.net))
        + tag("CategoryCode", category)
        + tag("ExemptionReasonCode", code)
        + tag("RateApplicablePercent", f"{split.rate:f}"),
    )


def _period(snapshot: InvoiceSnapshot) -> str:
    """BT-73 and BT-74."""
    period = snapshot.period
    if period is None:
        return ""
    days = _day("StartDateTime", period.first) + _day("EndDateTime", period.last)
    return group("BillingSpecifiedPeriod", days)


def _terms(snapshot: InvoiceSnapshot) -> str:
    """BT-9 is the day of the payment (CTC), or the last day to pay; BT-20 where nothing is paid
    yet, as on the page, or what a credit note takes back."""
    words = words_for(snapshot.locale)
    if snapshot.credited is not None:
        day = figures_for(words.language).day(snapshot.credited.issued_on)
        said = words.credits.format(number=snapshot.credited.number, day=day)
        terms = tag("Description", said)
    elif snapshot.due_on is not None:
        said = words.due.format(day=figures_for(words.language).day(snapshot.due_on))
        terms = tag("Description", said) + _day("DueDateDateTime", snapshot.due_on)
    elif snapshot.payment is None:
        terms = tag("Description", words.unpaid)
    else:
        terms = _day("DueDateDateTime", snapshot.payment.paid_at.astimezone(PARIS).date())
    return group("SpecifiedTradePaymentTerms", terms)


def _totals(snapshot: InvoiceSnapshot, currency: str) -> str:
    zero = Money.zero(snapshot.total.currency)
    paid, due = (snapshot.total, zero) if snapshot.payment else (zero, snapshot.total)
    return group(
        "SpecifiedTradeSettlementHeaderMonetarySummation",
        tag("LineTotalAmount", _amount(snapshot.total_net))
        + tag("TaxBasisTotalAmount", _amount(snapshot.total_net))
        + tag("TaxTotalAmount", _amount(snapshot.total_vat), f' currencyID="{currency}"')
        + tag("TaxTotalAmount", _accounted(snapshot), f' currencyID="{ACCOUNTING}"')
        + tag("GrandTotalAmount", _amount(snapshot.total))
        + tag("TotalPrepaidAmount", _amount(paid))
        + tag("DuePayableAmount", _amount(due)),
    )


def _accounted(snapshot: InvoiceSnapshot) -> str:
    """BT-111, the VAT in the currency of French accounts (BT-6): no VAT is none at any exchange
    rate, and of any other amount nobody told us the rate."""
    foreign = snapshot.total.currency.upper() != ACCOUNTING
    return "0.00" if foreign and not snapshot.total_vat else ""


def _credited(snapshot: InvoiceSnapshot) -> str:
    """BT-25 and BT-26: the invoice that a credit note takes back."""
    if snapshot.credited is None:
        return ""
    day = f"{snapshot.credited.issued_on:%Y%m%d}"
    issued = f'<qdt:DateTimeString format="102">{day}</qdt:DateTimeString>'
    return group(
        "InvoiceReferencedDocument",
        tag("IssuerAssignedID", snapshot.credited.number) + group("FormattedIssueDateTime", issued),
    )
