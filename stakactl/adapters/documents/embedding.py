"""How the typeface gets into a PDF: a subset that never changes, and what else a text needs.

Almost every invoice is written with the same hundred and fifty characters. Their subset is cut and
compressed once per process and has the same bytes and codes in every file; the other characters of
a name ("Łukasz", "Ελένη") come in a further font of the same face, made for that file alone.

Each subset is a simple TrueType font of at most 256 codes, of which 0 is the missing glyph.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from string import ascii_uppercase

from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import FF_SYMBOLIC

from stakactl.adapters.documents.objects import Written, dictionary, reference, stream
from stakactl.adapters.documents.page import Weight
from stakactl.adapters.documents.typefaces import Typeface

ASCII = "".join(chr(code) for code in range(0x20, 0x7F))
#: French, the signs of our own wording, and the letters of names that are frequent in France.
FRENCH = "«»°·×€‘’“”–—…•\u202f\ufffd" + "àâäæçéèêëîïôöœùûüÿ" + "ÀÂÇÉÈÊËÎÏÔŒÛ" + "áíñóú"
#: Every character of the fixed subset at its code: ASCII where it is anyway, the others above.
FIXED = "\0" + " " * 31 + ASCII + " " + FRENCH
NO_BREAK_SPACE = "\xa0"
#: Codes of a further font, without that of the missing glyph.
MOST = 255
#: A mapping to Unicode lists at most so many ranges at a time (PDF 32000, 9.10.3).
AT_A_TIME = 100


def escaped(code: int) -> str:
    """One code inside a PDF string; parentheses and the backslash never stand for themselves."""
    char = chr(code)
    if char in "()\\":
        return f"\\{char}"
    return char if 0x20 <= code < 0x7F else f"\\{code:03o}"


#: From a text to the inside of a PDF string of the fixed subset. The no-break space is drawn as
#: the plain one, so that what was copied can be searched for.
FIXED_CODES = {ord(char): escaped(code) for code, char in enumerate(FIXED) if code > 0x20}
FIXED_CODES[ord(" ")] = FIXED_CODES[ord(NO_BREAK_SPACE)] = " "
_FIXED_CHARACTERS = frozenset(map(chr, FIXED_CODES))
FIXED_NAMES = {weight: f"F{index}" for index, weight in enumerate(Weight)}


@lru_cache(maxsize=4096)
def _in_fixed(text: str) -> str | None:
    """The inside of a PDF string of the fixed subset, None where it lacks a character. Half of the
    texts of an invoice are on the next one too; none is longer than a line of the page."""
    return text.translate(FIXED_CODES) if _FIXED_CHARACTERS.issuperset(text) else None


class DocumentFonts:
    """The fonts of one document: which font and code draws which character.

    The fixed subsets are F0 and F1, in the order of the weights; F0x0, F0x1 … are further ones.
    """

    def __init__(self) -> None:
        self._further: dict[Weight, dict[str, int]] = {weight: {} for weight in Weight}

    def runs(self, weight: Weight, text: str) -> list[tuple[str, str]]:
        """(name of the font, inside of a PDF string), in the order of the text."""
        fixed = FIXED_NAMES[weight]
        whole = _in_fixed(text)
        if whole is not None:
            return [(fixed, whole)]
        runs: list[tuple[str, str]] = []
        for char in text:
            font, code = fixed, FIXED_CODES.get(ord(char))
            if code is None:
                further = self._further[weight]
                index = further.setdefault(char, len(further))
                font, code = f"{fixed}x{index // MOST}", escaped(index % MOST + 1)
            if runs and runs[-1][0] == font:
                code = runs.pop()[1] + code
            runs.append((font, code))
        return runs

    def further_objects(
        self, document: PDFDocument, typefaces: Mapping[Weight, Typeface]
    ) -> dict[str, str]:
        """References to the fonts that only this document has, by their names."""
        objects = {}
        for weight, codes in self._further.items():
            characters = list(codes)
            for part, start in enumerate(range(0, len(characters), MOST)):
                drawn = ["\0", *characters[start : start + MOST]]
                meaning = reference(document, to_unicode(drawn, first=1))
                objects[f"{FIXED_NAMES[weight]}x{part}"] = font_object(
                    document, typefaces[weight], drawn, meaning, part + 1, first=1
                )
        return objects


def font_object(
    document: PDFDocument,
    typeface: Typeface,
    characters: Sequence[str],
    meaning: str,
    index: int,
    first: int,
) -> str:
    """A reference to a font whose codes from `first` on draw `characters[first:]`.

    `meaning` refers to their mapping to Unicode. `index` makes the six letters before the name of
    the face, which tell subsets apart.
    """
    face = f"/{'A' * 5}{ascii_uppercase[index]}+{typeface.weight}"
    cut = typeface.subset(characters)
    file = reference(document, stream(cut, f"/Length1 {len(cut)}", level=9))
    descriptor = dictionary(
        f"/Type /FontDescriptor /FontName {face} /Flags {FF_SYMBOLIC} {typeface.metrics}"
        f" /FontFile2 {file}"
    )
    widths = " ".join(str(typeface.widths.get(char, 0)) for char in characters[first:])
    font = dictionary(
        f"/Type /Font /Subtype /TrueType /BaseFont {face} /FirstChar {first}"
        f" /LastChar {len(characters) - 1} /Widths [{widths}]"
        f" /FontDescriptor {reference(document, descriptor)} /ToUnicode {meaning}"
    )
    return reference(document, font)


def to_unicode(characters: Sequence[str], first: int) -> Written:
    """What the codes from `first` on mean, for a reader that copies or searches."""
    code, ranges = first, []
    while code < len(characters):
        start = code
        while code + 1 < len(characters) and ord(characters[code + 1]) == ord(characters[code]) + 1:
            code += 1
        ranges.append(f"<{start:02X}> <{code:02X}> <{ord(characters[start]):04X}>")
        code += 1
    blocks = [ranges[start : start + AT_A_TIME] for start in range(0, len(ranges), AT_A_TIME)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <00> <FF> endcodespacerange",
        *(
            line
            for block in blocks
            for line in (f"{len(block)} beginbfrange", *block, "endbfrange")
        ),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return stream("\n".join(lines).encode("ascii"))
