"""One function per shape of a field in Stripe's JSON; `Malformed` where it has another one."""

from datetime import UTC, datetime
from typing import Any

from stakactl.domain.money import Money
from stakactl.errors import StripeError

Json = dict[str, Any]


class Malformed(Exception):
    """The name of a field that is missing or has a shape that Stripe does not document."""


def unusable(what: str, data: object, field: str) -> StripeError:
    given = data.get("id") if isinstance(data, dict) else None
    named = f" {given}" if isinstance(given, str) and given.isidentifier() else ""
    return StripeError(
        f"Stripe sent a {what}{named} whose field '{field}' is missing or malformed",
        hint="please report it, with the kind of the object and the field",
    )


def mapping(value: object, name: str) -> Json:
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def inner(data: Json, name: str) -> Json:
    """An object inside; empty when it is null or absent."""
    value = data.get(name)
    return {} if value is None else mapping(value, name)


def text(data: Json, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(name)
    return value


def optional_text(data: Json, name: str) -> str | None:
    """None also for an empty text: Stripe takes both for nothing."""
    value = data.get(name)
    if value is None or value == "":
        return None
    return text(data, name)


def flag(data: Json, name: str) -> bool:
    value = data.get(name)
    if not isinstance(value, bool):
        raise Malformed(name)
    return value


def whole(data: Json, name: str) -> int:
    value = data.get(name)
    if type(value) is not int:
        raise Malformed(name)
    return value


def money(data: Json, name: str, currency: str = "currency") -> Money:
    minor = whole(data, name)
    try:
        return Money(minor, text(data, currency))
    except ValueError:
        raise Malformed(currency) from None


def time(data: Json, name: str) -> datetime:
    seconds = whole(data, name)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Malformed(name) from None


def optional_time(data: Json, name: str) -> datetime | None:
    return None if data.get(name) is None else time(data, name)


def reference(data: Json, name: str) -> str | None:
    """The id of another object: Stripe sends it alone, or inside the object when expanded."""
    value = data.get(name)
    if isinstance(value, dict):
        value = value.get("id")
        if value is None:
            raise Malformed(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Malformed(name)
    return value
