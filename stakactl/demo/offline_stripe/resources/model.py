"""How a resource is described, and what the functions that change one have in common.

A resource is a table entry; the router, the parameter check, the permission check and the lists
are derived from it (routes.py, lists.py). Only what changes something needs a function of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.params import Param, Type, Values, number_range
from stakactl.demo.offline_stripe.state import Page, StripeObject, StripeState, compact


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One validated request: what an effect may know."""

    state: StripeState
    livemode: bool
    now: int
    params: Values
    path: str
    object_id: str = ""
    request_id: str = ""
    idempotency_key: str | None = None
    api_version: str = ""


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """A page as JSON text: never parsed unless something in it is to be expanded."""

    page: Page
    url: str

    def text(self) -> str:
        more = "true" if self.page.has_more else "false"
        url = compact({"url": self.url})[1:]
        return f'{{"object":"list","data":[{",".join(self.page.bodies)}],"has_more":{more},{url}'

    def parsed(self) -> StripeObject:
        return list_object(self.page.objects, self.url, has_more=self.page.has_more)


def list_object(rows: Iterable[StripeObject], url: str, *, has_more: bool = False) -> StripeObject:
    return {"object": "list", "data": list(rows), "has_more": has_more, "url": url}


Answer = StripeObject | ListAnswer
Perform = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Write:
    """A request that changes something: its parameters, and those of Stripe's we do not know."""

    perform: Perform
    params: tuple[Param, ...] = ()
    not_offered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sublist:
    """A list inside an object, `GET …/{id}/<name>`, and the kind of its elements."""

    kind: str
    perform: Perform


@dataclass(frozen=True, slots=True)
class Filter:
    """A list's parameter, the field that it compares, and how its value becomes a condition."""

    param: Param
    path: str = ""
    to_condition: Callable[[object], object] | None = None

    def conditions(self, value: object) -> Iterator[tuple[str, object]]:
        path = self.path or self.param.name
        if self.param.type is Type.HASH and isinstance(value, Mapping):
            for name, part in value.items():
                yield f"{path}.{name}", part
        else:
            yield path, self.to_condition(value) if self.to_condition else value


CREATED = Filter(number_range("created"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    kind: str
    path: str
    permission: str  # rak_<permission>_read, rak_<permission>_write
    noun: str = ""  # "No such <noun>"
    id_param: str = "id"  # the param that such an error names
    filters: tuple[Filter, ...] | None = None  # None: there is no list
    default_filters: Mapping[str, object] = field(default_factory=dict)
    exclusive: tuple[str, str] | None = None  # two filters that exclude each other
    check_list: Callable[[Call], None] | None = None  # refuses what the filters alone do not
    retrieve_params: tuple[Param, ...] = ()
    create: Write | None = None
    update: Write | None = None
    delete: Perform | None = None
    actions: Mapping[str, Write] = field(default_factory=dict)
    sublists: Mapping[str, Sublist] = field(default_factory=dict)
    shelf_life: int | None = None  # seconds after `created` in which an object can be read


# -- objects that a request names


def get_or_refuse(
    call: Call, kind: str, noun: str, id: str, param: str, *, status: int = 404
) -> StripeObject:
    obj = call.state.get(kind, id, livemode=call.livemode)
    if obj is None:
        there = call.state.mode_of(kind, id)
        other = there if there is not call.livemode else None
        raise refusals.missing(noun, id, param, status=status, other_mode=other)
    return obj


def referenced(call: Call, kind: str, param: str, *, noun: str = "") -> StripeObject | None:
    """The living object that a parameter names: a bad reference is the parameter's fault, 400."""
    id = call.params.get(param)
    if id is None:
        return None
    obj = get_or_refuse(call, kind, noun or kind, str(id), param, status=400)
    if obj.get("deleted"):
        raise refusals.missing(noun or kind, str(id), param, status=400)
    return obj


# -- changes


def changed(obj: StripeObject, params: Values) -> StripeObject:
    """The object with the parameters of the same name; metadata is merged key by key, as Stripe
    does: an empty value removes a key, an empty `metadata` removes all."""
    fresh = {**obj, **{name: value for name, value in params.items() if name != "expand"}}
    if "metadata" in params:
        fresh["metadata"] = merged_metadata(obj.get("metadata"), params["metadata"])
    return fresh


def merged_metadata(old: object, new: object) -> dict[str, str]:
    if not isinstance(new, dict) or not new:
        return {}
    both = {**(old if isinstance(old, dict) else {}), **new}
    return {name: value for name, value in both.items() if value != ""}
