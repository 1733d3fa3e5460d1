"""Stripe's contract (OpenAPI) as a referee: are these answers and requests ones that Stripe knows?

`Contract.load()` reads the file once per process. `check_response` is for what the offline Stripe
or a seeded world answers, `check_request` for what our gateway sends; both raise ContractError with
everything that is wrong. `fixture(kind)` is a sample object of the contract.
"""

import copy
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema

from stakactl.demo.offline_stripe import params
from stakactl.demo.offline_stripe.params import Tree

DATA = Path(__file__).parent / "data"
_METHODS = frozenset({"get", "post", "delete"})

Json = dict[str, Any]


class ContractError(AssertionError):
    """What Stripe would not answer, or not accept."""


class Contract:
    def __init__(self, openapi: Json, fixtures: Json) -> None:
        self._paths: Json = openapi["paths"]
        self._fixtures = fixtures
        self._components = _as_json_schema(openapi["components"])

    @staticmethod
    @cache
    def load() -> "Contract":
        return Contract(
            _read("stripe-contract.openapi.json.gz"),
            _read("stripe-contract.fixtures.json.gz")["resources"],
        )

    def operations(self) -> Iterator[tuple[str, str]]:
        """Every (METHOD, path template) of the contract."""
        for path, methods in self._paths.items():
            yield from ((method.upper(), path) for method in methods if method in _METHODS)

    def fixture(self, kind: str) -> Json:
        sample: Json = copy.deepcopy(self._fixtures[kind])
        return sample

    def parameters(self, method: str, path: str) -> frozenset[str]:
        """Names of the parameters that an operation takes, in its query or its form."""
        operation = self._operation(method, path)
        query = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        return frozenset(query | set(_form_schema(operation).get("properties", {})))

    # -- answers

    def check_response(self, method: str, path: str, body: Json, *, status: int = 200) -> None:
        """The body of an answer fits the schema of its path; an error fits the error schema."""
        validator = self._validator(method, self.template(path), status)
        _raise_if(f"{method} {path}: answer breaks the contract", validator.iter_errors(body))

    def check_object(self, obj: Json) -> None:
        """An object as it is stored or carried in an event, by its own `object` field."""
        validator = self._validator_of(str(obj["object"]))
        title = f"{obj['object']} {obj.get('id')} breaks the contract"
        _raise_if(title, validator.iter_errors(obj))

    @lru_cache  # noqa: B019 - there is one contract per process
    def _validator(self, method: str, template: str, status: int) -> Any:
        responses = self._paths[template][method.lower()]["responses"]
        answer = responses["200" if status == 200 else "default"]
        return self._compiled(answer["content"]["application/json"]["schema"])

    @lru_cache  # noqa: B019 - there is one contract per process
    def _validator_of(self, kind: str) -> Any:
        return self._compiled({"$ref": f"#/components/schemas/{kind}"})

    def _compiled(self, schema: Json) -> Any:
        root = {**_as_json_schema(schema), "components": self._components}
        return jsonschema.Draft202012Validator(root)

    # -- requests

    def check_request(
        self, method: str, path: str, query: str | Tree = "", form: str | Tree = ""
    ) -> None:
        """The parameters exist, have the right type, and none that is required is missing."""
        operation = self._operation(method, self.template(path))
        query_tree = params.decode(query) if isinstance(query, str) else query
        form_tree = params.decode(form) if isinstance(form, str) else form
        wanted = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
        query_schema = {
            "type": "object",
            "properties": {one["name"]: one["schema"] for one in wanted},
            "required": [one["name"] for one in wanted if one.get("required")],
        }
        problems = [
            *_problems(query_schema, query_tree, "query"),
            *_problems(_form_schema(operation), form_tree, "form"),
        ]
        if problems:
            lines = "\n  ".join(problems)
            raise ContractError(f"{method} {path}: request breaks the contract\n  {lines}")

    # -- paths

    def template(self, path: str) -> str:
        """`/v1/customers/cus_1` → `/v1/customers/{customer}`."""
        if path in self._paths:
            return path
        fitting = [known for known in self._paths if _fits(known, path)]
        if not fitting:
            raise ContractError(f"the contract has no path {path}")
        return min(fitting, key=lambda known: known.count("{"))

    def _operation(self, method: str, template: str) -> Json:
        operation: Json | None = self._paths[template].get(method.lower())
        if operation is None:
            raise ContractError(f"the contract has no {method} {template}")
        return operation


