"""The report of `customers annual`: documents as rows, money and VAT in sections."""

from collections.abc import Iterator
from pathlib import Path

from stakactl.domain.annual import AnnualDocument, AnnualFigures
from stakactl.domain.money import Money
from stakactl.operations.customers.annual import AnnualReport
from stakactl.output.reports.customer_items import totals_item
from stakactl.output.view import STATES, Cell, Column, Item, Kind, Section, View

_COLUMNS = (
    Column("issued_on", "issued", Kind.DATE),
    Column("number", "number", min_width=12, max_width=24),
    Column("kind", "what", priority=2),
    Column("issuer", "by", priority=3),
    Column("status", "status", style={**STATES, "PAID": "green", "OVERDUE": "red"}, priority=1),
    Column("net", "HT", Kind.MONEY, priority=1),
    Column("vat", "VAT", Kind.MONEY, priority=1),
    Column("total", "TTC", Kind.MONEY),
    Column("order_id", "order", priority=None),
    Column("currency", "currency", priority=None),
)
_WIDTH = 18


def annual_view(report: AnnualReport, *, page: Path | None = None) -> View:
    identity, buyer = report.identity, report.buyer
    sections: list[Section] = []
    for figures in report.figures:
        code = figures.currency.upper()
        sections.append(Section(f"Money, {code}", tuple(_money_lines(figures))))
        if figures.rates:
            sections.append(Section(f"Invoiced, {code}", tuple(_rate_lines(figures))))
    return View(
        summary={
            "customer": identity.name,
            "known_by": identity.kind,
            "name": buyer.company or buyer.name or None,
            "email": buyer.email or None,
            "since": report.since,
            "until": report.until,
            "totals": [_figures_item(figures) for figures in report.figures],
            "page": str(page) if page else None,
        },
        items=[_item(document) for figures in report.figures for document in figures.documents],
        columns=_COLUMNS,
        title=f"{report.year} of customer {identity.name}",
        sections=tuple(sections),
        labels={"email": "e-mail"},
        empty="No invoice was issued in this year."
        if report.figures
        else "Nothing was paid, given back or invoiced in this year.",
        notes=_notes(report),
    )


def _notes(report: AnnualReport) -> tuple[str, ...]:
    notes = [] if report.is_over else ["The year is not over: these figures can still change."]
    if any(figures.difference for figures in report.figures):
        notes.append(
            "Invoiced and kept differ where money and document fall into different years, or one"
            " of them is missing or unpaid."
        )
    return tuple(notes)


def _item(document: AnnualDocument) -> Item:
    currency, vat = document.total.currency, document.vat
    return {
        "issued_on": document.issued_on,
        "number": document.number,
        "kind": document.kind,
        "issuer": document.issuer,
        "status": document.status,
        "net": None if vat is None else Money.total((s.net for s in vat), currency),
        "vat": None if vat is None else Money.total((s.vat for s in vat), currency),
        "total": document.total,
        "order_id": document.order_id,
        "currency": currency,
    }


def _money_lines(figures: AnnualFigures) -> Iterator[str]:
    money = figures.money
    yield f"{'payments':<22}{money.payments:>{_WIDTH}}"
    yield _line("paid", money.paid)
    yield _line("refunded", -money.refunded)
    yield _line("lost in disputes", -money.disputes_lost)
    yield _line("net", money.net)
    if figures.rates or figures.difference:
        yield _line("invoiced", figures.invoiced)
        yield _line("difference", figures.difference)
    if money.refunds_pending:
        yield _line("refunds pending", money.refunds_pending)
    if money.disputes_open:
        yield _line("disputes open", money.disputes_open)


def _line(label: str, amount: Money) -> str:
    return f"{label:<22}{amount!s:>{_WIDTH}}"


def _rate_lines(figures: AnnualFigures) -> Iterator[str]:
    yield f"{'rate':<16}{'HT':>{_WIDTH}}{'VAT':>{_WIDTH}}{'TTC':>{_WIDTH}}"
    known = [rate for rate in figures.rates if rate.rate is not None]
    for rate in known:
        yield _amounts(f"{rate.rate:f} %", rate.net, rate.vat, rate.gross)
    if known:
        yield _amounts("at these rates", figures.net, figures.vat, figures.net + figures.vat)
    if len(known) < len(figures.rates):
        yield _amounts("no rate known", None, None, figures.unstated)
        yield _amounts("in all", None, None, figures.invoiced)


def _amounts(label: str, *amounts: Money | None) -> str:
    texts = ("" if amount is None else str(amount) for amount in amounts)
    return f"{label:<16}" + "".join(f"{text:>{_WIDTH}}" for text in texts)


def _figures_item(figures: AnnualFigures) -> dict[str, Cell]:
    rates: list[Cell] = [
        {"rate": rate.rate, "net": rate.net, "vat": rate.vat, "gross": rate.gross}
        for rate in figures.rates
    ]
    return {
        **totals_item(figures.money),
        "invoiced": figures.invoiced,
        "invoiced_net": figures.net,
        "invoiced_vat": figures.vat,
        "invoiced_without_rate": figures.unstated,
        "difference": figures.difference,
        "rates": rates,
    }
