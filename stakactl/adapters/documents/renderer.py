"""Draws laid-out pages with the reportlab canvas: the only file that writes PDF.

The same snapshot gives the same bytes in any process: reportlab's clock and its document id are
replaced by the invoice's own (it would obey SOURCE_DATE_EPOCH otherwise), and only the bytes of
the zlib in use can still differ between machines.

`archive.py` adds what makes it PDF/A-3b, and the XML of `facturx.py`.
"""

import hashlib
from datetime import date
from functools import cache
from io import BytesIO
from threading import Lock

from reportlab import rl_config
from reportlab.lib.colors import Color
from reportlab.pdfgen.canvas import Canvas

from stakactl.adapters.documents.archive import PRODUCER, archive
from stakactl.adapters.documents.facturx import to_facturx
from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.page import (
    HEIGHT,
    WIDTH,
    Document,
    Item,
    Panel,
    Rule,
    Stamp,
    Style,
    Text,
    Weight,
)
from stakactl.domain.invoicing import InvoiceSnapshot

STAMP_ALPHA = 0.13

#: reportlab's fonts are shared by all documents of the process and not made for threads.
_ONE_AT_A_TIME = Lock()


class PdfInvoiceRenderer:
    """The port InvoiceRenderer. Building one loads the fonts; keep it for all invoices."""

    def __init__(self) -> None:
        rl_config.useA85 = 0  # binary streams: a fifth smaller than reportlab's ASCII ones
        with _ONE_AT_A_TIME:
            self._fonts = Fonts()

    def render(self, snapshot: InvoiceSnapshot) -> bytes:
        document = lay_out(snapshot, self._fonts)
        xml = to_facturx(snapshot)
        with _ONE_AT_A_TIME:
            return _draw(document, xml)


class _Day:
    """Midnight UTC of the issue date, in the shape of reportlab's TimeStamp."""

    def __init__(self, day: date) -> None:
        self.YMDhms = (day.year, day.month, day.day, 0, 0, 0)
        self.dhh = self.dmm = 0


def _draw(document: Document, xml: bytes) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(
        buffer,
        pagesize=(WIDTH, HEIGHT),
        pageCompression=1,
        invariant=1,
        pdfVersion=(1, 7),
        initialFontName=Weight.REGULAR.value,  # the default would name Helvetica, not embedded
        lang=document.language,
    )
    _pin(canvas, document, xml)
    archive(canvas, document, xml)
    for page in document.pages:
        _Pen(canvas).draw(page)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _pin(canvas: Canvas, document: Document, xml: bytes) -> None:
    """What the file says about itself, and that nothing but the invoice decides it."""
    canvas.setTitle(document.title)
    canvas.setAuthor(document.author)
    canvas.setSubject(document.subject)
    canvas.setCreator(PRODUCER)
    canvas.setProducer(PRODUCER)
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas._doc._timeStamp = _Day(document.issued_on)
    canvas._doc.signature = hashlib.md5(xml, usedforsecurity=False)  # the /ID


class _Pen:
    """Draws one page: shapes, then all texts as one text object, then the stamp.

    Nothing is ever drawn over a text but the stamp, so this order changes no picture; it saves
    reportlab the setting up of a text object for every run.
    """

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._fill: int | None = None

    def draw(self, page: tuple[Item, ...]) -> None:
        for item in page:
            if isinstance(item, Rule | Panel):
                self._shape(item)
        self._texts([item for item in page if isinstance(item, Text)])
        for item in page:
            if isinstance(item, Stamp):
                self._stamp(item)

    def _shape(self, item: Rule | Panel) -> None:
        if item.colour != self._fill:
            self._canvas.setFillColor(_rgb(item.colour))
            self._fill = item.colour
        height = item.thickness if isinstance(item, Rule) else item.height
        place = (item.x, HEIGHT - item.y - height, item.width, height)
        if isinstance(item, Panel) and item.radius:
            self._canvas.roundRect(*place, item.radius, stroke=0, fill=1)
        else:
            self._canvas.rect(*place, stroke=0, fill=1)

    def _texts(self, items: list[Text]) -> None:
        """Fonts and colours are switched only where they change."""
        run = self._canvas.beginText()
        style: Style | None = None
        for item in items:
            if style is None or (item.style.weight, item.style.size) != (style.weight, style.size):
                run.setFont(item.style.weight.value, item.style.size)
            if style is None or item.style.colour != style.colour:
                run.setFillColor(_rgb(item.style.colour))
            style = item.style
            run.setTextOrigin(round(item.x, 2), round(HEIGHT - item.y, 2))
            run.textLine(item.text)  # textOut would measure it again
        self._canvas.drawText(run)

    def _stamp(self, item: Stamp) -> None:
        canvas = self._canvas
        canvas.saveState()
        canvas.setFillColor(_rgb(item.style.colour))
        canvas.setFillAlpha(STAMP_ALPHA)
        canvas.setFont(item.style.weight.value, item.style.size)
        canvas.translate(WIDTH / 2, HEIGHT / 2)
        canvas.rotate(item.angle)
        canvas.drawCentredString(0, -item.style.size * 0.36, item.text)
        canvas.restoreState()


@cache
def _rgb(colour: int) -> Color:
    return Color((colour >> 16) / 255, (colour >> 8 & 0xFF) / 255, (colour & 0xFF) / 255)
