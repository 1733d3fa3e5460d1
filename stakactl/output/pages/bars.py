"""A bar chart as numbers that a template writes into an inline SVG.

Drawn by hand: the one light library for it (pygal, LGPL) takes 0.2 s to load and 60 kB for a chart
of 90 bars, loads a script from its own site unless told not to, and writes its colours and its
font into every drawing, so that dark mode, print and a narrow window would each need another one.
Here the bars stretch with the page, and the texts around them are the page's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

HEIGHT = 1000
STEP = 10
_GAP = 1
_MOST_TICKS = 6
_MOST_LABELS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle in units of the drawing, and what it says when one points at it."""

    x: int
    y: int
    width: int
    height: int
    loss: bool
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A text beside the drawing, in thousandths of its height from below or of its width from
    the left."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """`zero` is where the line of nothing is drawn; the drawing is `width` × HEIGHT."""

    title: str
    width: int
    height: int
    zero: int
    bars: tuple[Bar, ...]
    ticks: tuple[Mark, ...]
    labels: tuple[Mark, ...]


def bar_chart(
    title: str,
    bars: Sequence[tuple[str, str, int]],
    amount: Callable[[int], str],
    axis: Callable[[int], str],
) -> BarChart | None:
    """`bars` are a short label, a long one and a size each; None where there is nothing to see.

    `amount` and `axis` write a size beside its bar and at the axis.
    """
    sizes = [size for _, _, size in bars]
    if not any(sizes):
        return None
    values = ticks(min(sizes), max(sizes))
    low, span = values[0], values[-1] - values[0]

    def up(size: int) -> int:
        return (size - low) * HEIGHT // span

    zero = up(0)
    drawn = []
    for place, (_, label, size) in enumerate(bars):
        tall = max(abs(up(size) - zero), 6) if size else 0
        top = HEIGHT - zero - (tall if size > 0 else 0)
        drawn.append(
            Bar(
                place * STEP + _GAP,
                min(max(top, 0), HEIGHT - tall),
                STEP - 2 * _GAP,
                tall,
                size < 0,
                f"{label}: {amount(size)}",
            )
        )
    return BarChart(
        title,
        len(bars) * STEP,
        HEIGHT,
        HEIGHT - zero,
        tuple(drawn),
        tuple(Mark(up(value), axis(value)) for value in values),
        _labels([label for label, _, _ in bars]),
    )


def ticks(smallest: int, largest: int) -> list[int]:
    """Round values from at most the smallest (or zero) to at least the largest (or zero)."""
    low, high = min(smallest, 0), max(largest, 0)
    step = _round_step(max(high - low, 1))
    first, last = low // step, -(-high // step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def _round_step(span: int) -> int:
    """1, 2 or 5 times a power of ten, so that few enough ticks lie on `span`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if span <= factor * power * (_MOST_TICKS - 2):
                return factor * power
        power *= 10


def _labels(texts: Sequence[str]) -> tuple[Mark, ...]:
    """Under the middle of their bars, and not so many that they touch."""
    every = -(-len(texts) // _MOST_LABELS)
    return tuple(
        Mark((2 * place + 1) * 1000 // (2 * len(texts)), texts[place])
        for place in range(0, len(texts), every)
    )
