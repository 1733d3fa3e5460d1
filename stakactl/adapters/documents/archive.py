"""What makes a page an archived invoice: PDF/A-3b with the Factur-X XML attached.

reportlab knows neither output intents nor associated files, so the parts are built from its own
objects and hung into its catalog. Everything here follows from the invoice alone.
"""

from functools import cache
from importlib.resources import files
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFCatalog,
    PDFDictionary,
    PDFName,
    PDFStream,
    PDFString,
    PDFZCompress,
)
from reportlab.pdfgen.canvas import Canvas

from stakactl.adapters.documents.page import Document

ATTACHMENT = "factur-x.xml"
PRODUCER = "stakactl"
SRGB = "sRGB IEC61966-2.1"

#: XMP with the description of the fx: schema, without which PDF/A refuses its properties.
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 pdfaid:part="3" pdfaid:conformance="B"/>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" pdf:Producer="{producer}" xmp:CreatorTool="{producer}"
 xmp:CreateDate="{day}T00:00:00+00:00" xmp:ModifyDate="{day}T00:00:00+00:00"/>
<rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
 fx:DocumentType="INVOICE" fx:DocumentFileName="factur-x.xml" fx:Version="1.0"
 fx:ConformanceLevel="EN 16931"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>fx</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq>{properties}</rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
PROPERTY = (
    '<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name>'
    "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
    "<pdfaProperty:category>external</pdfaProperty:category>"
    "<pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
)
PROPERTIES = "".join(
    PROPERTY.format(name=name, description=description)
    for name, description in {
        "DocumentFileName": "The name of the embedded XML document",
        "DocumentType": "The type of the hybrid document",
        "Version": "The version of the Factur-X standard",
        "ConformanceLevel": "The profile of the embedded XML document",
    }.items()
)


def archive(canvas: Canvas, document: Document, xml: bytes) -> None:
    """Hang metadata, colour profile and attachment into the document of `canvas`."""
    doc = canvas._doc
    catalog = _ArchiveCatalog()
    catalog.__dict__.update(doc.Catalog.__dict__)
    doc.Catalog = doc._catalog = catalog
    attachment = doc.Reference(_file_specification(doc, document, xml))
    names = PDFArray([PDFString(ATTACHMENT), attachment])
    catalog.Names = PDFDictionary({"EmbeddedFiles": PDFDictionary({"Names": names})})
    catalog.AF = PDFArray([attachment])
    catalog.OutputIntents = PDFArray([_output_intent(doc)])
    catalog.Metadata = _metadata(document)


class _ArchiveCatalog(PDFCatalog):  # type: ignore[misc]
    """reportlab's catalog writes only the entries that it has heard of."""

    __NoDefault__ = (*PDFCatalog.__NoDefault__, "AF", "OutputIntents")
    __Refs__ = __NoDefault__


def _file_specification(doc: pdfdoc.PDFDocument, document: Document, xml: bytes) -> PDFDictionary:
    day = PDFString(f"D:{document.issued_on:%Y%m%d}000000+00'00'")
    about = {
        "Type": PDFName("EmbeddedFile"),
        "Subtype": "/text#2Fxml",  # PDFName leaves the slash as it is
        "Params": PDFDictionary({"Size": len(xml), "ModDate": day}),
    }
    stream = doc.Reference(PDFStream(PDFDictionary(about), xml, [PDFZCompress]))
    return PDFDictionary(
        {
            "Type": PDFName("Filespec"),
            "F": PDFString(ATTACHMENT),
            "UF": PDFString(ATTACHMENT),
            "Desc": PDFString("Factur-X"),
            "AFRelationship": PDFName("Data"),
            "EF": PDFDictionary({"F": stream, "UF": stream}),
        }
    )


def _output_intent(doc: pdfdoc.PDFDocument) -> PDFDictionary:
    profile = doc.Reference(PDFStream(PDFDictionary({"N": 3}), _profile(), [PDFZCompress]))
    return PDFDictionary(
        {
            "Type": PDFName("OutputIntent"),
            "S": PDFName("GTS_PDFA1"),
            "OutputConditionIdentifier": PDFString(SRGB),
            "Info": PDFString(SRGB),
            "DestOutputProfile": profile,
        }
    )


def _metadata(document: Document) -> PDFStream:
    """Not compressed, so that an archive finds it without knowing PDF."""
    xmp = XMP.format(
        title=escape(document.title),
        author=escape(document.author),
        subject=escape(document.subject),
        day=document.issued_on.isoformat(),
        producer=PRODUCER,
        properties=PROPERTIES,
    )
    about = {"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}
    return PDFStream(PDFDictionary(about), xmp.encode())


@cache
def _profile() -> bytes:
    """sRGB, made with Little CMS and free of copyright, as its own text says."""
    return files("stakactl").joinpath("data", "srgb.icc").read_bytes()


def _stream_format(self: PDFStream, document: pdfdoc.PDFDocument) -> bytes:
    """reportlab leaves out the line end before `endstream` that PDF/A demands."""
    written: bytes = _reportlab_format(self, document)
    return written.removesuffix(b"endstream\n") + b"\nendstream\n"


_reportlab_format = PDFStream.format
PDFStream.format = _stream_format
