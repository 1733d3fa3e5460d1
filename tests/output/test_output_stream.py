"""Whole or absent, flat in memory, and what happens when standard output fails."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from stakactl.errors import DiskError
from stakactl.output.render import render
from stakactl.output.stream import OutputClosed
from stakactl.output.view import Item
from tests.output.view_samples import order, orders_view, written


class _Discarding(io.StringIO):
    """Counts lines instead of keeping them."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = 0

    def write(self, text: str, /) -> int:
        self.lines += text.count("\n")
        return len(text)


class _Failing(io.StringIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str, /) -> int:
        raise self._error


def _peak_bytes(output: str, count: int) -> int:
    stream = _Discarding()
    tracemalloc.start()
    try:
        render(orders_view(items=({"order_id": "x" * 50} for _ in range(count))), output, stream)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stream.lines >= count
    return peak


@pytest.mark.parametrize("output", ["json", "csv"])
def test_memory_is_flat_in_the_number_of_items(output: str) -> None:
    # Both are past what the spool keeps in memory: 1 MiB.
    assert _peak_bytes(output, 20_000) < _peak_bytes(output, 18_000) + 100_000


def test_a_long_table_streams_with_the_same_columns() -> None:
    text = written(orders_view(items=(order(number) for number in range(1_250))), "table")
    rows = [line for line in text.splitlines() if line.startswith("  ord_")]
    assert len(rows) == 1_250
    assert len({row.index("p") for row in rows if "paid" in row}) == 1


def _breaks_off() -> Iterator[Item]:
    yield order(1)
    raise RuntimeError("the database went away")


@pytest.mark.parametrize("output", ["json", "csv"])
def test_nothing_is_printed_when_the_items_fail(output: str) -> None:
    stream = io.StringIO()
    with pytest.raises(RuntimeError, match="went away"):
        render(orders_view(items=_breaks_off()), output, stream)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_full_disk_is_an_error_with_exit_code_4(output: str) -> None:
    with pytest.raises(DiskError) as caught:
        render(orders_view(), output, _Failing(OSError(28, "No space left on device")))
    assert caught.value.exit_code == 4
    assert "No space left" in caught.value.message


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_a_reader_who_left_is_no_error_of_ours(output: str) -> None:
    with pytest.raises(OutputClosed):
        render(orders_view(), output, _Failing(BrokenPipeError(32, "Broken pipe")))


def test_no_item_is_still_one_object() -> None:
    assert json.loads(written(orders_view(items=[]), "json"))["items"] == []
    assert len(list(csv.reader(io.StringIO(written(orders_view(items=[]), "csv"))))) == 1


@pytest.mark.parametrize("cell", [float("nan"), b"x", object()])
@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_what_is_no_cell_is_refused(cell: object, output: str) -> None:
    item: Item = {"order_id": cell}  # type: ignore[dict-item]
    with pytest.raises((TypeError, ValueError)):
        written(orders_view(items=[item]), output)
