"""The conforming library path: platypus draws, factur-x attaches, pypdf adds what is left.

A plain page with the content of ours, as the examples of reportlab make it, in one embedded font.
The factur-x library writes attachment and metadata but no output intent; pypdf adds it, with the
same colour profile as ours.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO

from facturx import generate_from_binary
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from stakactl.adapters.documents.facturx import to_facturx
from stakactl.domain.invoicing import InvoiceSnapshot

FONT = "BenchmarkInter"
PROFILE = "sRGB IEC61966-2.1"


def library(snapshot: InvoiceSnapshot) -> bytes:
    """The XML is ours and is checked by the caller, as ours is."""
    made = generate_from_binary(
        _platypus(snapshot),
        to_facturx(snapshot),
        flavor="factur-x",
        level="en16931",
        check_xsd=False,
        check_schematron=False,
    )
    writer = PdfWriter(clone_from=BytesIO(made))
    profile = StreamObject()
    profile.set_data(_profile())
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/OutputIntent"),
            NameObject("/S"): NameObject("/GTS_PDFA1"),
            NameObject("/OutputConditionIdentifier"): TextStringObject(PROFILE),
            NameObject("/Info"): TextStringObject(PROFILE),
            NameObject("/DestOutputProfile"): writer._add_object(profile.flate_encode()),
        }
    )
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([writer._add_object(intent)])
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@cache
def _profile() -> bytes:
    return files("stakactl").joinpath("data", "srgb.icc").read_bytes()


@cache
def _style() -> ParagraphStyle:
    data = files("stakactl").joinpath("data", "fonts", "Inter-Regular.ttf").read_bytes()
    pdfmetrics.registerFont(TTFont(FONT, BytesIO(data)))
    return ParagraphStyle("body", fontName=FONT, fontSize=9)


def _platypus(snapshot: InvoiceSnapshot) -> bytes:
    style = _style()
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
    tables = [
        Table(each, style=[("FONTNAME", (0, 0), (-1, -1), FONT)]) for each in (rows, sums, totals)
    ]
    buffer = BytesIO()
    SimpleDocTemplate(buffer).build([*(Paragraph(text, style) for text in texts), *tables])
    return buffer.getvalue()
