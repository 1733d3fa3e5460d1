"""The page of a customer's year: for each currency tiles, VAT by rate, and the documents."""

from collections.abc import Mapping

from stakactl.domain.annual import AnnualDocument, AnnualFigures, Issuer, RateTotal
from stakactl.domain.money import Money
from stakactl.domain.orders import Customer
from stakactl.operations.customers.annual import AnnualReport
from stakactl.output.pages.annual_words import STATUS_WORDS, annual_words
from stakactl.output.pages.page import Page
from stakactl.output.pages.revenue import Frame
from stakactl.output.pages.words import Words
from stakactl.output.text import clean

_NONE = "–"
_ISSUERS = {Issuer.STRIPE: "by_stripe", Issuer.APPLICATION: "by_application"}


def annual_page(report: AnnualReport, frame: Frame) -> Page:
    told = annual_words(frame.language, frame.zone)
    return Page(
        "annual.html.j2",
        {
            "language": str(frame.language),
            "title": told["annual"].format(report.year),
            "company": clean(frame.company),
            "span": told.span(report.since, report.until),
            "buyer": _buyer(report.buyer, report.identity.name, told),
            "made": f"{told['made']} {told.moment(frame.made_at)}",
            "mode": told[frame.mode] if frame.mode in ("demo", "test") else "",
            "nothing": "" if report.figures else told["nothing"],
            "currencies": [_currency(figures, told) for figures in report.figures],
            "notes": [
                *([] if report.is_over else [told["so_far"]]),
                *([told["money_note"]] if report.figures else []),
                told["no_invoice"],
            ],
        },
    )


def _buyer(buyer: Customer, name: str, told: Words) -> list[str]:
    """As in the address of a letter; empty lines are left out."""
    address = buyer.address
    lines = (
        buyer.company,
        buyer.name,
        address.line1,
        address.line2,
        f"{address.postal_code} {address.city}".strip(),
        told.country(address.country) if address.country else "",
        told["vat_id"].format(buyer.vat_number) if buyer.vat_number else "",
        buyer.email,
        name if name != buyer.email.casefold() else "",
    )
    return [clean(line) for line in lines if line]


def _currency(figures: AnnualFigures, told: Words) -> Mapping[str, object]:
    return {
        "code": figures.currency.upper(),
        "tiles": _tiles(figures, told),
        "rates": _rates(figures, told) if figures.rates else None,
        "documents": _documents(figures, told) if figures.documents else None,
    }


def _tiles(figures: AnnualFigures, told: Words) -> list[Mapping[str, object]]:
    money = figures.money
    amounts = [
        ("paid", money.paid),
        ("refunded", money.refunded),
        ("disputes_lost", money.disputes_lost),
        ("net", money.net),
        ("invoiced", figures.invoiced),
        ("difference", figures.difference),
    ]
    amounts += [("refunds_pending", money.refunds_pending)] if money.refunds_pending else []
    amounts += [("disputes_open", money.disputes_open)] if money.disputes_open else []
    tiles = [_tile(told["payments"], told.number(money.payments))]
    tiles += [
        _tile(told[name], _amount(amount, told), main=name == "net") for name, amount in amounts
    ]
    return tiles


def _tile(label: str, value: str, *, main: bool = False) -> Mapping[str, object]:
    """The fields of every page's tiles; nothing here is compared or asks for attention."""
    return {
        "label": label,
        "value": value,
        "before": "",
        "change": "",
        "main": main,
        "attention": False,
    }


def _rates(figures: AnnualFigures, told: Words) -> Mapping[str, object]:
    def row(label: str, *amounts: Money | None) -> list[str]:
        return [label, *(_amount(amount, told) for amount in amounts)]

    rows = []
    for rate in figures.rates:
        if rate.rate is None and len(figures.rates) > 1:
            net, vat = figures.net, figures.vat
            rows.append(row(told["with_rate"], net, vat, net + vat))
        rows.append(row(_rate(rate, told), rate.net, rate.vat, rate.gross))
    return {
        "title": told["vat_by_rate"],
        "head": [told["rate"], told["ht"], told["vat"], told["ttc"]],
        "rows": rows,
        "foot": row(told["total"], *_total(figures)),
    }


def _total(figures: AnnualFigures) -> tuple[Money | None, Money | None, Money]:
    """HT and VAT only where every document has them: the three always add up."""
    if figures.rates and figures.rates[-1].rate is None:
        return None, None, figures.invoiced
    return figures.net, figures.vat, figures.invoiced


def _rate(rate: RateTotal, told: Words) -> str:
    """As it is written, however many decimals: 20 %, 5,5 %, 1,75 %."""
    if rate.rate is None:
        return told["no_rate"]
    return told["percent"].format(f"{rate.rate.normalize():f}".replace(".", told["decimal"]))


def _documents(figures: AnnualFigures, told: Words) -> Mapping[str, object]:
    names = ("number", "issued", "kind", "status", "ht", "vat", "ttc")
    total = _total(figures)
    return {
        "title": told["documents"],
        "head": [told[name] for name in names],
        "rows": [_document(document, told) for document in figures.documents],
        "foot": [told["total"], "", "", "", *(_amount(amount, told) for amount in total)],
    }


def _document(document: AnnualDocument, told: Words) -> list[str]:
    currency, vat = document.total.currency, document.vat
    net = None if vat is None else Money.total((split.net for split in vat), currency)
    tax = None if vat is None else Money.total((split.vat for split in vat), currency)
    status = STATUS_WORDS.get(document.status, document.status)
    return [
        clean(document.number),
        told.day(document.issued_on),
        told[_ISSUERS.get(document.issuer, document.kind)],
        told.texts.get(status, clean(status)),
        *(_amount(amount, told) for amount in (net, tax, document.total)),
    ]


def _amount(amount: Money | None, told: Words) -> str:
    return _NONE if amount is None else told.amount(amount.minor, amount.currency)
