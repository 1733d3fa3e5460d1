"""The reports of what is changed about webhook endpoints: one row per step, planned or done."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stakactl.domain.webhooks.creation import Creation
from stakactl.domain.webhooks.endpoints import WebhookEndpoint
from stakactl.output.view import STATES, Column, Item, View

if TYPE_CHECKING:
    from stakactl.operations.webhooks.register import RegisterReport
    from stakactl.operations.webhooks.rotate_secret import RotationReport
    from stakactl.operations.webhooks.switch import SwitchReport

_COLUMNS = (
    Column("action", "action"),
    Column("endpoint_id", "endpoint", min_width=12),
    Column("url", "url", min_width=20, max_width=50, priority=1),
    Column("what", "what", min_width=24, max_width=60),
    Column("state", "state", style=STATES),
)
_GIVE = (
    "Give the application its new secret now: until then it refuses what is signed with it, and "
    "Stripe sends that again for up to 3 days."
)
_UNKNOWN = (
    "Whether STRIPE_WEBHOOK_SECRET is this endpoint's secret is not known here: stakactl webhooks "
    "probe proves it, Stripe's dashboard shows it, rotate-secret renews it."
)


def register_view(report: "RegisterReport", *, dry_run: bool = False) -> View:
    plan, endpoint = report.plan, report.endpoint
    state = "done" if report.done else "planned"
    rows: list[Item] = []
    if plan.create is not None:
        rows.append(_row("create", endpoint, plan.create.url, _made(plan.create), state))
    if plan.update is not None and endpoint is not None:
        rows.append(_row("update", endpoint, endpoint.url, _updated(report), state))
    rows += [
        _row("disable", old, old.url, "another one serves the application", state)
        for old in plan.disable
    ]
    if plan.is_nothing and endpoint is not None:
        rows.append(_row("nothing", endpoint, endpoint.url, "it is as it is wanted", "ok"))
    rows += [
        _row("keep", each, each.url, "a duplicate: every event comes more than once", "skipped")
        for each in plan.duplicates
    ]
    return _view(
        "Webhook endpoint",
        rows,
        url=plan.wanted.url,
        endpoint=endpoint,
        secret=report.secret_kept_in,
        dry_run=dry_run,
        notes=_register_notes(report),
    )


def _register_notes(report: "RegisterReport") -> Iterable[str]:
    plan = report.plan
    if plan.create is not None and plan.create.api_version is None:
        yield (
            "STRIPE_API_VERSION is not set: a new endpoint gets the account's default version; set "
            "it to the version that the application parses."
        )
    if report.done and plan.create is not None:
        yield _GIVE if report.secret_kept_in else _UNKNOWN
    elif report.endpoint is not None and not report.secret_is_known:
        yield _UNKNOWN
    for each in plan.duplicates:
        yield f"stakactl webhooks disable {each.id} stops the duplicate"
    for each in plan.moved:
        yield (
            f"{each.id} was made by stakactl for {each.url} and is left alone; if the application "
            f"moved from there: stakactl webhooks register --replace {each.id}"
        )


def _made(creation: Creation) -> str:
    version = creation.api_version or "the account's default version"
    return f"for {version} and {', '.join(creation.events)}"


def _updated(report: "RegisterReport") -> str:
    update, kept = report.plan.update, report.plan.kept
    assert update is not None  # noqa: S101 - there is an update to describe
    have = kept.enabled_events if kept else ()
    added = [event for event in update.events or () if event not in have]
    parts = [f"add {', '.join(added)}"] if added else []
    parts += ["enable"] if update.enabled else []
    parts += [f"description {update.description!r}"] if update.description is not None else []
    return "; ".join(parts)


def rotation_view(report: "RotationReport", *, dry_run: bool = False) -> View:
    plan, endpoint = report.plan, report.endpoint
    state = "done" if report.done else "planned"
    rows: list[Item] = []
    if plan.create is not None and plan.old is not None:
        rows.append(
            _row("create", endpoint, plan.create.url, f"beside {plan.old.id}, alike", state)
        )
    if plan.remove is not None:
        what = f"its secret ends; {endpoint.id if endpoint else 'another one'} took over"
        rows.append(_row("delete", plan.remove, plan.remove.url, what, state))
    elif plan.create is None and endpoint is not None:
        what = f"takes over from {plan.old.id}" if plan.old else "no rotation is under way"
        rows.append(_row("nothing", endpoint, endpoint.url, what, "ok"))
    return _view(
        "Rotation of the signing secret",
        rows,
        url=endpoint.url if endpoint else (plan.old.url if plan.old else None),
        endpoint=endpoint,
        secret=report.secret_kept_in,
        dry_run=dry_run,
        notes=_rotation_notes(report),
    )


def _rotation_notes(report: "RotationReport") -> Iterable[str]:
    plan = report.plan
    if plan.remove is not None or plan.old is None:
        return
    if plan.is_under_way and not report.secret_is_known:
        new = plan.new.id if plan.new else "ID"
        yield (
            "The new secret is not in these settings, and Stripe tells it once more for a day "
            f"only. If nobody has it: stakactl webhooks delete {new}, then rotate again."
        )
    if report.done or plan.is_under_way:
        yield (
            "Both endpoints deliver. Once the application has the new secret: "
            "stakactl webhooks rotate-secret --finish"
        )


def switch_view(report: "SwitchReport", *, dry_run: bool = False) -> View:
    state = "done" if report.done else "planned"
    wanted_state = "enabled" if report.switch == "enable" else "disabled"
    rows = [_row(report.switch, each, each.url, "", state) for each in report.changed]
    rows += [
        _row("keep", each, each.url, _kept(each, wanted_state), "skipped") for each in report.kept
    ]
    return _view(
        "Webhook endpoints", rows, url=None, endpoint=None, secret=None, dry_run=dry_run, notes=()
    )


def _kept(endpoint: WebhookEndpoint, wanted_state: str) -> str:
    if endpoint.status == wanted_state:
        return f"it is {wanted_state} already"
    return f"stays {endpoint.status}: another one replaced it"


def _row(action: str, endpoint: WebhookEndpoint | None, url: str, what: str, state: str) -> Item:
    return {
        "action": action,
        "endpoint_id": endpoint.id if endpoint else None,
        "url": url,
        "what": what or None,
        "state": state,
    }


def _view(
    title: str,
    rows: list[Item],
    *,
    url: str | None,
    endpoint: WebhookEndpoint | None,
    secret: str | None,
    dry_run: bool,
    notes: Iterable[str],
) -> View:
    return View(
        summary={
            "url": url,
            "endpoint": endpoint.id if endpoint else None,
            "changes": sum(row["state"] in ("planned", "done") for row in rows),
            "secret": secret,
            "dry_run": dry_run,
        },
        items=rows,
        columns=_COLUMNS,
        title=title,
        notes=tuple(notes),
    )
