"""Puts laid-out pages into a reportlab canvas and makes its file: the only way to a PDF here.

The same snapshot gives the same bytes in any process: nothing in the file comes from a clock, a
locale or a counter (reportlab's own would obey SOURCE_DATE_EPOCH), and only the bytes of the zlib
in use can still differ between machines.

`pen.py` draws, `embedding.py` brings the fonts, `archive.py` frames the pages as PDF/A-3b with the
XML of `facturx.py`.
"""

import hashlib
from collections.abc import Sequence
from io import BytesIO

from reportlab.pdfbase.pdfdoc import PDFObjectReference
from reportlab.pdfgen.canvas import Canvas

from stakactl.adapters.documents.archive import Frame
from stakactl.adapters.documents.embedding import DocumentFonts
from stakactl.adapters.documents.facturx import to_facturx
from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.objects import stream
from stakactl.adapters.documents.page import HEIGHT, WIDTH, Document, Item
from stakactl.adapters.documents.pen import draw_shapes, draw_stamps, draw_texts
from stakactl.domain.invoicing import InvoiceSnapshot


class PdfInvoiceRenderer:
    """The port InvoiceRenderer. Building one loads the fonts; keep it for all invoices. Threads
    may share it."""

    def __init__(self) -> None:
        self._fonts = Fonts()
        self._frame = Frame(self._fonts.typefaces)

    def render(self, snapshot: InvoiceSnapshot) -> bytes:
        return self._draw(lay_out(snapshot, self._fonts), to_facturx(snapshot))

    def _draw(self, document: Document, xml: bytes) -> bytes:
        buffer = BytesIO()
        canvas = _Sheets(buffer, pagesize=(WIDTH, HEIGHT), invariant=1, pdfVersion=(1, 7))
        doc = canvas._doc
        doc.signature = hashlib.md5(xml, usedforsecurity=False)  # the /ID
        self._frame.hang_into(doc, document, xml)
        fonts = DocumentFonts()
        for page in document.pages:
            canvas.draw(page, fonts, self._frame.resources)
        self._frame.name_fonts(doc, fonts.further_objects(doc, self._fonts.typefaces))
        canvas.save()
        return buffer.getvalue()


class _Sheets(Canvas):  # type: ignore[misc]
    """A canvas without a font of its own (reportlab's first would be Helvetica, not embedded),
    whose pages are streams fit for an archive."""

    def _make_preamble(self) -> None:
        self._preamble = ""

    def draw(
        self, page: Sequence[Item], fonts: DocumentFonts, resources: PDFObjectReference
    ) -> None:
        self._code.extend(draw_shapes(page))
        self._code.extend(draw_texts(page, fonts))
        self._code.extend(draw_stamps(page, fonts))
        self.showPage()
        sheet = self._doc.Pages.pages[-1]
        sheet.Contents = stream(sheet.stream.encode("ascii"))
        sheet.Resources = resources
        sheet.Trans = sheet.Rotate = None
