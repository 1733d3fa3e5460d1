"""Invoices per second: our renderer against the usual conforming path.

That path is a page made with reportlab's platypus, the same XML, and the factur-x library joining
them. Both end with a file that has its XML inside; only ours is PDF/A, for the library writes no
output intent. The XSD check is in neither time. Both take turns in one process, medians count.
"""

import statistics
import time
from collections.abc import Callable
from importlib.resources import files
from io import BytesIO

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from stakactl.adapters.documents.facturx import to_facturx
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from stakactl.domain.invoicing import InvoiceSnapshot
from tests.adapters.documents.invoice_samples import two_rates

NAME = "invoices"
ROUNDS = 60
TARGET_RATIO = 10.0
TARGET_BYTES = 40_000
FONT = "BenchmarkInter"


def run() -> bool:
    snapshot = two_rates()
    renderer = PdfInvoiceRenderer()
    data = files("stakactl").joinpath("data", "fonts", "Inter-Regular.ttf").read_bytes()
    pdfmetrics.registerFont(TTFont(FONT, BytesIO(data)))
    ours, theirs = _interleaved(lambda: renderer.render(snapshot), lambda: _library(snapshot))
    ratio, size = theirs / ours, len(renderer.render(snapshot))
    print(f"\nInvoices of 5 lines and 2 rates, PDF and XML, median of {ROUNDS} interleaved runs")
    print(f"{'stakactl':<36}{ours * 1000:>8.2f} ms{size:>9} bytes")
    print(f"{'reportlab platypus + factur-x':<36}{theirs * 1000:>8.2f} ms", end="")
    print(f"{len(_library(snapshot)):>9} bytes")
    print(f"{ratio:.1f} times as fast, target {TARGET_RATIO:g}: {_verdict(ratio >= TARGET_RATIO)}")
    print(f"file size, target {TARGET_BYTES} bytes: {_verdict(size <= TARGET_BYTES)}")
    return ratio >= TARGET_RATIO and size <= TARGET_BYTES


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def _interleaved(*ways: Callable[[], bytes]) -> list[float]:
    times: list[list[float]] = [[] for _ in ways]
    for way in ways:
        way()
    for _ in range(ROUNDS):
        for way, taken in zip(ways, times, strict=True):
            start = time.perf_counter()
            way()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]


def _library(snapshot: InvoiceSnapshot) -> bytes:
    from facturx import generate_from_binary

    page, xml = _platypus(snapshot), to_facturx(snapshot)
    made: bytes = generate_from_binary(
        page, xml, flavor="factur-x", level="en16931", check_xsd=False, check_schematron=False
    )
    return made


def _platypus(snapshot: InvoiceSnapshot) -> bytes:
    """A plain page with the same content, as the examples of reportlab make it."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    style = ParagraphStyle("body", fontName=FONT, fontSize=9)
    rows = [
        [
            Paragraph(line.title, style),
            str(line.quantity),
            str(line.unit_amount),
            str(line.vat_rate),
            str(line.net),
            str(line.amount),
        ]
        for line in snapshot.lines
    ]
    sums = [[str(vat.rate), str(vat.net), str(vat.vat)] for vat in snapshot.vat]
    totals = [[str(snapshot.total_net), str(snapshot.total_vat), str(snapshot.total)]]
    texts = [snapshot.number, snapshot.seller.name, snapshot.buyer.name, *snapshot.legal_mentions]
    tables = [Table(each, style=[("FONTNAME", (0, 0), (-1, -1), FONT)]) for each in (rows, sums)]
    tables.append(Table(totals, style=[("FONTNAME", (0, 0), (-1, -1), FONT)]))
    buffer = BytesIO()
    SimpleDocTemplate(buffer).build([*(Paragraph(text, style) for text in texts), *tables])
    return buffer.getvalue()
