"""Stripe's signatures of webhook events: made, and verified for whoever receives events.

The header is `t=SECONDS,v1=HEX[,v1=HEX…]`, the signature an HMAC-SHA256 over `SECONDS.BODY`
(https://docs.stripe.com/webhooks#verify-manually). It holds several v1 while a secret is rolled.
Whatever a stranger sends ends in `SignatureRefused`, never in another exception: a receiver that
answers 500 to it is asked again by Stripe for days, and tells strangers where it breaks.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

#: What Stripe's own libraries grant.
TOLERANCE = timedelta(minutes=5)
#: Far longer than any that Stripe sends; so much and no more is looked at.
LONGEST_HEADER = 4096
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEME = "v1"
#: Eleven digits reach beyond the year 5000 and stay within a datetime.
_TIMESTAMP = re.compile(r"0|[1-9][0-9]{0,10}")


class Refusal(StrEnum):
    """Why a signature is refused, in words for a log."""

    MISSING = "there is no Stripe-Signature header"
    MALFORMED = "the header is not t=…,v1=…"
    NO_SIGNATURE = "the header holds no signature of the scheme v1"
    WRONG = "no signature fits the body and a known secret"
    TOO_OLD = "it was signed too long ago"
    IN_THE_FUTURE = "it was signed in the future: one of the clocks is wrong"
    NO_TEXT = "the body is not UTF-8"


class SignatureRefused(Exception):
    """The event must not be believed; the answer to it is 400."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Verified:
    """When the event was signed, and the index of the secret that it was signed with."""

    signed_at: datetime
    secret: int


def sign(payload: bytes, secret: str, at: datetime) -> str:
    """The header `Stripe-Signature`."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},{_SCHEME}={_digest(payload, secret, seconds)}"


def verify(
    payload: bytes,
    header: str | None,
    secrets: Sequence[str],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Verified:
    """Raises SignatureRefused unless the body was signed with one of `secrets`, at most
    `tolerance` before or after `now`.

    An age beyond the tolerance is told only of a good signature: a stranger learns nothing.
    """
    if tolerance <= timedelta(0):
        raise ValueError("without a tolerance every old event could be sent again")
    if not secrets or not all(secrets):
        raise ValueError("anybody can sign with an empty secret")
    seconds, signatures = _parsed(header)
    secret = _matching(payload, seconds, signatures, secrets)
    signed_at = _EPOCH + timedelta(seconds=int(seconds))
    if signed_at < now - tolerance:
        raise SignatureRefused(Refusal.TOO_OLD)
    if signed_at > now + tolerance:
        raise SignatureRefused(Refusal.IN_THE_FUTURE)
    _require_text(payload)
    return Verified(signed_at, secret)


def _parsed(header: str | None) -> tuple[str, list[str]]:
    """The timestamp as it was signed, and every v1."""
    if not header:
        raise SignatureRefused(Refusal.MISSING)
    if len(header) > LONGEST_HEADER or not header.isascii():
        raise SignatureRefused(Refusal.MALFORMED)
    parts = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1 or _TIMESTAMP.fullmatch(times[0]) is None:
        raise SignatureRefused(Refusal.MALFORMED)
    signatures = [value for name, _, value in parts if name == _SCHEME]
    if not signatures:
        raise SignatureRefused(Refusal.NO_SIGNATURE)
    return times[0], signatures


def _matching(
    payload: bytes, seconds: str, signatures: Sequence[str], secrets: Sequence[str]
) -> int:
    """Everything is compared with everything, so that the time it takes tells nothing."""
    found = None
    for index, secret in enumerate(secrets):
        wanted = _digest(payload, secret, seconds)
        for given in signatures:
            if hmac.compare_digest(wanted, given) and found is None:
                found = index
    if found is None:
        raise SignatureRefused(Refusal.WRONG)
    return found


def _digest(payload: bytes, secret: str, seconds: str) -> str:
    signed = seconds.encode("ascii") + b"." + payload
    return hmac.new(secret.encode("utf-8"), signed, hashlib.sha256).hexdigest()


def _require_text(payload: bytes) -> None:
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        raise SignatureRefused(Refusal.NO_TEXT) from None
