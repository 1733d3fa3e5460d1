"""Windows of time against sets of seconds."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.windows import Window, before, cut, merged, without

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def window(since: int, until: int) -> Window:
    return Window(START + since * SECOND, START + until * SECOND)


def seconds(windows: Iterable[Window]) -> set[int]:
    found = set()
    for one in windows:
        found |= set(range((one.since - START).seconds, (one.until - START).seconds))
    return found


times = st.integers(0, 40)
some_windows = st.lists(st.builds(window, times, times), max_size=8)


@given(some_windows)
def test_merged_windows_hold_the_same_time_in_few_pieces(windows: list[Window]) -> None:
    found = merged(windows)
    assert seconds(found) == seconds(windows)
    assert all(one.until < other.since for one, other in pairwise(found))


@given(st.builds(window, times, times), some_windows)
def test_what_is_left_of_a_window(whole: Window, covered: list[Window]) -> None:
    left = without(whole, covered)
    assert seconds(left) == seconds([whole]) - seconds(covered)
    assert left == merged(left)


@given(some_windows, times)
def test_what_lies_before_a_moment(windows: list[Window], moment: int) -> None:
    found = before(windows, START + moment * SECOND)
    assert seconds(found) == {second for second in seconds(windows) if second < moment}


@given(st.integers(0, 20), st.integers(21, 4000), st.integers(1, 50))
def test_a_long_window_is_cut_into_growing_parts(since: int, until: int, last: int) -> None:
    parts = list(cut(window(since, until), last * SECOND))
    assert merged(parts) == (window(since, until),)
    assert sum((part.until - part.since for part in parts), timedelta()) == (until - since) * SECOND
    assert parts[0].until == START + until * SECOND
    lengths = [part.until - part.since for part in parts]
    assert lengths[:-1] == [last * SECOND * 2**place for place in range(len(parts) - 1)]
