"""One laid-out page as the operators of a PDF content stream.

Shapes first, then all texts as one text object, then the stamp: nothing is ever drawn over a text
but the stamp, so this order changes no picture. Fonts, sizes and colours are named only where they
change, places relative to the last one, and numbers with as few digits as they have: a page of
fifty texts is a few kilobytes, which reportlab's own drawing would double.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from stakactl.adapters.documents.embedding import DocumentFonts
from stakactl.adapters.documents.page import HEIGHT, WIDTH, Item, Panel, Rule, Stamp, Text

#: Where the control points of a quarter of a circle lie, as a share of its radius.
CIRCLE = 0.5523

#: How far the operator that ends a text goes down, in points: more than the height of any text.
LEADING = 40

#: The name of the graphics state that makes the stamp translucent.
STAMP_STATE = "GS0"


def draw_shapes(page: Sequence[Item]) -> Iterator[str]:
    """Rules and panels, filled."""
    fill: int | None = None
    for item in page:
        if isinstance(item, Text | Stamp):
            continue
        if item.colour != fill:
            fill = item.colour
            yield colour(fill)
        if isinstance(item, Rule):
            yield f"{_rectangle(item.x, item.y, item.width, item.thickness)} f"
        elif item.radius:
            yield _rounded(item)
        else:
            yield f"{_rectangle(item.x, item.y, item.width, item.height)} f"


def draw_stamps(page: Sequence[Item], fonts: DocumentFonts) -> Iterator[str]:
    """A word over everything, turned round the middle of the page."""
    for item in page:
        if not isinstance(item, Stamp):
            continue
        style, angle = item.style, math.radians(item.angle)
        cosine, sine = math.cos(angle), math.sin(angle)
        ((font, codes),) = fonts.runs(style.weight, item.text)
        yield f"q /{STAMP_STATE} gs {colour(style.colour)}"
        yield f"{cosine:.6f} {sine:.6f} {-sine:.6f} {cosine:.6f} {WIDTH / 2:g} {HEIGHT / 2:g} cm"
        yield f"BT /{font} {style.size:g} Tf {-item.width / 2:.2f} {-style.size * 0.36:.2f} Td"
        yield f"({codes})Tj ET Q"


def draw_texts(page: Sequence[Item], fonts: DocumentFonts) -> Iterator[str]:
    """Every text on its baseline."""
    yield f"BT {LEADING} TL"
    fill: int | None = None
    font: tuple[str, float] | None = None
    left = bottom = 0  # where the last text began, in hundredths: relative steps must not drift
    for item in page:
        if not isinstance(item, Text):
            continue
        style = item.style
        if style.colour != fill:
            fill = style.colour
            yield colour(fill)
        x, y = round(item.x * 100), round((HEIGHT - item.y) * 100)
        operators = f"{_decimal(x - left)} {_decimal(y - bottom)} Td "
        left, bottom = x, y - 100 * LEADING
        for name, codes in fonts.runs(style.weight, item.text):
            if (name, style.size) != font:
                font = (name, style.size)
                operators += f"/{name} {style.size:g} Tf "
            operators += f"({codes})Tj "
        yield operators + "T*"  # a new line: who extracts the texts must not glue them


@cache
def colour(rgb: int) -> str:
    """The operator that fills with 0xRRGGBB."""
    parts = (rgb >> 16, rgb >> 8 & 0xFF, rgb & 0xFF)
    return " ".join(f"{part / 255:.6g}" for part in parts) + " rg"


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    return f"{_short(x)} {_short(HEIGHT - y - height)} {_short(width)} {_short(height)} re"


@lru_cache(maxsize=256)
def _rounded(item: Panel) -> str:
    """Four edges and four quarters of a circle, from the lower left corner on. Panels stand in
    few places."""
    radius = item.radius
    inset = radius * (1 - CIRCLE)
    left, right = item.x, item.x + item.width
    bottom, top = HEIGHT - item.y - item.height, HEIGHT - item.y
    path = (
        (left + radius, bottom, "m"),
        (right - radius, bottom, "l"),
        (right - inset, bottom, right, bottom + inset, right, bottom + radius, "c"),
        (right, top - radius, "l"),
        (right, top - inset, right - inset, top, right - radius, top, "c"),
        (left + radius, top, "l"),
        (left + inset, top, left, top - inset, left, top - radius, "c"),
        (left, bottom + radius, "l"),
        (left, bottom + inset, left + inset, bottom, left + radius, bottom, "c"),
    )
    steps = (
        " ".join(part if isinstance(part, str) else _short(part) for part in step) for step in path
    )
    return " ".join((*steps, "f"))


def _short(number: float) -> str:
    return _decimal(round(number * 100))


@lru_cache(maxsize=4096)
def _decimal(hundredths: int) -> str:
    """Points without idle zeros; A4 has no place beyond five digits."""
    return f"{hundredths / 100:g}"
