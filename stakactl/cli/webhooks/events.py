"""`stakactl webhooks events · replay`: what Stripe says happened, and letting it take effect."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.cli.periods import SinceOption, UntilOption, period
from stakactl.cli.webhooks import app
from stakactl.errors import UsageError
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.ports import EventQuery
    from stakactl.operations.replay import ReplayReport

TypeOption = Annotated[
    str | None,
    typer.Option("--type", help="Only this type, or a group of them: charge.*", show_default=False),
]
UndeliveredOption = Annotated[
    bool, typer.Option("--undelivered", help="Only what not every endpoint accepted yet.")
]


@command(
    app,
    name="events",
    example=[
        "stakactl webhooks events --type 'charge.*' --limit 20",
        "stakactl webhooks events --undelivered --since 2026-11-01",
    ],
)
def events(
    call: Call,
    type_: TypeOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    undelivered: UndeliveredOption = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Rows to show.")] = 50,
) -> View:
    """List Stripe's events of the last 30 days, newest first.

    An endpoint that was disabled missed its events for good, and they count as delivered: look
    for them by time, not with --undelivered.
    """
    from stakactl.operations.replay import latest_events
    from stakactl.output.reports.webhook_events import events_view

    found = latest_events(call.container, _query(call, type_, since, until, undelivered), limit)
    return events_view(found)


@command(
    app,
    name="replay",
    example=[
        "stakactl webhooks replay evt_1PgafTB7WZ01zgkW",
        "stakactl webhooks replay --since 2026-11-20 --until 2026-11-21 --repost",
    ],
)
def replay(
    call: Call,
    event_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EVENT_ID]…", help="These events.", show_default=False),
    ] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    type_: TypeOption = None,
    undelivered: UndeliveredOption = False,
    repost: Annotated[
        bool, typer.Option("--repost", help="Send them to STRIPE_WEBHOOK_URL instead.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the events; do nothing with them.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Let events take effect once more, oldest first: the named ones, or those of a time.

    What they are about is read into the local copy of Stripe again, as it is now; doing that
    twice changes nothing. With --repost the application gets the events themselves, signed as
    Stripe signs, and acts on them by itself.
    """
    from stakactl.domain.webhooks.replays import ReplayState
    from stakactl.operations import replay as operation
    from stakactl.output.reports.webhook_events import replay_view

    receiver = call.container.webhook if repost else None
    plan = _plan(call, event_ids or [], _query(call, type_, since, until, undelivered))
    count = plan.count(ReplayState.PLANNED)
    if dry_run or not count:
        return replay_view(plan, dry_run=dry_run)
    if receiver is None:
        return replay_view(operation.replay(call.container, plan))
    if call.interactive and not yes:
        call.show(replace(replay_view(plan), notes=()))
    call.confirm(f"Send {count} event{'s' if count > 1 else ''} to {receiver.host}?", yes)
    api_version = call.container.settings.stripe_api_version
    return replay_view(operation.repost(call.container, plan, receiver, api_version))


def _plan(call: Call, event_ids: list[str], query: "EventQuery") -> "ReplayReport":
    from stakactl.operations.ports import EventQuery
    from stakactl.operations.replay import plan_of_ids, plan_of_window

    if event_ids and query != EventQuery():
        raise UsageError("ids of events and filters exclude each other")
    if event_ids:
        return plan_of_ids(call.container, event_ids)
    if query.since is None:
        raise UsageError(
            "which events? Name them, or a time",
            hint="stakactl webhooks replay EVENT_ID, or --since 2026-11-20 --until 2026-11-21",
        )
    return plan_of_window(call.container, query)


def _query(
    call: Call,
    type_: str | None,
    since: date | None,
    until: date | None,
    undelivered: bool,
) -> "EventQuery":
    from stakactl.operations.ports import EventQuery

    start, end = period(call, since, until)
    return EventQuery(type_, start, end, undelivered)
