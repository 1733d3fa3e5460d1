"""The only translator of Stripe's errors: the SDK's exceptions → what happened and what to do.

Messages are built from Stripe's own words where these help, never from whole answers (they hold
customers' data), and no key survives in them.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stakactl.domain.stripe_objects import Absence
from stakactl.errors import StripeError

if TYPE_CHECKING:
    import stripe

_KEY = "check STRIPE_SECRET_KEY: a key of this mode from Dashboard → Developers → API keys"
_NETWORK = "check the network, the proxy settings and STRIPE_API_BASE"
_STATUS = "https://status.stripe.com tells whether Stripe has a problem; the next run catches up"
_OURS = "this is a request that stakactl should not have made; please report it"

#: What each exception of the SDK means, and the hint. A test fails when the SDK has another one.
_MEANINGS: dict[str, tuple[str, str | None]] = {
    "StripeError": ("Stripe failed", _STATUS),
    "APIError": ("Stripe failed", _STATUS),
    "APIConnectionError": ("Stripe could not be reached", _NETWORK),
    "AuthenticationError": ("Stripe does not accept the key", _KEY),
    "PermissionError": ("the key may not do this", _KEY),
    "RateLimitError": ("too many requests", "lower STRIPE_REQUESTS_PER_SECOND"),
    "InvalidRequestError": ("Stripe refused the request", _OURS),
    "StripeErrorWithParamCode": ("Stripe refused the request", _OURS),
    "IdempotencyError": ("the idempotency key was used for another request", _OURS),
    "CardError": ("the card was declined", None),
    "SignatureVerificationError": (
        "the signature of a webhook is wrong",
        "check STRIPE_WEBHOOK_SECRET",
    ),
    # Answers to calls that stakactl does not make: API v2 and OAuth.
    **dict.fromkeys(
        (
            "AlreadyCanceledError",
            "BlockedByStripeError",
            "CannotProceedError",
            "CapabilityNotEnabledError",
            "ControlledByAlternateResourceError",
            "FeatureNotEnabledError",
            "FinancialAccountNotOpenError",
            "FxQuoteNeedsRefreshError",
            "InsufficientFundsError",
            "InvalidPaymentMethodError",
            "InvalidPayoutMethodError",
            "InvalidVaultedCredentialError",
            "NotCancelableError",
            "QuotaExceededError",
            "RecipientNotNotifiableError",
            "TemporarySessionExpiredError",
            "VerificationAttemptFailedError",
            "VerificationExpiredError",
            "VerificationNotInitiatedError",
            "OAuthError",
            "InvalidClientError",
            "InvalidGrantError",
            "InvalidScopeError",
            "UnsupportedGrantTypeError",
            "UnsupportedResponseTypeError",
        ),
        ("Stripe refused the request", _OURS),
    ),
}

_SECRETS = re.compile(
    r"(?<![A-Za-z0-9])((?:sk|rk|pk|ek)_(?:org_)?(?:live_|test_)?|whsec_|[a-z]+_\w+_secret_)[\w*]+"
)
_PERMISSION = re.compile(r"\brak_\w+")
_ACCOUNT = re.compile(r"\bacct_[A-Za-z0-9]+")
_LONGEST_QUOTE = 300

#: Why Stripe could not be reached, by the names of the exceptions underneath, first match.
_NETWORK_FAULTS = (
    ("SSLError", "its certificate could not be verified, or the encryption failed"),
    ("ProxyError", "the proxy failed"),
    ("NameResolutionError", "its name could not be resolved"),
    ("ConnectionRefusedError", "the connection was refused"),
    ("NewConnectionError", "no connection could be made"),
    ("ConnectTimeout", "no connection within the timeout"),
    ("Timeout", "no answer within the timeout"),
    ("IncompleteRead", "the answer was cut"),
    ("ChunkedEncodingError", "the answer was cut"),
    ("ContentDecodingError", "the answer was damaged"),
    ("Connection", "the connection broke"),
)


class StripeAbsent(StripeError):
    """The object does not exist for this key."""

    def __init__(self, message: str, absence: Absence, *, hint: str | None) -> None:
        super().__init__(message, hint=hint)
        self.absence = absence


class StripeForbidden(StripeError):
    """A restricted key without the permission; `account_id` when Stripe names the account,
    `permission` (`rak_…`) when it names what is missing."""

    def __init__(
        self, message: str, account_id: str | None, permission: str | None, *, hint: str | None
    ) -> None:
        super().__init__(message, hint=hint)
        self.account_id = account_id
        self.permission = permission


class StripeCursorLost(StripeError):
    """The object after which a list was to go on was deleted meanwhile."""


class StripeRejected(StripeError):
    """A parameter that Stripe does not take: `param` is its name, as `enabled_events[0]`."""

    def __init__(self, message: str, param: str, *, hint: str | None) -> None:
        super().__init__(message, hint=hint)
        self.param = param


class StripeReplayed(StripeError):
    """The idempotency key was answered before, with a failure that Stripe keeps for a day, or it
    was used for another request: under this key nothing will ever be done."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed request: what happened, and whether another try may succeed."""

    message: str
    hint: str | None
    transient: bool
    retry_after: float | None = None
    absence: Absence | None = None
    forbidden: bool = False
    account_id: str | None = None
    permission: str | None = None
    cursor_lost: bool = False
    replayed: bool = False
    param: str | None = None

    def as_error(self, doing: str, note: str = "") -> StripeError:
        """`doing` says what was asked for: "read the account"."""
        message = f"cannot {doing}: {self.message}{note}"
        if self.absence:
            return StripeAbsent(message, self.absence, hint=self.hint)
        if self.forbidden:
            return StripeForbidden(message, self.account_id, self.permission, hint=self.hint)
        if self.cursor_lost:
            return StripeCursorLost(message, hint=self.hint)
        if self.replayed:
            return StripeReplayed(message, hint=self.hint)
        if self.param:
            return StripeRejected(message, self.param, hint=self.hint)
        return StripeError(message, hint=self.hint)