def _read(name: str) -> Json:
    with gzip.open(DATA / name) as file:
        content: Json = json.load(file)
    return content


def _form_schema(operation: Json) -> Json:
    contents = operation.get("requestBody", {}).get("content", {})
    return next((content["schema"] for content in contents.values()), {"type": "object"})


def _fits(template: str, path: str) -> bool:
    pattern = re.sub(r"\\{[^/]+?\\}", "[^/]+", re.escape(template))
    return re.fullmatch(pattern, path) is not None


def _raise_if(title: str, problems: Iterable[Any]) -> None:
    lines = [f"{problem.json_path}: {_short(problem)}" for problem in problems]
    if lines:
        raise ContractError("\n  ".join((title, *sorted(lines)[:10])))


def _short(problem: Any) -> str:
    """The innermost reason: "is not valid under any of the given schemas" helps nobody."""
    deepest = jsonschema.exceptions.best_match([problem])
    where = f" ({deepest.json_path})" if deepest is not problem else ""
    return str(deepest.message)[:300] + where


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 → JSON Schema: `nullable`, and no fields that the schema does not name."""
    if isinstance(node, list):
        return [_as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    plain = {
        name: {key: _as_json_schema(value) for key, value in part.items()}
        if name == "properties"
        else _as_json_schema(part)
        for name, part in node.items()
        if name != "nullable"
    }
    if isinstance(node.get("properties"), dict) and node["properties"]:
        plain.setdefault("additionalProperties", False)
    if node.get("nullable") is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


def _problems(schema: Mapping[str, Any], raw: "str | Tree", path: str) -> Iterator[str]:
    """What is wrong with a form's text, seen as a value of the schema's type."""
    if "anyOf" in schema:
        attempts = [list(_problems(one, raw, path)) for one in schema["anyOf"]]
        if all(attempts):
            yield min(attempts, key=len)[0]
        return
    match schema.get("type"):
        case "object":
            yield from _object_problems(schema, raw, path)
        case "array":
            if not isinstance(raw, dict) or not all(name.isdecimal() for name in raw):
                yield f"{path}: {raw!r} is no array"
                return
            for name, item in raw.items():
                yield from _problems(schema["items"], item, f"{path}[{name}]")
        case _:
            yield from _scalar_problems(schema, raw, path)


def _object_problems(schema: Mapping[str, Any], raw: "str | Tree", path: str) -> Iterator[str]:
    if not isinstance(raw, dict):
        yield f"{path}: {raw!r} is no object"
        return
    properties, extra = schema.get("properties", {}), schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if name not in raw:
            yield f"{path}[{name}] is missing"
    for name, value in raw.items():
        part = properties.get(name, extra)
        if isinstance(part, dict):
            yield from _problems(part, value, f"{path}[{name}]")
        elif part is not True:
            yield f"{path}[{name}] is unknown"


_SCALARS = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}


def _scalar_problems(schema: Mapping[str, Any], raw: "str | Tree", path: str) -> Iterator[str]:
    type = schema.get("type", "string")
    if not isinstance(raw, str) or (type in _SCALARS and not re.fullmatch(_SCALARS[type], raw)):
        yield f"{path}: {raw!r} is no {type}"
    elif "enum" in schema and raw not in schema["enum"]:
        yield f"{path}: {raw!r} is none of {schema['enum']}"
    elif len(raw) > schema.get("maxLength", len(raw)):
        yield f"{path} is longer than {schema['maxLength']}"
