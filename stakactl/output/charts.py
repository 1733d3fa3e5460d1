"""Horizontal bars in the terminal."""

from collections.abc import Callable

from rich.cells import cell_len, set_cell_size

from stakactl.domain.money import CurrencyMismatch, Money
from stakactl.output.formats import People
from stakactl.output.text import clean
from stakactl.output.view import Chart

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MAX_LABEL = 24


def bars(chart: Chart, people: People, *, width: int = 80, ascii_only: bool = False) -> list[str]:
    """One line per bar, at most `width` columns wide, longest bar for the largest amount.

    A negative amount (more refunded than paid) is drawn by its size with a lighter block.
    Raises CurrencyMismatch when the amounts are of several currencies.
    """
    currencies = {value.currency for _, value in chart.bars if isinstance(value, Money)}
    if len(currencies) > 1:
        raise CurrencyMismatch(f"one chart of {' and '.join(sorted(currencies))}")
    if not chart.bars:
        return []
    labels = [clean(label) for label, _ in chart.bars]
    texts = [people.cell(value, grouped=True) for _, value in chart.bars]
    sizes = [_size(value) for _, value in chart.bars]
    label_width = min(max(map(cell_len, labels)), _MAX_LABEL)
    text_width = max(map(cell_len, texts))
    room = max(width - label_width - text_width - 4, 1)
    largest = max(abs(size) for size in sizes) or 1
    draw: Callable[[int, int, int], str] = _ascii_bar if ascii_only else _block_bar
    return [
        f"{_fit(label, label_width, ascii_only)}  {draw(size, largest, room)}"
        f"  {' ' * (text_width - cell_len(text))}{text}"
        for label, text, size in zip(labels, texts, sizes, strict=True)
    ]


def _size(value: Money | int) -> int:
    return value.minor if isinstance(value, Money) else value


def _fit(label: str, width: int, ascii_only: bool) -> str:
    if cell_len(label) <= width:
        return set_cell_size(label, width)
    return set_cell_size(label, width - 1) + ("~" if ascii_only else "…")


def _block_bar(size: int, largest: int, room: int) -> str:
    """In eighths of a column; whole lighter blocks below zero."""
    eighths = abs(size) * room * 8 // largest
    if size < 0:
        return ("░" * max(eighths // 8, 1)).ljust(room)
    full, rest = divmod(eighths, 8)
    if size and not eighths:
        rest = 1
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(room)


def _ascii_bar(size: int, largest: int, room: int) -> str:
    length = abs(size) * room // largest
    return (("-" if size < 0 else "#") * (max(length, 1) if size else 0)).ljust(room)