def redact(text: str, *secrets: str) -> str:
    """`text` on one line, without keys, signing secrets, client secrets and `secrets`."""
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    return _SECRETS.sub(r"\1***", " ".join(text.split()))


def is_mapped(name: str) -> bool:
    return name in _MEANINGS


def explain(error: "stripe.StripeError", secret: str) -> Fault:
    """What an exception of the SDK means; `secret` is the key that was used."""
    import stripe

    if isinstance(error, stripe.APIConnectionError):
        return _network_fault(error)
    if _is_garbage(error):
        return _garbage(error)
    meaning, hint = _meaning(error)
    message = meaning + _quote(error, secret)
    transient, retry_after = _is_transient(error), _retry_after(error)
    if isinstance(error, stripe.PermissionError):
        text = str(error.user_message)
        permission, account = _PERMISSION.search(text), _ACCOUNT.search(text)
        if permission:
            hint = (
                f"give the restricted key the permission {permission[0]}: "
                "Dashboard → Developers → API keys"
            )
        return Fault(
            message,
            hint,
            transient,
            forbidden=True,
            account_id=account[0] if account else None,
            permission=permission[0] if permission else None,
        )
    if error.http_status == 404 and error.code == "resource_missing":
        return Fault(message, None, transient=False, absence=_absence(error))
    if _is_spent(error):
        return Fault(message, hint, transient=False, replayed=True)
    return Fault(
        message,
        hint,
        transient,
        retry_after,
        cursor_lost=_is_lost_cursor(error),
        param=getattr(error, "param", None),
    )


def _meaning(error: "stripe.StripeError") -> tuple[str, str | None]:
    for ancestor in type(error).__mro__:
        if ancestor.__name__ in _MEANINGS:
            return _MEANINGS[ancestor.__name__]
    return "Stripe failed", None


def _quote(error: "stripe.StripeError", secret: str) -> str:
    """Stripe's own words, its code and the id of the request, which its support asks for."""
    words = redact(str(error.user_message or ""), secret)
    if len(words) > _LONGEST_QUOTE:
        words = words[: _LONGEST_QUOTE - 1] + "…"
    facts = [f"HTTP {error.http_status}" if error.http_status else "", str(error.code or "")]
    facts.append(redact(str(error.request_id or ""), secret))
    return (f": {words}" if words else "") + f" [{', '.join(fact for fact in facts if fact)}]"


# -- transient or not


def _is_transient(error: "stripe.StripeError") -> bool:
    """Too many requests always pass, whatever the header says about retrying at once."""
    import stripe

    if isinstance(error, stripe.RateLimitError):
        return True
    advice = _header(error, "Stripe-Should-Retry")
    if advice in ("true", "false"):
        return advice == "true"
    status = error.http_status or 0
    return status == 409 or status >= 500


def _is_spent(error: "stripe.StripeError") -> bool:
    """Whether the idempotency key has its answer. While the first request under it is still being
    executed (409) it has none yet: that passes, and may end well."""
    import stripe

    answered = _header(error, "Idempotent-Replayed") is not None
    return error.http_status != 409 and (answered or isinstance(error, stripe.IdempotencyError))


def _retry_after(error: "stripe.StripeError") -> float | None:
    try:
        seconds = float(_header(error, "Retry-After") or "")
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _header(error: "stripe.StripeError", name: str) -> str | None:
    headers = error.headers or {}
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)


def _absence(error: "stripe.StripeError") -> Absence:
    """Stripe says it in words only: "…; a similar object exists in live mode, but a test mode
    key was used to make this request."."""
    exists = "a similar object exists in" in str(error.user_message)
    return Absence.OTHER_MODE if exists else Absence.MISSING


def _is_lost_cursor(error: "stripe.StripeError") -> bool:
    param = getattr(error, "param", None)
    return error.code == "resource_missing" and param == "starting_after"


# -- no answer, or none that can be read


def _network_fault(error: "stripe.APIConnectionError") -> Fault:
    import requests

    cause = error.__cause__
    names = list(_names_underneath(cause))
    reason = next((text for name, text in _NETWORK_FAULTS if any(name in n for n in names)), "")
    if isinstance(cause, requests.exceptions.SSLError):
        passing = "CERTIFICATE_VERIFY_FAILED" not in str(cause)
    else:
        cut = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)
        passing = error.should_retry or isinstance(cause, cut)
    meaning, hint = _meaning(error)
    message = f"{meaning}: {reason}" if reason else meaning
    return Fault(message, hint, transient=passing)


def _names_underneath(error: object, depth: int = 6) -> Iterator[str]:
    """The class names of an exception, its ancestors, and of what requests wrapped into it."""
    if not isinstance(error, BaseException) or depth == 0:
        return
    yield from (ancestor.__name__ for ancestor in type(error).__mro__)
    wrapped = (getattr(error, "reason", None), *error.args, error.__cause__)
    for inner in wrapped:
        yield from _names_underneath(inner, depth - 1)


def _is_garbage(error: "stripe.StripeError") -> bool:
    """An answer that is no JSON, or JSON that is no error object of Stripe's."""
    import stripe

    return type(error) is stripe.APIError and error.error is None


def _garbage(error: "stripe.StripeError") -> Fault:
    """Cut short or from something between us and Stripe; refusals of a proxy do not pass."""
    status = error.http_status or 0
    return Fault(
        f"the answer is not Stripe's: it cannot be read [HTTP {status or 'unknown'}]",
        _NETWORK,
        transient=not 300 <= status < 500,
    )
