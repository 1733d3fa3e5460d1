"""Events of Stripe that took no effect here: their object could not be read, or the sync that
brought them died before it came to them."""

from collections.abc import Iterator
from datetime import timedelta

from stakactl.domain.changes import Change, ChangeTarget
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.reconciliation import Context
from stakactl.domain.stripe_objects import Event
from stakactl.operations.events import BATCH
from stakactl.operations.ports import Ports
from stakactl.operations.scope import Scope

#: A sync that is under way may still come to them.
GRACE = timedelta(hours=1)


def unprocessed_events(
    ports: Ports, scope: Scope, context: Context, unread: list[str]
) -> Iterator[tuple[Finding, Change]]:
    """Oldest first, which is the order they are repaired in."""
    last: Event | None = None
    while events := ports.events.unprocessed(context.now - GRACE, after=last, limit=BATCH):
        for event in events:
            if scope.holds(event.created_at):
                finding = _finding(event)
                yield finding, _change(event, finding)
        last = events[-1]


def _finding(event: Event) -> Finding:
    return Finding(
        Discrepancy.EVENT_UNPROCESSED,
        since=event.created_at,
        expected=f"{event.type} took effect",
        seen=f"{event.object_kind} {event.object_id or ''} was not read since".replace("  ", " "),
        hint="stakactl reconcile --fix reads it again",
        refs={"event": event.id},
    )


def _change(event: Event, finding: Finding) -> Change:
    return Change(
        event.id,
        finding.finding_id,
        str(finding.discrepancy),
        before={"effect": "none"},
        after={"effect": "taken"},
        target=ChangeTarget.EVENT,
    )
