"""Lists that do not end well: each is told, none ends in silence."""

import re
import threading
from datetime import timedelta

import pytest

from stakactl.domain.stripe_objects import StripeKind
from stakactl.operations.ports import Page, Unread, Window
from tests.adapters.stripe.gateway_setup import (
    NOVEMBER,
    ONE_BY_ONE,
    Setup,
    found,
    read,
    refund,
    unread,
)
from tests.adapters.stripe.scripted_server import (
    listing,
    refusal,
)


def test_a_page_that_cannot_be_read_ends_the_window(setup: Setup) -> None:
    gateway = setup.start(listing([refund(1)], has_more=True), refusal(400, "No."), **ONE_BY_ONE)
    first, rest = read(gateway, StripeKind.REFUND, NOVEMBER)
    assert found([first]) == ["re_1"]
    assert isinstance(first, Page)
    assert isinstance(rest, Unread)
    assert "cannot list refund objects" in rest.error.message
    assert first.covered is not None
    assert (first.covered.until, rest.created.since) == (NOVEMBER.until, NOVEMBER.since)
    assert rest.created.until == first.covered.since
    assert first.covered.since == first.objects[0].created_at + timedelta(seconds=1)


def test_a_list_that_repeats_itself_is_noticed(setup: Setup) -> None:
    gateway = setup.start(listing([refund(1)], has_more=True), **ONE_BY_ONE)
    error = unread(read(gateway, StripeKind.REFUND, NOVEMBER)).error
    assert "does not move on after 1 pages" in error.message


def test_a_longer_loop_is_noticed_before_a_page_comes_twice(setup: Setup) -> None:
    loop = [listing([refund(number)], has_more=True) for number in (1, 2, 3)]
    parts = read(setup.start(*loop, *loop, **ONE_BY_ONE), StripeKind.REFUND, NOVEMBER)
    assert found(parts) == ["re_1", "re_2", "re_3"]
    assert "does not move on" in unread(parts).error.message


def test_an_empty_page_with_more_to_come_is_no_end(setup: Setup) -> None:
    gateway = setup.start(listing([], has_more=True), **ONE_BY_ONE)
    parts = read(gateway, StripeKind.REFUND, NOVEMBER)
    assert "does not move on" in unread(parts).error.message
    assert unread(parts).created == NOVEMBER


def test_an_object_that_cannot_be_used_is_named(setup: Setup) -> None:
    broken = {**refund(2), "amount": None}
    parts = read(
        setup.start(listing([refund(1), broken], has_more=False)), StripeKind.REFUND, NOVEMBER
    )
    assert re.search(r"refund re_2 .*'amount'", unread(parts).error.message)


def test_naive_times_are_a_mistake(setup: Setup) -> None:
    gateway = setup.start(listing([], has_more=False))
    naive = NOVEMBER.since.replace(tzinfo=None)
    with pytest.raises(TypeError):
        read(gateway, StripeKind.REFUND, Window(naive, naive + timedelta(days=1)))


def test_many_threads_read_at_once(setup: Setup) -> None:
    gateway = setup.start(listing([refund(1)], has_more=False))
    counts: list[int] = []

    def count() -> None:
        counts.append(len(found(read(gateway, StripeKind.REFUND, NOVEMBER))))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8
