"""Reports of `webhooks events` and `webhooks replay`."""

from typing import TYPE_CHECKING

from stakactl.domain.stripe_objects import Event
from stakactl.domain.webhooks.replays import GIVE_UP_AFTER, Replayed, ReplayState
from stakactl.output.view import STATES, Cell, Column, Item, Kind, View

if TYPE_CHECKING:
    from stakactl.operations.replay import LatestEvents, ReplayReport

_EVENTS = (
    Column("created_at", "time", Kind.DATE),
    Column("event_id", "id", min_width=28),
    Column("type", "type", min_width=16),
    Column("object_id", "object", min_width=12, priority=1),
    Column("pending_webhooks", "pending", Kind.NUMBER, priority=2),
    Column("object", "kind of object", priority=None),
)
_REPLAYED = (
    Column("event_id", "id", min_width=28),
    Column("type", "type", min_width=16),
    Column("state", "state", style={**STATES, "missing": "red"}),
    Column("reason", "why not", min_width=16, max_width=60),
    Column("created_at", "time", Kind.DATE, priority=1),
    Column("object_id", "object", min_width=12, priority=2),
    Column("object", "kind of object", priority=None),
)
_SHELF = "Stripe keeps events for 30 days: those from before that cannot be read"


def events_view(found: "LatestEvents") -> View:
    return View(
        summary={"shown": len(found.events), "more": found.more},
        items=[
            {"event_id": event.id, **_told(event), "pending_webhooks": event.pending_webhooks}
            for event in found.events
        ],
        columns=_EVENTS,
        title="Events",
        notes=("There are more: --limit, or --until a day before the last one",)
        if found.more
        else (),
        empty="Stripe has no such event of the last 30 days.",
    )


def replay_view(report: "ReplayReport", *, dry_run: bool = False) -> View:
    return View(
        outcome=report.outcome,
        run_id=report.run_id,
        summary={
            "events": len(report.steps),
            **{str(state): report.count(state) for state in ReplayState},
            "reposted_to": report.receiver,
            "incomplete_feed": report.is_cut,
            "dry_run": dry_run,
        },
        items=[_step(step) for step in report.steps],
        columns=_REPLAYED,
        title="Replay",
        notes=tuple(_notes(report)),
        empty="Stripe has no such event of the last 30 days.",
    )


def _notes(report: "ReplayReport") -> list[str]:
    notes = [_SHELF] if report.is_cut else []
    if report.versions:
        versions = ", ".join(report.versions)
        notes.append(f"They were sent in the version they have ({versions}), not in the one of "
                     "STRIPE_API_VERSION: Stripe never renders an event anew")  # fmt: skip
    if report.count(ReplayState.SKIPPED):
        notes.append(f"Given up after {GIVE_UP_AFTER} failures in a row; see what the application "
                     "says, then stakactl webhooks probe")  # fmt: skip
    if report.count(ReplayState.DONE) and report.receiver is None:
        notes.append("stakactl reconcile --fix repairs what they say about orders")
    return notes


def _step(step: Replayed) -> Item:
    return {
        "event_id": step.event_id,
        **_told(step.event),
        "state": step.state,
        "reason": step.reason,
    }


def _told(event: Event | None) -> dict[str, Cell]:
    """What an event says; nothing of one that Stripe has no more."""
    return {
        "created_at": None if event is None else event.created_at,
        "type": None if event is None else event.type,
        "object": None if event is None else event.object_kind,
        "object_id": None if event is None else event.object_id,
    }
