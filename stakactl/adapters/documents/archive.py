"""What makes a page an archived invoice: PDF/A-3b with the Factur-X XML attached.

reportlab knows neither output intents nor associated files, so its catalog is replaced. Everything
here follows from the invoice alone. The objects come in one order, before any page: so their
numbers are the same in every file, and most of them are written once per process.
"""

from collections.abc import Mapping
from importlib.resources import files
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import BasicFonts, PDFDocument

from stakactl.adapters.documents.embedding import FIXED, FIXED_NAMES, font_object, to_unicode
from stakactl.adapters.documents.objects import Written, dictionary, reference, stream, text
from stakactl.adapters.documents.page import Document, Weight
from stakactl.adapters.documents.pen import STAMP_STATE
from stakactl.adapters.documents.typefaces import Typeface

ATTACHMENT = "factur-x.xml"
CREATOR = "stakactl"
#: Counted up whenever the same snapshot gives other bytes; a test keeps watch. What is stored
#: stays, a page drawn anew is recorded as a rendition of its own.
RENDERER = 2
PRODUCER = f"{CREATOR} renderer {RENDERER}"
SRGB = "sRGB IEC61966-2.1"
STAMP_ALPHA = 0.13

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
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" pdf:Producer="{producer}" xmp:CreatorTool="{creator}"
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


class Frame:
    """The objects around the pages: fonts, colour profile, attachment, metadata, catalog."""

    def __init__(self, typefaces: Mapping[Weight, Typeface]) -> None:
        model = PDFDocument(invariant=1)
        before = model.objectcounter
        meaning = reference(model, to_unicode(FIXED, first=0x20))
        self._fonts = {
            FIXED_NAMES[weight]: font_object(model, face, FIXED, meaning, 0, first=0x20)
            for weight, face in typefaces.items()
        }
        profile = reference(model, stream(_profile(), "/N 3"))
        self._resources = reference(model, dictionary(_RESOURCES))
        self._fixed = [
            model.idToObject[model.numberToId[number]].content
            for number in range(before + 1, model.objectcounter + 1)
        ]
        self._output_intent = (
            f"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier {text(SRGB)}"
            f" /Info {text(SRGB)} /DestOutputProfile {profile} >>"
        )

    def hang_into(self, doc: PDFDocument, document: Document, xml: bytes) -> str:
        """Make them the first objects of `doc` in place of what reportlab says about itself; what
        its pages refer to as their resources."""
        for content in self._fixed:
            doc.Reference(Written(content))
        attached = reference(doc, _attachment(document, xml))
        attachment = reference(doc, dictionary(_SPECIFICATION.format(file=attached)))
        metadata = reference(doc, _metadata(document))
        doc.info = _description(document)
        doc.Catalog = doc._catalog = dictionary(
            f"/Type /Catalog /Pages {reference(doc, doc.Pages)} /Lang {text(document.language)}"
            f" /ViewerPreferences << /DisplayDocTitle true >> /Metadata {metadata}"
            f" /Names << /EmbeddedFiles << /Names [{text(ATTACHMENT)} {attachment}] >> >>"
            f" /AF [{attachment}] /OutputIntents [{self._output_intent}]"
        )
        return self._resources

    def name_fonts(self, doc: PDFDocument, further: Mapping[str, str]) -> None:
        """What the pages call their fonts."""
        doc.idToObject[BasicFonts].dict.update(self._fonts | dict(further))


#: Of every page: the fonts of the document, which are reportlab's first object, and the stamp's
#: transparency.
_RESOURCES = f"/Font 1 0 R /ExtGState << /{STAMP_STATE} << /ca {STAMP_ALPHA} >> >>"
_SPECIFICATION = (
    f"/Type /Filespec /F {text(ATTACHMENT)} /UF {text(ATTACHMENT)} /Desc (Factur-X)"
    " /AFRelationship /Data /EF << /F {file} /UF {file} >>"
)


def _attachment(document: Document, xml: bytes) -> Written:
    params = f"/Params << /Size {len(xml)} /ModDate {_moment(document)} >>"
    return stream(xml, f"/Type /EmbeddedFile /Subtype /text#2Fxml {params}", level=3)


def _description(document: Document) -> Written:
    """What a viewer shows as the properties of the file."""
    moment = _moment(document)
    return dictionary(
        f"/Title {text(document.title)} /Author {text(document.author)}"
        f" /Subject {text(document.subject)} /Creator {text(CREATOR)} /Producer {text(PRODUCER)}"
        f" /CreationDate {moment} /ModDate {moment}"
    )


def _moment(document: Document) -> str:
    """Midnight UTC of the issue date."""
    return f"(D:{document.issued_on:%Y%m%d}000000+00'00')"


def _metadata(document: Document) -> Written:
    """Not compressed, so that an archive finds it without knowing PDF."""
    xmp = XMP.format(
        title=escape(document.title),
        author=escape(document.author),
        subject=escape(document.subject),
        day=document.issued_on.isoformat(),
        creator=CREATOR,
        producer=PRODUCER,
        properties=PROPERTIES,
    )
    return stream(xmp.encode(), "/Type /Metadata /Subtype /XML", level=0)


def _profile() -> bytes:
    """sRGB, made with Little CMS and free of copyright, as its own text says."""
    return files("stakactl").joinpath("data", "srgb.icc").read_bytes()
