"""The upper third of the first page: who, what, when, to whom; and how a later page begins."""

from dataclasses import dataclass

from stakactl.adapters.documents.figures import Figures
from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.page import (
    BLUE,
    CONTENT,
    INK,
    LEFT,
    MUTED,
    RIGHT,
    TOP,
    WIDTH,
    Flow,
    Panel,
    Rule,
    Style,
    Weight,
)
from stakactl.adapters.documents.wording import Words
from stakactl.domain.invoicing import Company, InvoiceSnapshot
from stakactl.domain.orders import Address, Customer

LABEL = Style(7, Weight.BOLD, MUTED)
VALUE = Style(9)
NAME = Style(10, Weight.BOLD)
BODY = Style(8.5)
DETAIL = Style(8, colour=MUTED)
GUTTER = 16.0
PADDING = 14.0


@dataclass(frozen=True, slots=True)
class Job:
    """One invoice being laid out, with what measures and words it."""

    snapshot: InvoiceSnapshot
    fonts: Fonts
    words: Words
    figures: Figures


def draw_heading(job: Job, flow: Flow) -> None:
    """Band, seller's name (the logo's place), FACTURE and number, dates, the two parties."""
    _title(job, flow)
    _facts(job, flow)
    _parties(job, flow)


def draw_continuation(job: Job, flow: Flow) -> None:
    """One quiet line, so that a page that was lost from its staple can be put back."""
    words, snapshot, fonts = job.words, job.snapshot, job.fonts
    small = Style(8, Weight.BOLD)
    half = CONTENT / 2 - GUTTER
    title = words.continued.format(number=snapshot.number)
    flow.add(
        _band(),
        fonts.left(LEFT, TOP, snapshot.seller.name, small, half),
        fonts.right(RIGHT, TOP, title, Style(8, colour=MUTED), half),
    )
    flow.y = TOP + 20


def _band() -> Panel:
    return Panel(0, 0, WIDTH, 5, BLUE)


def _title(job: Job, flow: Flow) -> None:
    snapshot, fonts = job.snapshot, job.fonts
    name = Style(16, Weight.BOLD, INK)
    flow.add(_band())
    for index, line in enumerate(fonts.wrap(snapshot.seller.name, name, 290, most=2)):
        flow.add(fonts.left(LEFT, TOP + 14 + index * 20, line, name, 290))
    flow.add(
        fonts.right(RIGHT, TOP + 18, job.words.heading, Style(25, Weight.BOLD, BLUE), 180),
        fonts.figure(RIGHT, TOP + 36, fonts.clean(snapshot.number), Style(10, Weight.BOLD), 200),
    )
    flow.y = TOP + 66


def _facts(job: Job, flow: Flow) -> None:
    """A strip between two rules: dates, order, nature of the operation (décret 2022-1299)."""
    snapshot, words, figures = job.snapshot, job.words, job.figures
    facts = [(words.issued_on, figures.day(snapshot.issued_on))]
    period = snapshot.period
    if period is not None and period.first != period.last:
        facts.append((words.period, figures.period(period.first, period.last)))
    elif snapshot.supplied_on != snapshot.issued_on:
        facts.append((words.supplied_on[snapshot.nature], figures.day(snapshot.supplied_on)))
    if snapshot.order_id:
        facts.append((words.order, snapshot.order_id))
    else:
        facts.append((words.reference_of_invoice, snapshot.reference))
    facts.append((words.nature, words.natures[snapshot.nature]))
    cell = (CONTENT + GUTTER) / len(facts)
    flow.add(Rule(LEFT, flow.y, CONTENT))
    for index, (label, value) in enumerate(facts):
        x = LEFT + index * cell
        flow.add(
            job.fonts.left(x, flow.y + 17, label, LABEL, cell - GUTTER),
            job.fonts.left(x, flow.y + 30, value, VALUE, cell - GUTTER),
        )
    flow.y += 41
    flow.add(Rule(LEFT, flow.y, CONTENT))
    flow.y += 22


def _parties(job: Job, flow: Flow) -> None:
    """Seller on white, buyer on a shaded panel, side by side and of one height."""
    width = (CONTENT - GUTTER) / 2
    inner = width - 2 * PADDING
    right = LEFT + width + GUTTER
    seller = _party_lines(job, _seller(job), inner)
    buyer = _party_lines(job, _buyer(job), inner)
    height = 2 * PADDING + 6 + max(_steps(seller)[-1], _steps(buyer)[-1])
    flow.add(Panel(right, flow.y, width, height, radius=6))
    for x, label, lines in (
        (LEFT, job.words.seller, seller),
        (right + PADDING, job.words.buyer, buyer),
    ):
        y = flow.y + PADDING + 6
        flow.add(job.fonts.left(x, y, label, LABEL, inner))
        for (line, style), step in zip(lines, _steps(lines), strict=False):
            flow.add(job.fonts.left(x, y + step, line, style, inner))
    flow.y += height + 26


def _steps(lines: list[tuple[str, Style]]) -> list[float]:
    """How far below the label each line stands: names and groups get some air above them."""
    steps: list[float] = []
    y, above = 0.0, LABEL
    for _, style in lines:
        y += 13 + (
            3
            if style is NAME and above is LABEL
            else 4
            if style is DETAIL and above is not DETAIL
            else 0
        )
        steps.append(y)
        above = style
    return steps or [0.0]


def _party_lines(
    job: Job, fields: list[tuple[str, Style]], width: float
) -> list[tuple[str, Style]]:
    """Every field wrapped, three lines at most: nobody's name may push the invoice away."""
    return [
        (line, style)
        for text, style in fields
        if text.strip()
        for line in job.fonts.wrap(text, style, width, most=3)
    ]


def _seller(job: Job) -> list[tuple[str, Style]]:
    seller: Company = job.snapshot.seller
    siret = seller.siret
    contact = "  ·  ".join(part for part in (seller.phone, seller.website) if part)
    return [
        (seller.name, NAME),
        *_address(job, seller.address),
        (f"SIREN {_grouped(seller.siren)}" if siret else "", DETAIL),
        (_vat_number(job, seller.vat_number), DETAIL),
        (seller.email, DETAIL),
        (contact, DETAIL),
    ]


def _buyer(job: Job) -> list[tuple[str, Style]]:
    buyer: Customer = job.snapshot.buyer
    person = buyer.name if buyer.name != buyer.company else ""
    attention = job.words.attention.format(name=person) if person and buyer.company else ""
    return [
        (buyer.company.strip() or buyer.name.strip() or buyer.email, NAME),
        (attention, BODY),
        *_address(job, buyer.address),
        (f"SIREN {_grouped(buyer.siren)}" if buyer.siren else "", DETAIL),
        (_vat_number(job, buyer.vat_number), DETAIL),
        (buyer.email, DETAIL),
    ]


def _address(job: Job, address: Address) -> list[tuple[str, Style]]:
    city = f"{address.postal_code} {address.city}".strip()
    country = job.figures.country(address.country)
    return [(text, BODY) for text in (address.line1, address.line2, city, country)]


def _vat_number(job: Job, number: str) -> str:
    return job.words.vat_number.format(number=number) if number else ""


def _grouped(siren: str) -> str:
    """123 456 789 with no-break spaces; anything but nine digits stays as it is."""
    if len(siren) != 9 or not siren.isdigit():
        return siren
    return "\N{NO-BREAK SPACE}".join((siren[:3], siren[3:6], siren[6:]))
