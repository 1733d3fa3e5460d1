"""The middle of the invoice: what was sold, one row per line, over as many pages as it takes.

The law wants the unit price without VAT (annexe II CGI 242 nonies A I 8°); Stripe charged one
with VAT. So both are shown: the unit price says TTC in its heading, and the HT of one unit is
either the row's own amount (quantity 1) or written below.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stakactl.adapters.documents.heading import LABEL, Job
from stakactl.adapters.documents.page import (
    BOTTOM,
    CONTENT,
    LEFT,
    MUTED,
    RIGHT,
    TOP,
    Flow,
    Panel,
    Rule,
    Style,
    Text,
)
from stakactl.domain.invoicing import InvoiceLine

CELL = Style(8.5)
NOTE = Style(7, colour=MUTED)
PADDING = 10.0
GAP = 15.0
LEADING = 12.0
ROW_PADDING = 8.0
HEADER_HEIGHT = 24.0
NARROWEST_TITLE = 140.0


@dataclass(frozen=True, slots=True)
class Row:
    """One line with its figures written out: quantity, unit price, rate, HT, TTC."""

    title: list[str]
    cells: tuple[str, ...]
    note: str

    @property
    def line_count(self) -> int:
        return max(len(self.title), 2 if self.note else 1)

    @property
    def height(self) -> float:
        return 2 * ROW_PADDING + (self.line_count - 1) * LEADING + CELL.size


@dataclass(frozen=True, slots=True)
class Grid:
    """Right edges and widths of the five figure columns, and the width left for the title."""

    edges: tuple[float, ...]
    widths: tuple[float, ...]
    title_width: float
    style: Style


def draw_positions(job: Job, flow: Flow, keep: float) -> None:
    """The table. Its last row stays on one page with `keep` points of what follows it."""
    cells = [_cells(job, line) for line in job.snapshot.lines]
    notes = [_note(job, line) for line in job.snapshot.lines]
    grid = _grid(job, cells, notes)
    rows = [
        Row(job.fonts.wrap(line.title, CELL, grid.title_width) or ["–"], figures, note)
        for line, figures, note in zip(job.snapshot.lines, cells, notes, strict=True)
    ]
    _header(job, flow, grid)
    flow.repeat = lambda fresh: _header(job, fresh, grid)
    for index, row in enumerate(rows):
        whole = BOTTOM - TOP - 2 * HEADER_HEIGHT
        wanted = row.height + (keep if index == len(rows) - 1 else 0)
        flow.need(wanted if wanted <= whole else min(row.height, 4 * LEADING))
        _row(job, flow, grid, row)
    flow.repeat = None
    flow.y += 18


def _cells(job: Job, line: InvoiceLine) -> tuple[str, ...]:
    figures = job.figures
    return (
        figures.quantity(line.quantity),
        figures.amount(line.unit_amount),
        figures.rate(line.vat_rate),
        figures.amount(line.net),
        figures.amount(line.amount),
    )


def _note(job: Job, line: InvoiceLine) -> str:
    if line.quantity in (0, 1):
        return ""
    return job.words.unit_net.format(amount=job.figures.share(line.net, line.quantity))


def _headings(job: Job) -> tuple[str, ...]:
    words = job.words
    return (words.quantity, words.unit_price, words.vat, words.net, words.gross)


def _grid(job: Job, rows: Sequence[tuple[str, ...]], notes: Sequence[str]) -> Grid:
    """Columns as wide as their widest figure; smaller when the title would starve."""
    fonts = job.fonts
    widths, naturals = [], []
    for index, heading in enumerate(_headings(job)):
        natural = max(fonts.width(row[index], CELL) for row in rows)
        naturals.append(natural)
        if index == 1:
            natural = max(natural, *(fonts.width(note, NOTE) for note in notes))
        widths.append(max(natural, fonts.width(heading, LABEL)))
    space = CONTENT - 2 * PADDING - GAP * len(widths)
    scale = min(1.0, (space - NARROWEST_TITLE) / sum(widths))
    widths = [width * scale for width in widths]
    fitting = min(width / natural for width, natural in zip(widths, naturals, strict=True))
    style = CELL.at(CELL.size * min(1.0, fitting))
    edges = [RIGHT - PADDING]
    for width in reversed(widths[1:]):
        edges.insert(0, edges[0] - width - GAP)
    return Grid(tuple(edges), tuple(widths), space - sum(widths), style)


def _header(job: Job, flow: Flow, grid: Grid) -> None:
    baseline = flow.y + 15
    flow.add(
        Panel(LEFT, flow.y, CONTENT, HEADER_HEIGHT, radius=4),
        job.fonts.left(LEFT + PADDING, baseline, job.words.description, LABEL, grid.title_width),
    )
    for heading, edge, width in zip(_headings(job), grid.edges, grid.widths, strict=True):
        flow.add(job.fonts.right(edge, baseline, heading, LABEL, width + 0.01))
    flow.y += HEADER_HEIGHT


def _row(job: Job, flow: Flow, grid: Grid, row: Row) -> None:
    """Figures beside the first line of the title; a title longer than the page goes on.

    The whole title comes before the figures, so that copied text reads as it was written.
    """
    fonts = job.fonts
    flow.y += ROW_PADDING + CELL.size
    page, first = flow.pages[-1], flow.y
    for index in range(row.line_count):
        if index:
            flow.y += LEADING
            if flow.need(ROW_PADDING):
                flow.y += ROW_PADDING + CELL.size
        if index < len(row.title):
            flow.add(Text(LEFT + PADDING, flow.y, row.title[index], CELL))
    for cell, edge, width in zip(row.cells, grid.edges, grid.widths, strict=True):
        page.append(fonts.figure(edge, first, cell, grid.style, width))
    if row.note:
        below = first + LEADING - 0.5
        page.append(fonts.figure(grid.edges[1], below, row.note, NOTE, grid.widths[1]))
    flow.y += ROW_PADDING
    flow.add(Rule(LEFT, flow.y, CONTENT))
