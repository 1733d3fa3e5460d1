"""Stripe's errors, in Stripe's words: one function for each reason to refuse a request.

Clients branch on status, type, code and param; people read the message in a log. Both must look
here as they look in production.
"""

from collections.abc import Iterable

Body = dict[str, object]


class StripeRefusal(Exception):
    """Becomes the answer `{"error": {…}}`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: dict[str, str] | None = None,
        extra: Body | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.code = code
        self.error: Body = {"message": message, "type": kind, **(extra or {})}
        if code:
            self.error["code"] = code
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param is not None:
            self.error["param"] = param

    def body(self, log_url: str | None) -> Body:
        """`log_url` is where Stripe's dashboard would show the request; it needs a known key."""
        link: Body = {"request_log_url": log_url} if log_url else {}
        return {"error": {**self.error, **link}}


# -- who asks


def key_missing() -> StripeRefusal:
    return StripeRefusal(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
        "https://stripe.com/docs/api#authentication for details, or we can help at "
        "https://support.stripe.com/.",
        headers={"WWW-Authenticate": 'Basic realm="Stripe"'},
    )


def key_unknown(key: str) -> StripeRefusal:
    return StripeRefusal(401, f"Invalid API Key provided: {masked(key)}")


def permission_missing(key: str, account: str, permission: str) -> StripeRefusal:
    return StripeRefusal(
        403,
        f"The provided key '{masked(key)}' does not have the required permissions for this "
        f"endpoint on account '{account}'. Having the '{permission}' permission would allow this "
        "request to continue.",
    )


def masked(key: str) -> str:
    """`sk_test_****abcd`: enough to recognise a key, not enough to use it."""
    parts = key.split("_", 2)
    prefix = "_".join(parts[:2]) + "_" if len(parts) == 3 else ""
    secret = key[len(prefix) :]
    return prefix + "*" * max(len(secret) - 4, 4) + (secret[-4:] if len(secret) > 8 else "")


# -- what is asked for


def url_unknown(method: str, path: str) -> StripeRefusal:
    return StripeRefusal(
        404,
        f"Unrecognized request URL ({method}: {path}). If you are trying to list objects, remove "
        "the trailing slash. If you are trying to retrieve an object, make sure you passed a "
        "valid (non-empty) identifier in your code. Please see https://stripe.com/docs or we can "
        "help at https://support.stripe.com/.",
    )


def missing(
    noun: str, id: str, param: str, *, status: int = 404, other_mode: bool | None = None
) -> StripeRefusal:
    """`other_mode`: livemode of an object with this id that the key's own mode cannot see."""
    message = f"No such {noun}: '{id}'"
    if other_mode is not None:
        there, here = ("live", "test") if other_mode else ("test", "live")
        message += (
            f"; a similar object exists in {there} mode, but a {here} mode key was used to make "
            "this request."
        )
    return StripeRefusal(status, message, code="resource_missing", param=param)


def version_unknown(version: str) -> StripeRefusal:
    return StripeRefusal(400, f"Invalid Stripe API version: {version}")


# -- parameters


def parameters_unknown(names: Iterable[str]) -> StripeRefusal:
    known = sorted(names)
    plural = "s" if len(known) > 1 else ""
    return StripeRefusal(
        400,
        f"Received unknown parameter{plural}: {', '.join(known)}",
        code="parameter_unknown",
        param=known[0],
    )


def parameter_not_offered(name: str) -> StripeRefusal:
    """Not Stripe's: Stripe takes this parameter, its offline double does not know its effects."""
    return StripeRefusal(
        400,
        f"The offline Stripe does not implement the parameter '{name}' here (Stripe does).",
        code="offline_not_implemented",
        param=name,
    )


def parameter_missing(name: str) -> StripeRefusal:
    return StripeRefusal(
        400, f"Missing required param: {name}.", code="parameter_missing", param=name
    )


def parameter_empty(name: str) -> StripeRefusal:
    return StripeRefusal(
        400,
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset "
        f"a parameter; however '{name}' cannot be unset. You should remove '{name}' from your "
        "request or supply a non-empty value.",
        code="parameter_invalid_empty",
        param=name,
    )


def integer_invalid(name: str, value: object) -> StripeRefusal:
    return StripeRefusal(
        400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=name
    )


def integer_out_of_range(name: str, value: int, bound: int, *, above: bool) -> StripeRefusal:
    relation = "less" if above else "greater"
    return StripeRefusal(
        400,
        f"This value must be {relation} than or equal to {bound} (it currently is '{value}').",
        code="parameter_invalid_integer",
        param=name,
    )


def value_invalid(what: str, name: str, detail: str = "") -> StripeRefusal:
    return StripeRefusal(400, f"Invalid {what}{': ' + detail if detail else ''}", param=name)


def choice_invalid(name: str, choices: Iterable[str]) -> StripeRefusal:
    *most, last = choices
    listed = f"{', '.join(most)}{',' if len(most) > 1 else ''} or {last}" if most else last
    return StripeRefusal(400, f"Invalid {name}: must be one of {listed}", param=name)


def exclude_each_other(first: str, second: str) -> StripeRefusal:
    return StripeRefusal(
        400, f"You may only specify one of these parameters: {first}, {second}.", param=first
    )


def expansion_unknown(path: str, *, on_list: bool) -> StripeRefusal:
    hint = f" You may want to try expanding 'data.{path}' instead." if on_list else ""
    return StripeRefusal(400, f"This property cannot be expanded ({path}).{hint}", param="expand")


def expansion_too_deep(path: str) -> StripeRefusal:
    return StripeRefusal(
        400, f"You cannot expand more than 4 levels of a property ({path}).", param="expand"
    )


# -- idempotency and load


def key_used_otherwise(key: str, path: str, first_path: str) -> StripeRefusal:
    if path != first_path:
        reason = f"for the same endpoint they were first used for ('{path}' vs '{first_path}')"
    else:
        reason = "with the same parameters they were first used with"
    return StripeRefusal(
        400,
        f"Keys for idempotent requests can only be used {reason}. Try using a key other than "
        f"'{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )


def key_too_long() -> StripeRefusal:
    return StripeRefusal(400, "Idempotency-Key cannot be longer than 255 characters.")


def key_in_use(key: str) -> StripeRefusal:
    return StripeRefusal(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably "
        "means you submitted twice, and the other request is still going through): "
        f"{key}. Please try again later.",
        code="idempotency_key_in_use",
    )


def rate_limited(reason: str | None) -> StripeRefusal:
    """With a reason: too many requests. Without: somebody else holds the object's lock."""
    if reason is None:
        return StripeRefusal(
            429,
            "This object cannot be accessed right now because another API request or Stripe "
            "process is currently accessing it. Please retry your request.",
            code="lock_timeout",
        )
    return StripeRefusal(
        429,
        "Request rate limit exceeded. Learn more about rate limits here "
        "https://docs.stripe.com/rate-limits.",
        code="rate_limit",
        headers={"Stripe-Rate-Limited-Reason": reason},
    )


def server_failed(status: int = 500) -> StripeRefusal:
    return StripeRefusal(
        status,
        "An unknown error occurred. Please try again, or contact us at https://support.stripe.com.",
        kind="api_error",
    )
