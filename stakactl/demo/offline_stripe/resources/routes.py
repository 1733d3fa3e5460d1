"""The requests that a resource answers, derived from its description."""

from collections.abc import Iterator
from dataclasses import dataclass

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.params import EXPAND, Param
from stakactl.demo.offline_stripe.resources.lists import PAGING, list_objects
from stakactl.demo.offline_stripe.resources.model import (
    Call,
    Perform,
    Resource,
    Write,
    get_or_refuse,
)
from stakactl.demo.offline_stripe.state import StripeObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    method: str
    path: str  # with {id}
    perform: Perform
    permission: str
    kind: str  # of the answer, or of the elements of the list that it is
    many: bool = False
    params: tuple[Param, ...] = (EXPAND,)
    not_offered: frozenset[str] = frozenset()


def operations(resource: Resource) -> Iterator[Operation]:
    """The requests that a resource answers."""
    read, write = (f"rak_{resource.permission}_{right}" for right in ("read", "write"))
    one = resource.path + "/{id}"

    def writing(path: str, change: Write) -> Operation:
        return Operation(
            method="POST",
            path=path,
            perform=change.perform,
            permission=write,
            kind=resource.kind,
            params=(*change.params, EXPAND),
            not_offered=change.not_offered,
        )

    if resource.filters is not None:
        yield Operation(
            method="GET",
            path=resource.path,
            perform=lambda call: list_objects(resource, call),
            permission=read,
            kind=resource.kind,
            many=True,
            params=(*(wanted.param for wanted in resource.filters), *PAGING),
        )
    yield Operation(
        method="GET",
        path=one,
        perform=lambda call: find(resource, call),
        permission=read,
        kind=resource.kind,
        params=(*resource.retrieve_params, EXPAND),
    )
    for name, sublist in resource.sublists.items():
        yield Operation(
            method="GET",
            path=f"{one}/{name}",
            perform=sublist.perform,
            permission=read,
            kind=sublist.kind,
            many=True,
            params=PAGING,
        )
    if resource.create:
        yield writing(resource.path, resource.create)
    if resource.update:
        yield writing(one, resource.update)
    for name, action in resource.actions.items():
        yield writing(f"{one}/{name}", action)
    if resource.delete:
        yield Operation(
            method="DELETE",
            path=one,
            perform=resource.delete,
            permission=write,
            kind=resource.kind,
            params=(),
        )


def find(resource: Resource, call: Call) -> StripeObject:
    """The object that the path names."""
    obj = get_or_refuse(call, resource.kind, resource.noun, call.object_id, resource.id_param)
    if resource.shelf_life is not None and obj["created"] < call.now - resource.shelf_life:
        raise refusals.missing(resource.noun, call.object_id, resource.id_param)
    return obj
