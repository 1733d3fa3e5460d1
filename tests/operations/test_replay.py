"""A replay: oldest first, any number of times; into the mirror, or signed to the application."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from stakactl.adapters.webhooks.sender import WebhookSender
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import Event, StripeKind
from stakactl.domain.webhooks.replays import GIVE_UP_AFTER, ReplayState
from stakactl.errors import NotFound, StripeError, UsageError
from stakactl.operations.ports import EventQuery
from stakactl.operations.replay import (
    ReplayReport,
    latest_events,
    plan_of_ids,
    plan_of_window,
    replay,
    repost,
)
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW
from tests.contracts.event_log import an_event
from tests.operations.workshop import Workshop, sale, workshop_on
from tests.webhook_server import SECRET, WebhookServer, webhook_server

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DONE, FAILED = ReplayState.DONE, ReplayState.FAILED
LAST_DAYS = EventQuery(since=NOW - 3 * DAY)


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Workshop]:
    with workshop_on(sqlite_url) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[WebhookServer]:
    with webhook_server() as opened:
        yield opened


def put_events(shop: Workshop, count: int, **fields: Any) -> list[Event]:
    """Events about charges, one an hour; the feed has them in another order."""
    events = [
        replace(an_event(number, NOW - (count - number) * HOUR), object_id=f"ch_{number}", **fields)
        for number in range(count)
    ]
    shop.stripe.put(*reversed(events))
    for event in events:
        shop.stripe.bodies[event.id] = {"id": event.id, "api_version": "2024-06-20", "x": "é"}
    return events


def states(report: ReplayReport) -> list[ReplayState]:
    return [step.state for step in report.steps]


def ids(report: ReplayReport) -> list[str]:
    return [step.event_id for step in report.steps]


def send(shop: Workshop, server: WebhookServer, plan: ReplayReport) -> ReplayReport:
    sender = WebhookSender(server.url, SECRET, shop.clock)
    return repost(shop, plan, sender, "2024-06-20")


# -- which events


def test_the_newest_events_and_whether_there_are_more(shop: Workshop) -> None:
    events = put_events(shop, 5)
    found = latest_events(shop, EventQuery(), 3)
    assert list(found.events) == events[:1:-1]
    assert found.more
    assert not latest_events(shop, EventQuery(), 5).more


def test_a_window_is_replayed_from_its_oldest(shop: Workshop) -> None:
    events = put_events(shop, 5)
    plan = plan_of_window(shop, replace(LAST_DAYS, until=events[4].created_at))
    assert ids(plan) == [event.id for event in events[:4]]
    assert set(states(plan)) == {ReplayState.PLANNED}
    assert not plan.is_cut


def test_events_are_named_in_any_order_and_once(shop: Workshop) -> None:
    events = put_events(shop, 3)
    named = [events[2].id, events[0].id, events[2].id, "evt_gone", "no id at all"]
    plan = plan_of_ids(shop, named)
    assert ids(plan) == [events[0].id, events[2].id, "evt_gone", "no id at all"]
    assert states(plan)[2:] == [ReplayState.MISSING, ReplayState.MISSING]
    assert plan.outcome is Outcome.PARTIAL
    with pytest.raises(NotFound, match="evt_gone"):
        plan_of_ids(shop, ["evt_gone"])


def test_what_is_older_than_the_feed_is_told(shop: Workshop) -> None:
    put_events(shop, 1)
    assert plan_of_window(shop, EventQuery(since=NOW - 31 * DAY)).is_cut
    assert not plan_of_window(shop, EventQuery(since=NOW - 30 * DAY)).is_cut
    with pytest.raises(UsageError, match="30 days"):
        plan_of_window(shop, EventQuery(since=NOW - 40 * DAY, until=NOW - 30 * DAY))


# -- into the mirror


def test_a_replay_reads_again_and_again_to_the_same_end(shop: Workshop) -> None:
    old = sale(1)
    shop.take(old)
    sync_stripe(shop)
    changed = replace(old.charge, amount_refunded_minor=46800)
    shop.stripe.put(changed, an_event(1, NOW - DAY, object_id="ch_1"))
    plan = plan_of_window(shop, LAST_DAYS)
    outcomes = []
    for _ in range(2):
        report = replay(shop, plan)
        case = shop.cases.case("A-1")
        assert case is not None
        outcomes.append((states(report), [each.amount_refunded_minor for each in case.charges]))
    assert outcomes == [([DONE], [46800])] * 2
    assert shop.events.unprocessed() == []
    assert report.run_id is not None
    run = shop.runs.get(report.run_id)
    assert run is not None
    assert (run.command, run.outcome, run.summary["done"]) == ("webhooks replay", Outcome.OK, 1)


def test_what_cannot_be_read_is_told_and_left_for_later(shop: Workshop) -> None:
    shop.take(sale(0))
    events = put_events(shop, 2)
    other = an_event(7, NOW, object_kind="price", object_id="price_1")
    shop.stripe.put(other)
    plan = plan_of_window(shop, LAST_DAYS)
    shop.stripe.unreadable[StripeKind.CHARGE] = StripeError("Stripe answered 500")
    report = replay(shop, plan)
    assert states(report) == [FAILED, FAILED, DONE]
    assert "Stripe answered 500" in str(report.steps[0].reason)
    assert report.outcome is Outcome.PARTIAL
    assert [event.id for event in shop.events.unprocessed()] == [event.id for event in events]


def test_a_replay_in_one_go_reads_each_object_once(shop: Workshop) -> None:
    shop.take(sale(1))
    shop.stripe.put(*(an_event(n, NOW - HOUR, object_id="ch_1") for n in range(20)))
    plan = plan_of_window(shop, LAST_DAYS)
    shop.stripe.calls.clear()
    assert set(states(replay(shop, plan))) == {DONE}
    assert shop.stripe.calls.count((StripeKind.CHARGE, "ch_1")) == 1


# -- to the application


def test_the_application_gets_the_events_as_stripe_has_them(
    shop: Workshop, server: WebhookServer
) -> None:
    events = put_events(shop, 4)
    report = send(shop, server, plan_of_window(shop, LAST_DAYS))
    assert server.received == [shop.stripe.bodies[event.id] for event in events]
    assert (report.outcome, set(states(report))) == (Outcome.OK, {DONE})
    assert report.receiver == "127.0.0.1"
    assert report.versions == ()
    send(shop, server, plan_of_window(shop, LAST_DAYS))
    assert server.ids == [event.id for event in events] * 2


def test_single_refusals_do_not_stop_it(shop: Workshop, server: WebhookServer) -> None:
    put_events(shop, 6)
    server.statuses = [500, 200, 302, 400, 200, 503]
    report = send(shop, server, plan_of_window(shop, LAST_DAYS))
    assert states(report) == [FAILED, DONE, FAILED, FAILED, DONE, FAILED]
    assert report.outcome is Outcome.PARTIAL
    assert "answered 302" in str(report.steps[2].reason)
    assert len(server.received) == 6
    assert set(server.paths) == {"/hook"}


def test_it_gives_up_on_an_application_that_refuses_everything(
    shop: Workshop, server: WebhookServer
) -> None:
    put_events(shop, 8)
    server.statuses = [200]
    server.signed = 500
    report = send(shop, server, plan_of_window(shop, LAST_DAYS))
    assert len(server.received) == 1 + GIVE_UP_AFTER
    assert states(report) == [DONE, *[FAILED] * 3, *[ReplayState.SKIPPED] * 4]
    assert report.outcome is Outcome.PARTIAL
    again = send(shop, server, plan_of_window(shop, LAST_DAYS))
    assert again.outcome is Outcome.INCOMPLETE


def test_an_application_that_is_away_or_hangs(shop: Workshop, server: WebhookServer) -> None:
    put_events(shop, 1)
    plan = plan_of_window(shop, LAST_DAYS)
    server.hangs = True
    patient = WebhookSender(server.url, SECRET, shop.clock, timeout_seconds=0.2)
    report = repost(shop, plan, patient, None)
    assert "did not answer within 0.2 s" in str(report.steps[0].reason)
    server.hangs = False
    other = WebhookSender(server.url, "whsec_of_somebody_else", shop.clock)
    assert "answered 400" in str(repost(shop, plan, other, None).steps[0].reason)
    gone = WebhookSender("http://127.0.0.1:1/hook", SECRET, shop.clock)
    assert "cannot be reached" in str(repost(shop, plan, gone, None).steps[0].reason)


def test_an_event_of_another_version_is_told(shop: Workshop, server: WebhookServer) -> None:
    events = put_events(shop, 2)
    shop.stripe.bodies[events[0].id] = {"id": events[0].id, "api_version": "2023-10-16"}
    report = send(shop, server, plan_of_window(shop, LAST_DAYS))
    assert report.versions == ("2023-10-16",)


def test_an_event_that_ages_out_meanwhile(shop: Workshop, server: WebhookServer) -> None:
    events = put_events(shop, 2)
    plan = plan_of_window(shop, LAST_DAYS)
    shop.stripe.remove(StripeKind.EVENT, events[0].id)
    del shop.stripe.bodies[events[0].id]
    assert states(send(shop, server, plan)) == [ReplayState.MISSING, DONE]
