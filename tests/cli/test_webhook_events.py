"""`webhooks probe`, `events` and `replay` by settings and the command line alone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Certificate
from tests.cli.homes import Project, assert_clear, envelope
from tests.webhook_server import SECRET, WebhookServer, webhook_server

WEEK = (datetime.now(UTC) - timedelta(days=7)).strftime("%Y-%m-%d")


@pytest.fixture
def server(project: Project) -> Iterator[WebhookServer]:
    with webhook_server() as opened:
        project.set(STRIPE_WEBHOOK_URL=opened.url, STRIPE_WEBHOOK_SECRET=SECRET)
        yield opened


def listed(project: Project, *arguments: str) -> list[dict[str, Any]]:
    result = project.run("webhooks", "events", "-o", "json", *arguments)
    assert result.exit_code == 0, result.output
    items: list[dict[str, Any]] = envelope(result)["items"]
    return items


def states(project: Project, *arguments: str) -> dict[str, str]:
    result = project.run("webhooks", "probe", "-o", "json", *arguments)
    assert "Sentinel" not in result.output
    return {item["id"]: item["state"] for item in envelope(result)["items"]}


def test_a_probe_of_a_webhook_in_order(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = Certificate(tmp_path, "localhost", ends_in=timedelta(days=90))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    with webhook_server(certificate) as server:
        project.set(STRIPE_WEBHOOK_URL=server.url, STRIPE_WEBHOOK_SECRET=SECRET)
        with project.unchanged():
            assert set(states(project).values()) == {"ok"}
        assert [event["livemode"] for event in server.received] == [False]
        assert states(project, "--unsigned-only")["webhook.accepts_signed"] == "skipped"
        assert len(server.received) == 1


def test_a_probe_says_what_to_do(project: Project, server: WebhookServer) -> None:
    server.signed = 400
    assert_clear(
        project.run("webhooks", "probe"), 1, "webhook.accepts_signed: set STRIPE_WEBHOOK_SECRET"
    )
    server.forged = 200
    assert_clear(project.run("webhooks", "probe"), 1, "anybody can forge", "Stripe-Signature")


def test_the_feed_is_filtered(project: Project) -> None:
    everything = listed(project, "--limit", "1000")
    times = [event["created_at"] for event in everything]
    assert times == sorted(times, reverse=True)
    charges = listed(project, "--type", "charge.*", "--limit", "1000")
    assert charges == [each for each in everything if each["type"].startswith("charge.")]
    assert listed(project, "--limit", "3") == everything[:3]
    assert listed(project, "--undelivered") == [e for e in everything if e["pending_webhooks"]][:50]
    recent = listed(project, "--since", WEEK, "--limit", "1000")
    assert 0 < len(recent) < len(everything)


def test_a_replay_into_the_mirror_twice_is_the_same(project: Project) -> None:
    replay = ("webhooks", "replay", "--since", WEEK, "-o", "json")
    with project.unchanged():
        planned = envelope(project.run(*replay, "--dry-run"))
    assert planned["run_id"] is None
    times = [item["created_at"] for item in planned["items"]]
    assert times == sorted(times)
    first = envelope(project.run(*replay))
    assert first["summary"]["done"] == len(times)
    before = project.snapshot(), project.count("stripe_charges"), project.count("stripe_events")
    assert envelope(project.run(*replay))["summary"] == first["summary"]
    after = project.snapshot(), project.count("stripe_charges"), project.count("stripe_events")
    assert after == before
    assert_clear(project.run("runs", "list"), 0, "webhooks replay")


def test_a_repost_asks_first_and_tells_what_was_accepted(
    project: Project, server: WebhookServer
) -> None:
    oldest_first = [event["event_id"] for event in listed(project, "--limit", "4")][::-1]
    repost = ("webhooks", "replay", *oldest_first[1:], oldest_first[0], "--repost")
    assert_clear(project.run(*repost), 5, "Send 4 events to 127.0.0.1?", "--yes")
    assert server.received == []
    server.statuses = [200, 500, 200, 200]
    result = project.run(*repost, "--yes", "-o", "json")
    assert result.exit_code == 6, result.output
    assert "Sentinel" not in result.output
    found = [item["state"] for item in envelope(result)["items"]]
    assert found == ["done", "failed", "done", "done"]
    assert server.ids == oldest_first
    assert {event["object"] for event in server.received} == {"event"}
    assert project.run(*repost, "--yes").exit_code == 0


def test_what_cannot_be_replayed_is_told(project: Project) -> None:
    run = project.run
    assert_clear(run("webhooks", "replay"), 2, "which events?", "--since")
    assert_clear(run("webhooks", "replay", "evt_1", "--since", WEEK), 2, "exclude each other")
    assert_clear(run("webhooks", "replay", "evt_1"), 2, "evt_1", "30 days")
    gone = ("--since", "2020-01-01", "--until", "2020-01-31")
    assert_clear(run("webhooks", "replay", *gone), 2, "30 days")
    assert_clear(run("webhooks", "replay", "evt_1", "--repost"), 3, "STRIPE_WEBHOOK_URL is not set")
    project.set(STRIPE_WEBHOOK_URL="http://shop.example.com/hook", STRIPE_WEBHOOK_SECRET=SECRET)
    assert_clear(run("webhooks", "replay", "evt_1", "--repost"), 3, "not encrypted")
    assert_clear(run("webhooks", "probe"), 1, "https://shop.example.com/hook")
    project.database.unlink()
    assert_clear(run("webhooks", "replay", "evt_1"), 3)
