"""Puts laid-out pages into a reportlab canvas and makes its file: the only way to a PDF here.

The same snapshot gives the same bytes in any process: nothing in the file comes from a clock, a
locale or a counter (reportlab's own would obey SOURCE_DATE_EPOCH), and only the bytes of the zlib
in use can still differ between machines.

`pen.py` draws, `embedding.py` brings the fonts, `archive.py` frames the pages as PDF/A-3b with the
XML of `facturx.py`.
"""

import hashlib
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from stakactl.adapters.documents.archive import Frame
from stakactl.adapters.documents.embedding import DocumentFonts
from stakactl.adapters.documents.facturx import to_facturx
from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.objects import (
    PageTree,
    dictionary,
    reference,
    stream,
    written_file,
)
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
        canvas = _Sheets()
        canvas.resources = self._frame.hang_into(canvas._doc, document, xml)
        fonts = DocumentFonts()
        for page in document.pages:
            canvas.draw(page, fonts)
        further = fonts.further_objects(canvas._doc, self._fonts.typefaces)
        self._frame.name_fonts(canvas._doc, further)
        return written_file(canvas._doc, hashlib.md5(xml, usedforsecurity=False).hexdigest())


class _Sheets(Canvas):  # type: ignore[misc]
    """A canvas without a font of its own (reportlab's first would be Helvetica, not embedded),
    whose pages are finished objects of an archive."""

    def __init__(self) -> None:
        super().__init__(None, pagesize=(WIDTH, HEIGHT), invariant=1)
        self._doc.Pages = PageTree()
        self.resources = ""

    def _make_preamble(self) -> None:
        self._preamble = ""

    def draw(self, page: Sequence[Item], fonts: DocumentFonts) -> None:
        self._code.extend(draw_shapes(page))
        self._code.extend(draw_texts(page, fonts))
        self._code.extend(draw_stamps(page, fonts))
        self.showPage()

    def showPage(self) -> None:  # noqa: N802 reportlab's name
        contents = reference(self._doc, stream("\n".join(self._code).encode("ascii")))
        self._doc.addPage(
            dictionary(
                f"/Type /Page /Parent {reference(self._doc, self._doc.Pages)}"
                f" /MediaBox [0 0 {WIDTH:g} {HEIGHT:g}] /Resources {self.resources}"
                f" /Contents {contents}"
            )
        )
        self._startPage()
