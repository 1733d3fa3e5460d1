"""Makes stakactl/data/fonts out of the Inter typeface, once; the result is kept in git.

Debian ships Inter as OpenType with PostScript outlines, of which reportlab embeds none. So each
weight is redrawn with TrueType curves, cut to the characters an invoice can need (Latin, Greek,
Cyrillic, currency signs, typographic spaces), given digits of one width so that columns of
figures stand straight, and stripped of what a PDF never reads.

    apt-get install fonts-inter
    python3 -m venv /tmp/fonts && /tmp/fonts/bin/pip install fonttools==4.68.0
    /tmp/fonts/bin/python docs/build_fonts.py
"""

import re
from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

SOURCE = Path("/usr/share/fonts/opentype/inter")
LICENCE = Path("/usr/share/doc/fonts-inter/copyright")
TARGET = Path(__file__).parent.parent / "stakactl" / "data" / "fonts"
WEIGHTS = {"Regular": "Inter-Regular", "SemiBold": "Inter-SemiBold"}
UNITS_PER_EM = 1000  # PDF's own unit: no width is rounded twice

CHARACTERS = {
    *range(0x0020, 0x007F),
    *range(0x00A0, 0x0250),  # Latin-1, Latin Extended-A and -B
    *range(0x02BA, 0x02BD),
    *range(0x0370, 0x0400),  # Greek
    *range(0x0400, 0x0530),  # Cyrillic
    *range(0x1E00, 0x1F00),  # Latin Extended Additional (Vietnamese, Welsh, ẞ)
    *range(0x2007, 0x200B),  # figure, punctuation, thin and hair space
    *range(0x2010, 0x2016),
    *range(0x2018, 0x2023),
    *range(0x20A0, 0x20C0),  # currency signs
    *(0x2026, 0x202F, 0x2030, 0x2032, 0x2033, 0x2039, 0x203A, 0x2044),
    *(0x2116, 0x2122, 0x2190, 0x2192, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x2713),
}  # fmt: skip


def tabular_digits(font: Any) -> dict[str, str]:
    """Digit glyph → its form of fixed width, as the feature `tnum` of the typeface says."""
    gsub = font["GSUB"].table
    forms: dict[str, str] = {}
    for feature in gsub.FeatureList.FeatureRecord:
        if feature.FeatureTag == "tnum":
            for index in feature.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    forms |= getattr(table, "ExtSubTable", table).mapping
    digits = [font.getBestCmap()[ord(digit)] for digit in "0123456789"]
    return {digit: forms[digit] for digit in digits}


def use_tabular_digits(font: Any) -> None:
    forms = tabular_digits(font)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap = {code: forms.get(name, name) for code, name in table.cmap.items()}


def subset(font: Any) -> None:
    options = Options()
    options.hinting = False
    options.layout_features = []
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "DSIG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)


def to_truetype(font: Any) -> Any:
    """The same glyphs with quadratic curves, U+FFFD drawn as the missing-glyph box."""
    outlines = font.getGlyphSet()
    glyphs = {}
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(pen, max_err=0.6, reverse_direction=True))
        glyphs[name] = pen.glyph()
    glyphs["uniFFFD"] = glyphs[".notdef"]
    metrics = dict(font["hmtx"].metrics)
    metrics["uniFFFD"] = metrics[".notdef"]
    builder = FontBuilder(UNITS_PER_EM, isTTF=True)
    builder.setupGlyphOrder([*font.getGlyphOrder(), "uniFFFD"])
    builder.setupCharacterMap({**font.getBestCmap(), 0xFFFD: "uniFFFD"})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    hhea = font["hhea"]
    builder.setupHorizontalHeader(ascent=hhea.ascent, descent=hhea.descent)
    builder.setupPost(keepGlyphNames=False)
    builder.font["OS/2"] = font["OS/2"]
    builder.font["name"] = font["name"]
    head = builder.font["head"]
    head.created, head.modified = font["head"].created, font["head"].modified
    head.fontRevision, head.macStyle = font["head"].fontRevision, font["head"].macStyle
    builder.font.recalcTimestamp = False
    return builder.font


def licence() -> str:
    """The licence text out of Debian's copyright file, with the typeface's own notice."""
    text = LICENCE.read_text(encoding="utf-8")
    match = re.search(r"^License: OFL-1\.1\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE)
    if match is None:
        raise SystemExit(f"{LICENCE} holds no OFL-1.1 text")
    lines = [line.removeprefix(" ") for line in match[1].split("\n")]
    body = "\n".join("" if line == "." else line for line in lines)
    return (
        "Copyright (c) 2016-2020 The Inter Project Authors (https://github.com/rsms/inter)\n"
        "\n"
        "Modified for stakactl by docs/build_fonts.py: a subset, redrawn with TrueType curves.\n"
        "This Font Software is licensed under the SIL Open Font License, Version 1.1.\n"
        "\n"
        f"SIL OPEN FONT LICENSE Version 1.1 - 26 February 2007\n\n{body}\n"
    )


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for weight, name in WEIGHTS.items():
        font = TTFont(SOURCE / f"{name}.otf")
        use_tabular_digits(font)
        scale_upem(font, UNITS_PER_EM)
        subset(font)
        to_truetype(font).save(TARGET / f"Inter-{weight}.ttf")
    (TARGET / "OFL.txt").write_text(licence(), encoding="utf-8")


if __name__ == "__main__":
    main()
