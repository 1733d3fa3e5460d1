"""Signatures of webhooks: as Stripe's own library has them, and nothing else is accepted."""

import hashlib
import hmac
import string
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from hypothesis import assume, example, given
from hypothesis import strategies as st

from stakactl.domain.webhooks.signatures import (
    LONGEST_HEADER,
    TOLERANCE,
    Refusal,
    SignatureRefused,
    Verified,
    sign,
    verify,
)

SECRET, OTHER = "whsec_one", "whsec_other"
BODY = '{"id": "evt_1", "name": "Léa 🖋"}'.encode()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HEADER = sign(BODY, SECRET, NOW)
V1 = HEADER.partition(",")[2]

moments = st.integers(10**9, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
secrets = st.text(string.ascii_letters + string.digits, min_size=1, max_size=40)
texts = st.text(st.characters(codec="utf-8"), max_size=200)


def refusal(
    header: str | None,
    body: bytes = BODY,
    known: tuple[str, ...] = (SECRET,),
    now: datetime = NOW,
    tolerance: timedelta = TOLERANCE,
) -> Refusal | None:
    try:
        verify(body, header, known, now, tolerance)
    except SignatureRefused as refused:
        return refused.refusal
    return None


def stripe_accepts(body: str, header: str, secret: str) -> bool:
    """What Stripe's own library says, whatever the time is."""
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret))
    except stripe.SignatureVerificationError:
        return False


# -- what is accepted


@given(text=texts, secret=secrets, at=moments)
def test_what_is_signed_here_stripes_library_accepts(text: str, secret: str, at: datetime) -> None:
    header = sign(text.encode(), secret, at)
    assert stripe_accepts(text, header, secret)
    assert not stripe_accepts(text + " ", header, secret)
    assert verify(text.encode(), header, [secret], at) == Verified(at, 0)


@given(text=texts, secret=secrets, at=moments)
def test_what_stripes_library_signs_is_accepted_here(text: str, secret: str, at: datetime) -> None:
    seconds = int(at.timestamp())
    digest = stripe.WebhookSignature._compute_signature(f"{seconds}.{text}", secret)
    assert verify(text.encode(), f"t={seconds},v1={digest}", [secret], at) == Verified(at, 0)


def test_while_a_secret_is_rolled_either_is_enough() -> None:
    other = sign(BODY, OTHER, NOW).partition(",")[2]
    both = f"{HEADER},{other}"
    assert verify(BODY, both, [OTHER], NOW).secret == 0
    assert verify(BODY, both, ["whsec_new", OTHER], NOW).secret == 1
    assert verify(BODY, both, [SECRET, OTHER], NOW).secret == 0
    assert refusal(both, known=("whsec_new",)) is Refusal.WRONG


def test_other_schemes_are_neither_believed_nor_in_the_way() -> None:
    assert refusal(f"{HEADER},v0=abc,v2,what=ever") is None
    assert refusal(HEADER.replace("v1=", "v0=")) is Refusal.NO_SIGNATURE
    assert refusal(HEADER.replace("v1=", "V1=")) is Refusal.NO_SIGNATURE


# -- what is refused


@given(at=st.integers(0, len(V1) - 4), digit=st.sampled_from("0123456789abcdef"))
def test_one_changed_digit_of_a_signature(at: int, digit: str) -> None:
    digits = V1.removeprefix("v1=")
    changed = digits[:at] + digit + digits[at + 1 :]
    assume(changed != digits)
    assert refusal(f"t={int(NOW.timestamp())},v1={changed}") is Refusal.WRONG


@given(body=st.binary(max_size=60) | st.just(BODY[:-1]) | st.just(BODY + b"\n"))
def test_another_body(body: bytes) -> None:
    assume(body != BODY)
    assert refusal(HEADER, body) is Refusal.WRONG


@given(seconds=st.integers(-600, 600))
def test_another_time(seconds: int) -> None:
    assume(seconds != 0)
    moved = f"t={int(NOW.timestamp()) + seconds},{V1}"
    assert refusal(moved) is Refusal.WRONG


@given(secret=secrets)
def test_another_secret(secret: str) -> None:
    assume(secret != SECRET)
    assert refusal(HEADER, known=(secret,)) is Refusal.WRONG


@given(at=moments, tolerance=st.integers(1, 10**6).map(lambda seconds: seconds * SECOND))
def test_the_tolerance_ends_at_the_second_both_ways(at: datetime, tolerance: timedelta) -> None:
    header = sign(BODY, SECRET, at)
    ages = {-tolerance - SECOND: Refusal.IN_THE_FUTURE, -tolerance: None, timedelta(0): None}
    ages |= {tolerance: None, tolerance + SECOND: Refusal.TOO_OLD}
    for age, expected in ages.items():
        assert refusal(header, now=at + age, tolerance=tolerance) is expected, age


def test_the_age_of_a_wrong_signature_is_not_told() -> None:
    assert refusal(f"t=1,{V1}") is Refusal.WRONG


@given(
    header=st.text(max_size=300)
    | st.text(alphabet="tv01=,. é\x00\r\n" + string.digits, max_size=80)
    | st.binary(max_size=300).map(lambda raw: raw.decode("latin-1"))
    | st.binary(max_size=300).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
)
@example(f"t={int(NOW.timestamp())},v1=é")
@example(f"t={int(NOW.timestamp())},v1=")
@example(f"t=٣,{V1}")
@example(f"t=-1,{V1}")
@example(f"t=0{int(NOW.timestamp())},{V1}")
@example(f"t={'9' * 400},{V1}")
@example(f"t={'9' * 11},{V1}")
@example(f"t={int(NOW.timestamp())} ,{V1}")
@example(f"t=1,{HEADER}")
@example(f"{HEADER}\n")
@example("t,v1")
def test_no_header_is_accepted_or_breaks_anything(header: str) -> None:
    assert refusal(header) is not None


@pytest.mark.parametrize("header", [None, ""])
def test_no_header_at_all(header: str | None) -> None:
    assert refusal(header) is Refusal.MISSING


def test_a_header_beyond_all_measure_is_not_looked_through() -> None:
    assert refusal(HEADER + ",v1=0" * 10**6) is Refusal.MALFORMED
    longest = HEADER + "," + "x" * (LONGEST_HEADER - len(HEADER) - 1)
    assert refusal(longest) is None
    assert refusal(longest + "x") is Refusal.MALFORMED


@given(body=st.binary(min_size=1, max_size=60))
@example(b"\xff\xfe{}")
def test_a_body_that_is_no_text_is_refused_even_when_it_is_signed(body: bytes) -> None:
    try:
        body.decode()
        expected = None
    except UnicodeDecodeError:
        expected = Refusal.NO_TEXT
    assert refusal(sign(body, SECRET, NOW), body) is expected


# -- what a receiver may not ask for


@pytest.mark.parametrize("tolerance", [timedelta(0), -SECOND])
def test_there_is_always_a_tolerance(tolerance: timedelta) -> None:
    with pytest.raises(ValueError, match="tolerance"):
        verify(BODY, HEADER, [SECRET], NOW, tolerance)


@pytest.mark.parametrize("known", [[], [""], [SECRET, ""]])
def test_an_empty_secret_is_never_used(known: list[str]) -> None:
    forged = hmac.new(b"", f"{int(NOW.timestamp())}.".encode() + BODY, hashlib.sha256)
    header = f"t={int(NOW.timestamp())},v1={forged.hexdigest()}"
    with pytest.raises(ValueError, match="empty secret"):
        verify(BODY, header, known, NOW)
