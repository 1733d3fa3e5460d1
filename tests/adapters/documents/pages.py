"""What a reader sees of an invoice, and whether anything stands where it must not."""

import math
from io import BytesIO
from itertools import pairwise

from pypdf import PdfReader

from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.page import HEIGHT, LEFT, RIGHT, WIDTH, Document, Stamp, Text


def read(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf), strict=True)


def text_of(pdf: bytes) -> str:
    """All pages, with plain spaces, so that a test can be read."""
    pages = [page.extract_text() for page in read(pdf).pages]
    return "\n\f\n".join(pages).replace("\u202f", " ").replace("\xa0", " ")


def misplaced(document: Document, fonts: Fonts) -> list[str]:
    """Texts beyond the margins, and texts of one baseline that run into each other."""
    problems = []
    for page in document.pages:
        spans: dict[int, list[tuple[float, float, str]]] = {}
        for item in page:
            if isinstance(item, Text):
                end = item.x + fonts.width(item.text, item.style)
                if item.x < LEFT - 0.1 or end > RIGHT + 0.1 or not 20 < item.y < HEIGHT - 20:
                    problems.append(f"outside: {item}")
                spans.setdefault(round(item.y), []).append((item.x, end, item.text))
            elif isinstance(item, Stamp):
                length = fonts.width(item.text, item.style)
                if length * math.cos(math.radians(item.angle)) > WIDTH - 2 * LEFT:
                    problems.append(f"outside: {item}")
        for row in spans.values():
            row.sort()
            for (_, end, before), (start, _, after) in pairwise(row):
                if start < end - 0.1:
                    problems.append(f"{before!r} runs into {after!r}")
    return problems
