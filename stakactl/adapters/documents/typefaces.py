"""One weight of the typeface: the width of every character, and subsets of its glyphs.

reportlab reads the file and cuts the subsets; its registry of fonts, which is one per process, is
not used.
"""

from collections.abc import Sequence
from importlib.resources import files
from io import BytesIO
from threading import Lock

from reportlab.pdfbase.ttfonts import TTFontFace

from stakactl.adapters.documents.page import Weight

#: What a PDF reader never looks at in an embedded font; reportlab would copy it.
UNREAD_TABLES = frozenset({"name", "OS/2"})

#: reportlab reads glyphs through a position that it keeps in the face.
_ONE_AT_A_TIME = Lock()


class _Face(TTFontFace):  # type: ignore[misc]
    def get_table(self, tag: str) -> bytes:
        if tag in UNREAD_TABLES:
            raise KeyError(tag)
        table: bytes = super().get_table(tag)
        return table


class Typeface:
    """Loaded from stakactl/data/fonts once, then the same for all invoices and threads."""

    def __init__(self, weight: Weight) -> None:
        data = files("stakactl").joinpath("data", "fonts", f"{weight}.ttf").read_bytes()
        self.weight = weight
        self._face = _Face(BytesIO(data))
        #: Thousandths of the size, by character.
        self.widths: dict[str, int] = {
            chr(code): round(width) for code, width in self._face.charWidths.items()
        }

    def subset(self, characters: Sequence[str]) -> bytes:
        """A TrueType font whose code n draws `characters[n]`; what the face lacks (NUL) is its
        missing glyph."""
        with _ONE_AT_A_TIME:
            cut: bytes = self._face.makeSubset([ord(char) for char in characters])
        return cut

    @property
    def metrics(self) -> str:
        """The entries of a FontDescriptor that follow from the face."""
        face = self._face
        box = " ".join(str(round(edge)) for edge in face.bbox)
        return (
            f"/Ascent {round(face.ascent)} /CapHeight {round(face.capHeight)}"
            f" /Descent {round(face.descent)} /FontBBox [{box}]"
            f" /ItalicAngle {round(face.italicAngle)} /StemV {round(face.stemV)}"
            f" /MissingWidth {round(face.defaultWidth)}"
        )
