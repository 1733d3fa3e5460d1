"""The typeface as the layout needs it: measured without reportlab's detours, fed only with
characters that it has.

Customers' text is data, never markup: nothing parses it, and what the typeface cannot draw is
replaced by U+FFFD, so that a name in an unknown script is visibly incomplete instead of silently
gone.
"""

import unicodedata
from functools import lru_cache

from stakactl.adapters.documents.page import Style, Text, Weight
from stakactl.adapters.documents.typefaces import Typeface

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"

#: Texts that are measured once and kept a while: a figure is measured for its column and for its
#: place, a label on every invoice.
SHORT = 64


class Fonts:
    """Measures, cleans, wraps and fits text in the weights of the typeface."""

    def __init__(self) -> None:
        self.typefaces = {weight: Typeface(weight) for weight in Weight}
        self._widths = {weight: face.widths for weight, face in self.typefaces.items()}
        self._short_units = lru_cache(maxsize=4096)(self._units)
        #: `wrap` for the few sentences that are on every invoice; the lists are shared.
        self.wrapped = lru_cache(maxsize=64)(self.wrap)
        regular = self._widths[Weight.REGULAR]
        self._drawable = frozenset(regular).intersection(*self._widths.values())
        self._plain = frozenset(
            char
            for char in self._drawable
            if unicodedata.category(char)[0] not in "CM"
            and unicodedata.normalize("NFC", char) == char
        )

    def clean(self, text: str) -> str:
        """`text` in one line of drawable characters: line breaks and tabs become spaces,
        control and direction characters go, the unknown becomes U+FFFD."""
        if self._plain.issuperset(text):
            return text
        kept = []
        for char in unicodedata.normalize("NFC", text):
            if char in self._plain:
                kept.append(char)
            elif char in "\t\n\v\f\r\x85\u2028\u2029":
                kept.append(" ")
            elif unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Mn", "Me"):
                kept.append(self._substitute(char))
        return "".join(kept)

    def _substitute(self, char: str) -> str:
        """The compatible form of a full-width or ornamental character, else U+FFFD."""
        plain = unicodedata.normalize("NFKC", char)
        return plain if self._plain.issuperset(plain) else REPLACEMENT

    def width(self, text: str, style: Style) -> float:
        """In points; `text` must be clean."""
        units = self._short_units if len(text) < SHORT else self._units
        return units(style.weight, text) * style.size / 1000

    def _units(self, weight: Weight, text: str) -> int:
        """In thousandths of the size."""
        return sum(map(self._widths[weight].__getitem__, text))

    def wrap(self, text: str, style: Style, width: float, most: int | None = None) -> list[str]:
        """Lines no wider than `width`; a longer word is broken. Beyond `most` lines the text
        is cut with an ellipsis."""
        clean = self.clean(text)
        if self.width(clean, style) <= width:
            return [clean.lstrip(" ")] if clean.strip(" ") else []
        widths = self._widths[style.weight]
        space = widths[" "]
        lines: list[str] = []
        line, used = "", 0
        for word in clean.split(" "):
            needed = sum(map(widths.__getitem__, word))
            longer = used + space + needed if line else needed
            if longer * style.size / 1000 <= width:
                line, used = f"{line} {word}" if line else word, longer
                continue
            if line:
                lines.append(line)
            *broken, line = self._break(word, style, width)
            used = needed if not broken else sum(map(widths.__getitem__, line))
            lines.extend(broken)
            if most is not None and len(lines) > most:
                break
        if line:
            lines.append(line)
        if most is None or len(lines) <= most:
            return lines
        return [*lines[: most - 1], self._cut(f"{lines[most - 1]}{ELLIPSIS}", style, width)]

    def _break(self, word: str, style: Style, width: float) -> list[str]:
        """Pieces of one word, each no wider than `width`, at least one."""
        widths = self._widths[style.weight]
        limit = width * 1000 / style.size
        pieces: list[str] = []
        start, used = 0, 0.0
        for index, char in enumerate(word):
            used += widths[char]
            if used > limit and index > start:
                pieces.append(word[start:index])
                start, used = index, widths[char]
        return [*pieces, word[start:]]

    def _cut(self, text: str, style: Style, width: float) -> str:
        """`text` shortened to `width`, an ellipsis in place of what is missing."""
        if self.width(text, style) <= width:
            return text
        room = width - self.width(ELLIPSIS, style)
        return self._break(text, style, room)[0].rstrip() + ELLIPSIS

    def fit(self, text: str, style: Style, width: float) -> tuple[str, Style]:
        """`text` on one line: down to two thirds of its size, then cut."""
        clean = self.clean(text)
        natural = self.width(clean, style)
        if natural <= width:
            return clean, style
        smaller = style.at(style.size * max(width / natural, 2 / 3))
        return self._cut(clean, smaller, width), smaller

    def left(self, x: float, y: float, text: str, style: Style, width: float) -> Text:
        return Text(x, y, *self.fit(text, style, width))

    def right(self, x: float, y: float, text: str, style: Style, width: float) -> Text:
        """`text` ending at `x`."""
        fitted, smaller = self.fit(text, style, width)
        return Text(x - self.width(fitted, smaller), y, fitted, smaller)

    def figure(self, x: float, y: float, text: str, style: Style, width: float) -> Text:
        """A figure ending at `x`: as small as it takes, but never cut, for it would be false."""
        natural = self.width(text, style)
        if natural > width:
            style, natural = style.at(style.size * width / natural), width
        return Text(x - natural, y, text, style)
