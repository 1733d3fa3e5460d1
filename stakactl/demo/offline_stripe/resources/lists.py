"""Lists: the filters of a resource become conditions, cursors and limits become a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.params import EXPAND, Param, integer, text
from stakactl.demo.offline_stripe.resources.model import (
    Call,
    ListAnswer,
    Resource,
    Sublist,
    get_or_refuse,
)
from stakactl.demo.offline_stripe.state import Page, StripeObject, UnknownCursorError, compact

PAGING: tuple[Param, ...] = (
    integer("limit", minimum=1, maximum=100),
    text("starting_after"),
    text("ending_before"),
    EXPAND,
)
_DEFAULT_LIMIT = 10


def list_objects(resource: Resource, call: Call) -> ListAnswer:
    if resource.exclusive and all(name in call.params for name in resource.exclusive):
        raise refusals.exclude_each_other(*resource.exclusive)
    if resource.check_list is not None:
        resource.check_list(call)
    conditions: dict[str, object] = {}
    for wanted in resource.filters or ():
        if wanted.param.name in call.params:
            conditions.update(wanted.conditions(call.params[wanted.param.name]))
        elif wanted.param.name in resource.default_filters:
            conditions[wanted.param.name] = resource.default_filters[wanted.param.name]
    if resource.shelf_life is not None:
        oldest = call.now - resource.shelf_life
        conditions["created"] = _no_older_than(conditions.get("created"), oldest)
    conditions = {path: wanted for path, wanted in conditions.items() if wanted is not ...}
    return ListAnswer(_page(resource.kind, resource.noun, call, conditions), call.path)


def _no_older_than(created: object, oldest: int) -> object:
    if created is None:
        return {"gte": oldest}
    bounds = {"gte": created, "lte": created} if isinstance(created, int) else created
    assert isinstance(bounds, dict)  # noqa: S101 - what a RANGE parameter reads to
    return {**bounds, "gte": max(bounds.get("gte", oldest), oldest)}


def _page(kind: str, noun: str, call: Call, conditions: Mapping[str, object]) -> Page:
    after, before, limit = _paging(call)
    try:
        return call.state.list(
            kind,
            conditions,
            livemode=call.livemode,
            starting_after=after,
            ending_before=before,
            limit=limit,
        )
    except UnknownCursorError as error:
        param = "starting_after" if after else "ending_before"
        there = call.state.mode_of(kind, str(error))
        raise refusals.missing(noun, str(error), param, status=400, other_mode=there) from None


def _paging(call: Call) -> tuple[str | None, str | None, int]:
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise refusals.exclude_each_other("ending_before", "starting_after")
    limit = call.params.get("limit", _DEFAULT_LIMIT)
    assert isinstance(limit, int)  # noqa: S101 - what an INTEGER parameter reads to
    return (str(after) if after else None), (str(before) if before else None), limit


def list_related(kind: str, noun: str, by: str) -> Sublist:
    """Objects that name their owner: /v1/charges/{id}/refunds."""
    return Sublist(
        kind, lambda call: ListAnswer(_page(kind, noun, call, {by: call.object_id}), call.path)
    )


def list_embedded(owner: "Owner", name: str, item: str) -> Sublist:
    """What is stored inside its owner: lines of an invoice, items of a session."""

    def perform(call: Call) -> ListAnswer:
        obj = get_or_refuse(call, owner.kind, owner.noun, call.object_id, owner.id_param)
        stored = obj.get(name) or call.state.hidden(owner.kind, call.object_id).get(name)
        rows: Sequence[StripeObject] = (stored or {}).get("data", [])
        first, last = _window(call, [str(row.get("id")) for row in rows], item)
        more = first > 0 if "ending_before" in call.params else last < len(rows)
        return ListAnswer(Page(tuple(map(compact, rows[first:last])), more), call.path)

    return Sublist(item, perform)


@dataclass(frozen=True, slots=True)
class Owner:
    kind: str
    noun: str
    id_param: str


def _window(call: Call, ids: Sequence[str], item: str) -> tuple[int, int]:
    """The part of a list in memory that the cursors and the limit ask for."""
    after, before, limit = _paging(call)
    cursor = after or before
    if cursor is None:
        return 0, min(limit, len(ids))
    if cursor not in ids:
        param = "starting_after" if after else "ending_before"
        raise refusals.missing(item, cursor, param, status=400)
    at = ids.index(cursor)
    if after:
        return at + 1, min(at + 1 + limit, len(ids))
    return max(at - limit, 0), at
