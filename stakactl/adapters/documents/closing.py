"""The lower third: VAT by rate, totals, how it was paid, and what the law wants said."""

from stakactl.adapters.documents.heading import GUTTER, LABEL, Job
from stakactl.adapters.documents.page import (
    BLUE,
    BOTTOM,
    CONTENT,
    FOOTER,
    LEFT,
    MUTED,
    RIGHT,
    WHITE,
    Flow,
    Panel,
    Rule,
    Style,
    Text,
    Weight,
)
from stakactl.adapters.documents.wording import method_name
from stakactl.domain.invoicing import Credited

TOTALS_WIDTH = 222.0
PADDING = 10.0
VAT_WIDTH = CONTENT - TOTALS_WIDTH - 2 * GUTTER
ROW = 19.0
GRAND = 34.0
PAYMENT = 38.0
FIGURE = Style(8.5)
STRONG = Style(9, Weight.BOLD)
LEGAL = Style(7, colour=MUTED)
LEGAL_LEADING = 10.0
LEGAL_SPACE = 12.0


def closing_height(job: Job) -> float:
    """What the totals, the VAT table, the payment and the mentions take together."""
    vat = ROW * (len(job.snapshot.vat) + 1)
    return max(vat, 2 * ROW + GRAND) + 20 + PAYMENT + _legal_height(_legal_lines(job))


def draw_closing(job: Job, flow: Flow) -> None:
    flow.need(closing_height(job))
    page, top = len(flow.pages), flow.y
    _totals(job, flow)
    totals_end, flow.y = flow.y, top
    _vat_table(job, flow)
    flow.y = max(flow.y, totals_end) if len(flow.pages) == page else flow.y
    flow.y += 20
    _payment(job, flow)
    _legal(job, flow)


def draw_footer(job: Job, page: int, pages: int) -> list[Text | Rule]:
    """Which invoice and whose on the left, page n/m on the right, of every page."""
    title = job.words.invoice.format(number=job.snapshot.number)
    number = job.words.page.format(page=page, pages=pages)
    return [
        Rule(LEFT, FOOTER - 13, CONTENT),
        job.fonts.left(LEFT, FOOTER, f"{title}  ·  {job.snapshot.seller.name}", LEGAL, 400),
        job.fonts.right(RIGHT, FOOTER, number, LEGAL, 80),
    ]


def _totals(job: Job, flow: Flow) -> None:
    """HT, TVA, and TTC as the one block of solid colour on the page."""
    words, snapshot, figures, fonts = job.words, job.snapshot, job.figures, job.fonts
    left, edge = RIGHT - TOTALS_WIDTH, RIGHT - PADDING
    for label, amount in (
        (words.total_net, snapshot.total_net),
        (words.total_vat, snapshot.total_vat),
    ):
        flow.add(
            fonts.left(left + PADDING, flow.y + 13, label, Style(8.5, colour=MUTED), 80),
            fonts.figure(edge, flow.y + 13, figures.amount(amount), Style(9), 118),
        )
        flow.y += ROW
    flow.y += 4
    grand = Style(10, Weight.BOLD, WHITE)
    flow.add(
        Panel(left, flow.y, TOTALS_WIDTH, GRAND - 4, BLUE, radius=5),
        fonts.left(left + PADDING, flow.y + 19, words.total_gross, grand, 80),
        fonts.figure(edge, flow.y + 19.5, figures.amount(snapshot.total), grand.at(13), 118),
    )
    flow.y += GRAND - 4


def _vat_table(job: Job, flow: Flow) -> None:
    """HT and VAT of every rate, beside the totals; hundreds of rates go over pages."""
    words, figures, fonts = job.words, job.figures, job.fonts
    rate_width = 54.0
    width = (VAT_WIDTH - 2 * PADDING - rate_width - GUTTER) / 2
    edge = LEFT + VAT_WIDTH - PADDING
    rows = [(words.rate, words.base, words.vat_amount)] + [
        (figures.rate(group.rate), figures.amount(group.net), figures.amount(group.vat))
        for group in job.snapshot.vat
    ]
    for index, (rate, net, vat) in enumerate(rows):
        flow.need(ROW)
        style = FIGURE if index else LABEL
        flow.add(
            fonts.left(LEFT + PADDING, flow.y + 13, rate, style, rate_width),
            fonts.figure(edge - width - GUTTER, flow.y + 13, net, style, width),
            fonts.figure(edge, flow.y + 13, vat, style, width),
            Rule(LEFT, flow.y + ROW, VAT_WIDTH),
        )
        flow.y += ROW


def _payment(job: Job, flow: Flow) -> None:
    """ "Payée le 12 novembre 2026 par carte — réf. pi_…", or until when it is to be paid, in a box
    with a blue edge."""
    words, payment, fonts = job.words, job.snapshot.payment, job.fonts
    flow.need(PAYMENT)
    x, y = LEFT + 16, flow.y + 22
    flow.add(
        Panel(LEFT, flow.y, CONTENT, PAYMENT - 2),
        Panel(LEFT, flow.y, 3, PAYMENT - 2, BLUE),
    )
    if job.snapshot.credited is not None:
        _credited(job, flow, job.snapshot.credited, x, y)
    elif payment is None:
        flow.add(fonts.left(x, y, _terms(job), STRONG, CONTENT - 32))
    else:
        day = job.figures.paris_day(payment.paid_at)
        said = words.paid.format(day=day, method=method_name(words, payment.method))
        sentence = fonts.left(x, y, said, STRONG, 260)
        flow.add(sentence)
        if payment.reference:
            start = x + fonts.width(sentence.text, sentence.style) + 6
            reference = words.reference.format(reference=payment.reference)
            flow.add(fonts.left(start, y, reference, Style(8.5, colour=MUTED), RIGHT - 16 - start))
    flow.y += PAYMENT


def _terms(job: Job) -> str:
    due_on = job.snapshot.due_on
    return job.words.unpaid if due_on is None else job.words.due.format(day=job.figures.day(due_on))


def _credited(job: Job, flow: Flow, credited: Credited, x: float, y: float) -> None:
    """ "Avoir sur la facture FACT-… du 12 novembre 2026 — raison", where an invoice says how it was
    paid: the law wants the invoice named."""
    words, fonts = job.words, job.fonts
    said = words.credits.format(number=credited.number, day=job.figures.day(credited.issued_on))
    sentence = fonts.left(x, y, said, STRONG, 330)
    flow.add(sentence)
    if credited.reason:
        start = x + fonts.width(sentence.text, sentence.style) + 6
        reason = words.because.format(reason=credited.reason)
        flow.add(fonts.left(start, y, reason, Style(8.5, colour=MUTED), RIGHT - 16 - start))


def _legal(job: Job, flow: Flow) -> None:
    """The mentions, at the foot of the page where they fit, on a next one otherwise."""
    lines = _legal_lines(job)
    if _legal_height(lines) <= flow.room:
        flow.y = BOTTOM - _legal_height(lines)
    flow.y += LEGAL_SPACE
    for line in lines:
        flow.need(LEGAL_LEADING)
        flow.add(Text(LEFT, flow.y + 7, line, LEGAL))
        flow.y += LEGAL_LEADING


def _legal_lines(job: Job) -> list[str]:
    return [
        line
        for mention in job.snapshot.legal_mentions
        for line in job.fonts.wrapped(mention, LEGAL, CONTENT)
    ]


def _legal_height(lines: list[str]) -> float:
    return LEGAL_SPACE + LEGAL_LEADING * len(lines)
