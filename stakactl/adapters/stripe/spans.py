"""Reads one creation window to its end, and gives parts of it away while it does.

A span is [since, until) in whole seconds of `created`, as Stripe has them. Its pages come newest
first, each after the last object of the one before. After a page the rest reaches from the oldest
object seen back to `since`; when workers are free, older parts of the rest become spans of their
own, as long as the density so far makes a few pages; the oldest gets all that remains. The newest
part goes on after the cursor, so objects that share a second with it, however many, are neither
split nor skipped.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Protocol

from stakactl.adapters.stripe.errors import StripeCursorLost
from stakactl.domain.stripe_objects import StripeKind, StripeObject
from stakactl.errors import StripeError
from stakactl.operations.ports import Page, Unread, Wanted, Window

#: The most objects that Stripe puts into one answer.
PAGE = 100
#: A part that is given away should be worth its first request.
_PAGES_WORTH_A_SPAN = 4
#: Every part ends with a page that is not full: more pages each, fewer of these.
_LONGEST_STRIDE = 64
#: So often an object that served as cursor may be deleted before the span is given up.
_LOST_CURSORS = 5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of `wanted`, in whole seconds. What it gives away has about `stride` pages each."""

    wanted: Wanted
    since: int
    until: int
    stride: int = 4

    @property
    def kind(self) -> StripeKind:
        return self.wanted.kind

    def window(self, since: int, until: int) -> Window:
        """The seconds as a Window; the ends of what was wanted are given back as they were."""
        whole, ends = span_of(self.wanted), self.wanted.created
        return Window(
            ends.since if since == whole.since else _EPOCH + since * _SECOND,
            ends.until if until == whole.until else _EPOCH + until * _SECOND,
        )


def span_of(wanted: Wanted) -> Span:
    """All of a wanted window. `created` has whole seconds, so rounding both ends up is exact."""
    created = wanted.created
    return Span(wanted, whole_second(created.since), whole_second(created.until))


def whole_second(moment: datetime) -> int:
    """The first second of Stripe's that does not begin before the moment."""
    return -((_EPOCH - moment) // _SECOND)


class Density:
    """How many objects of a kind there are per second, as far as a reading has come.

    One page tells little: sales come by day and not by night. Safe from many threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects = self._seconds = 0

    def add(self, objects: int, seconds: int) -> None:
        with self._lock:
            self._objects += objects
            self._seconds += seconds

    def pages(self, seconds: int) -> float:
        """How many there may be in so many seconds."""
        return seconds * self._objects / (max(self._seconds, 1) * PAGE)


class ListPage(Protocol):
    def __call__(
        self, kind: StripeKind, since: int, until: int, after: str | None
    ) -> tuple[Sequence[StripeObject], bool]:
        """One page, and whether more follow. Raises StripeError."""


class Cursors:
    """Where a list goes on; one that stands still is an error, never its end."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._seen: set[str] = set()

    def after(self, objects: Sequence[StripeObject]) -> str:
        """The cursor behind a page that is not the last."""
        cursor = objects[-1].id if objects else ""
        if not cursor or cursor in self._seen:
            raise StripeError(
                f"cannot {self._doing}: the list does not move on after {len(self._seen)} pages",
                hint="run it again; if it stays, please report it",
            )
        self._seen.add(cursor)
        return cursor

    def clear(self) -> None:
        self._seen.clear()


class SpanReader:
    """`spare` tells how many parts others would take at once, `give` hands one of them over."""

    def __init__(
        self,
        span: Span,
        list_page: ListPage,
        density: Density,
        *,
        spare: Callable[[], int] = lambda: 0,
        give: Callable[[Span], None] = lambda part: None,
    ) -> None:
        self._span = span
        self._list_page = list_page
        self._density = density
        self._spare = spare
        self._give = give
        self._since, self._until = span.since, span.until  # what is asked for
        self._read_from = span.until  # what was created from here on was read
        self._cursor: str | None = None
        self._cursors = Cursors(f"list {span.kind.value} objects")
        self._in_order = True
        self._oldest = span.until

    def parts(self) -> Iterator[Page | Unread]:
        """Each page once it is read; an Unread ends the span."""
        kind, lost = self._span.kind, 0
        if self._since >= self._until:  # it lies within one second, so nothing has its `created`
            yield Page(kind, (), self._span.window(self._since, self._until))
            return
        while True:
            try:
                objects, has_more = self._list_page(kind, self._since, self._until, self._cursor)
                if not has_more:
                    break
                covered = self._move_on(objects)
            except StripeCursorLost as error:
                lost += 1
                if lost > _LOST_CURSORS:
                    yield self._unread(error)
                    return
                self._begin_again()
            except StripeError as error:
                yield self._unread(error)
                return
            else:
                self._share()
                yield Page(kind, objects, covered)
        if self._since != span_of(self._span.wanted).since:
            # The time before the oldest object of all says nothing about the rest either.
            self._density.add(len(objects), self._oldest - self._since)
        yield Page(kind, objects, self._span.window(self._since, self._read_from))

    def _unread(self, error: StripeError) -> Unread:
        return Unread(self._span.kind, self._span.window(self._since, self._read_from), error)

    def _move_on(self, objects: Sequence[StripeObject]) -> Window | None:
        """Go on after a page that is not the last; returns what it completed."""
        self._cursor = self._cursors.after(objects)
        self._look_at(objects)
        before, after = self._read_from, self._oldest + 1
        if not self._in_order or after >= before:
            return None
        self._read_from = after
        return self._span.window(after, before)

    def _look_at(self, objects: Sequence[StripeObject]) -> None:
        """Note where the page lies. A list that is not newest first is read by cursor alone."""
        newest, oldest = (whole_second(each.created_at) for each in (objects[0], objects[-1]))
        falling = all(a.created_at >= b.created_at for a, b in pairwise(objects))
        in_place = self._since <= oldest and newest <= self._oldest and newest < self._until
        self._in_order = self._in_order and falling and in_place
        if self._in_order:
            # The time since the newest object of all says nothing about the rest.
            first_of_all = self._oldest == span_of(self._span.wanted).until
            self._density.add(len(objects), (newest if first_of_all else self._oldest) - oldest)
        self._oldest = oldest

    def _begin_again(self) -> None:
        """Without the cursor, from the second on in which it stood."""
        self._cursor = None
        self._cursors.clear()
        self._until = self._read_from

    def _share(self) -> None:
        """Give older parts of the rest away, if it has enough pages for others to be free for."""
        if not self._in_order or (free := self._spare()) <= 0:
            return
        rest = self._oldest - self._since
        pages = self._density.pages(rest)
        parts = min(free + 1, int(pages / _PAGES_WORTH_A_SPAN), rest)
        if parts < 2:
            return
        step = max(1, int(rest * min(1 / parts, self._span.stride / pages)))
        bounds = [self._oldest - step * number for number in range(1, parts)]
        for until, since in pairwise([*bounds, self._since]):
            self._give(Span(self._span.wanted, since, until, self._stride(since)))
        self._since = bounds[0]

    def _stride(self, since: int) -> int:
        """The oldest part is as long as nobody knows: it gives larger parts away."""
        own = self._span.stride
        return min(own * 2, _LONGEST_STRIDE) if since == self._since else own
