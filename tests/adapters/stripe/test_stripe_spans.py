"""Windows that are split while they are read: whatever the list looks like, nothing is left out.

The list is a plain one in memory; which span goes on next, how many parts others would take, what
is created and what is deleted meanwhile is drawn.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stakactl.adapters.stripe.errors import StripeCursorLost
from stakactl.adapters.stripe.spans import PAGE, Density, Span, SpanReader, span_of
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import Refund, StripeKind, StripeObject
from stakactl.errors import StripeError
from stakactl.operations.ports import Page, Unread, Wanted, Window
from tests.contracts.stripe_gateway import check_coverage, ids

KIND = StripeKind.REFUND
START = datetime(2026, 11, 1, tzinfo=UTC)
_START = int(START.timestamp())
LENGTH = 3_600
WANTED = Wanted(KIND, Window(START - timedelta(days=3_650), START + timedelta(seconds=LENGTH)))


def refund(number: int, second: int) -> Refund:
    at = START + timedelta(seconds=second)
    return Refund(f"re_{number}", at, "succeeded", Money(1, "eur"), None, None)


@dataclass
class Listing:
    """Newest first; what was created last in a second comes first."""

    objects: list[Refund] = field(default_factory=list)
    requests: int = 0
    _number: int = 0

    def add(self, second: int, count: int = 1) -> None:
        for _ in range(count):
            self._number += 1
            self.objects.append(refund(self._number, second))
        self.objects.sort(key=lambda one: (one.created_at, int(one.id[3:])), reverse=True)

    def page(
        self, kind: StripeKind, since: int, until: int, after: str | None
    ) -> tuple[Sequence[StripeObject], bool]:
        self.requests += 1
        first = 0
        if after is not None:
            places = [place for place, one in enumerate(self.objects) if one.id == after]
            if not places:
                raise StripeCursorLost("No such refund")
            first = places[0] + 1
        listed = [
            one for one in self.objects[first:] if since <= one.created_at.timestamp() < until
        ]
        return listed[:PAGE], len(listed) > PAGE


def reading(
    listing: Listing,
    rng: random.Random,
    *,
    wanted: Wanted = WANTED,
    reader: type[SpanReader] = SpanReader,
) -> Iterator[Page | Unread]:
    """What a crew does, in one thread: spans go on in any order."""
    density = Density()
    running: list[Iterator[Page | Unread]] = []

    def begin(span: Span) -> None:
        made = reader(
            span, listing.page, density, spare=lambda: rng.choice((0, 1, 3, 19)), give=begin
        )
        running.append(made.parts())

    begin(span_of(wanted))
    while running:
        parts = rng.choice(running)
        part = next(parts, None)
        if part is None:
            running.remove(parts)
        else:
            yield part


seconds = st.one_of(st.integers(0, LENGTH - 1), st.sampled_from([0, 1, LENGTH - 2, LENGTH - 1]))
clusters = st.lists(
    st.tuples(seconds, st.one_of(st.integers(1, 30), st.integers(95, 350))), max_size=25
)


def filled(drawn: list[tuple[int, int]]) -> Listing:
    listing = Listing()
    for second, count in drawn:
        listing.add(second, count)
    return listing


@given(clusters, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_all_objects_come_exactly_once(drawn: list[tuple[int, int]], rng: random.Random) -> None:
    listing = filled(drawn)
    parts = list(reading(listing, rng))
    pages = [part for part in parts if isinstance(part, Page)]
    assert len(pages) == len(parts)
    assert sorted(ids(pages)) == sorted(one.id for one in listing.objects)
    check_coverage(parts, [WANTED])


@given(clusters, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_what_is_created_or_deleted_meanwhile_hides_nothing(
    drawn: list[tuple[int, int]], rng: random.Random
) -> None:
    listing = filled(drawn)
    there = {one.id for one in listing.objects}
    deletions = 3
    came: list[Page] = []
    for part in reading(listing, rng):
        assert isinstance(part, Page)
        came.append(part)
        listing.add(LENGTH + rng.randrange(5))  # Stripe creates now, and now is after the window
        if deletions and rng.random() < 0.5 and part.objects:
            deletions -= 1
            gone = part.objects[-1]  # the cursor of the next page
            there.discard(gone.id)
            listing.objects = [one for one in listing.objects if one.id != gone.id]
    assert there <= set(ids(came))
    assert all(one.created_at < WANTED.created.until for page in came for one in page.objects)
    check_coverage(came, [WANTED])


class _OffByOne(SpanReader):
    """A planted bug: what is given away loses its last second."""

    def _share(self) -> None:
        give = self._give
        self._give = lambda part: give(Span(part.wanted, part.since, part.until - 1, part.stride))
        super()._share()
        self._give = give


def test_the_check_notices_a_lost_second() -> None:
    listing = filled([(second, 3) for second in range(1_000)])
    parts = list(reading(listing, random.Random(1), reader=_OffByOne))
    assert len(set(ids(part for part in parts if isinstance(part, Page)))) < 3_000
    with pytest.raises(AssertionError, match="nobody tells about"):
        check_coverage(parts, [WANTED])


def test_5000_objects_in_bursts() -> None:
    listing = filled([(second, 130) for second in range(0, 380, 10)] + [(2_000, 60)])
    assert len(listing.objects) == 5_000
    found = ids(part for part in reading(listing, random.Random(7)) if isinstance(part, Page))
    assert len(found) == len(set(found)) == 5_000
    assert listing.requests < 150


def test_nothing_is_split_off_from_a_single_second() -> None:
    listing = filled([(5, 1_000)])
    second = Window(START + timedelta(seconds=5), START + timedelta(seconds=6))
    parts = list(reading(listing, random.Random(3), wanted=Wanted(KIND, second)))
    assert len(parts) == listing.requests == 10
    assert [part.covered for part in parts if isinstance(part, Page)] == [None] * 9 + [second]


def test_a_window_that_few_objects_fill_is_not_split() -> None:
    listing = filled([(second, 1) for second in range(250)])
    parts = list(
        reading(
            listing,
            random.Random(3),
            wanted=Wanted(KIND, Window(START, START + timedelta(seconds=250))),
        )
    )
    assert len(parts) == listing.requests == 3


def test_a_list_out_of_order_is_read_by_cursor_alone() -> None:
    listing = filled([(second, 1) for second in range(1_000)])
    shuffled = listing.objects
    random.Random(5).shuffle(shuffled)
    first, *more = reading(listing, random.Random(1))
    assert isinstance(first, Page)
    assert first.covered is None
    assert listing.requests == 10
    assert len(set(ids([first, *(part for part in more if isinstance(part, Page))]))) == 1_000
    check_coverage(more, [WANTED])


def test_a_cursor_that_is_always_lost_ends_the_window() -> None:
    class Forgetful(Listing):
        def page(
            self, kind: StripeKind, since: int, until: int, after: str | None
        ) -> tuple[Sequence[StripeObject], bool]:
            if after is not None:
                raise StripeCursorLost("No such refund")
            return super().page(kind, since, until, after)

    listing = Forgetful()
    listing.add(5, 201)
    parts = list(reading(listing, random.Random(1)))
    (unread,) = (part for part in parts if isinstance(part, Unread))
    assert "No such refund" in unread.error.message
    check_coverage(parts, [WANTED])


def test_a_failure_leaves_what_was_given_away_to_others() -> None:
    class Failing(Listing):
        def page(
            self, kind: StripeKind, since: int, until: int, after: str | None
        ) -> tuple[Sequence[StripeObject], bool]:
            if since <= _START + 400 < until and after is not None:
                raise StripeError("cannot list refund objects")
            return super().page(kind, since, until, after)

    listing = Failing()
    for second in range(1_000):
        listing.add(second, 2)
    parts = list(reading(listing, random.Random(2)))
    (unread,) = (part for part in parts if isinstance(part, Unread))
    assert unread.created.since <= START + timedelta(seconds=400) < unread.created.until
    check_coverage(parts, [WANTED])
    came = set(ids(part for part in parts if isinstance(part, Page)))
    lost = [one for one in listing.objects if one.id not in came]
    assert 0 < len(lost) < 2_000
    assert all(unread.created.since <= one.created_at < unread.created.until for one in lost)
