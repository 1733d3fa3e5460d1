"""Pages as plain data: what stands where, before any PDF library sees it.

Points (1/72 inch), measured from the top left corner of an A4 sheet, because an invoice is read
and laid out downwards; the renderer turns the axis round. Colours are 0xRRGGBB.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

WIDTH, HEIGHT = 595.28, 841.89
LEFT, RIGHT = 48.0, WIDTH - 48.0
CONTENT = RIGHT - LEFT
TOP, BOTTOM = 52.0, HEIGHT - 60.0
FOOTER = HEIGHT - 34.0

BLUE = 0x2563EB
INK = 0x1F2937
MUTED = 0x6B7280
BORDER = 0xE5E7EB
SHADE = 0xF3F4F6
WHITE = 0xFFFFFF


class Weight(StrEnum):
    """A weight of the typeface, named as its file in stakactl/data/fonts."""

    REGULAR = "Inter-Regular"
    BOLD = "Inter-SemiBold"

    #: Looked up for every text: the string's own hash is C, that of an enumeration Python.
    __hash__ = str.__hash__


@dataclass(frozen=True, slots=True)
class Style:
    size: float
    weight: Weight = Weight.REGULAR
    colour: int = INK

    def at(self, size: float) -> "Style":
        return replace(self, size=size)


class Text(NamedTuple):
    """One run on its baseline, starting at `x`."""

    x: float
    y: float
    text: str
    style: Style


class Rule(NamedTuple):
    """A horizontal line."""

    x: float
    y: float
    width: float
    thickness: float = 0.6
    colour: int = BORDER


class Panel(NamedTuple):
    """A filled rectangle with round corners; `y` is its upper edge."""

    x: float
    y: float
    width: float
    height: float
    colour: int = SHADE
    radius: float = 0.0


class Stamp(NamedTuple):
    """A word across the whole page, translucent, over everything else."""

    text: str
    style: Style
    angle: float
    width: float


Item = Text | Rule | Panel | Stamp


@dataclass(frozen=True, slots=True)
class Document:
    """All pages and what a PDF says about itself."""

    title: str
    author: str
    subject: str
    language: str
    issued_on: date
    pages: tuple[tuple[Item, ...], ...]


class Flow:
    """Fills one page after the other; `y` is where the next thing goes.

    `on_turn` draws what a continued page begins with; `repeat`, where set, what the current
    section repeats below it (the header of a table).
    """

    def __init__(self, on_turn: Callable[["Flow"], None]) -> None:
        self.pages: list[list[Item]] = [[]]
        self.y = TOP
        self.repeat: Callable[[Flow], None] | None = None
        self._on_turn = on_turn
        self._fresh = TOP

    def add(self, *items: Item) -> None:
        self.pages[-1].extend(items)

    @property
    def room(self) -> float:
        """The height that is left on this page."""
        return BOTTOM - self.y

    def need(self, height: float) -> bool:
        """Turn the page unless `height` is left; never from a page that has nothing yet."""
        if height <= self.room or self.y <= self._fresh:
            return False
        self.pages.append([])
        self.y = TOP
        self._on_turn(self)
        if self.repeat is not None:
            self.repeat(self)
        self._fresh = self.y
        return True
