"""The gateway against a server that misbehaves as told; its good days are in the contract."""

import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from stakactl.adapters.stripe.gateway import PATHS, SdkStripeGateway
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import ConfigurationError, StripeError
from stakactl.operations.ports import Page, Window
from tests.adapters.stripe.gateway_setup import (
    ACCOUNT,
    KEY,
    NOVEMBER,
    ONE_BY_ONE,
    Setup,
    failure,
    found,
    read,
    refund,
    unread,
)
from tests.adapters.stripe.scripted_server import (
    Reply,
    Reset,
    listing,
    refusal,
)

# -- requests


def test_a_window_is_half_open_and_whole_seconds(setup: Setup) -> None:
    gateway = setup.start(listing([], has_more=False))
    window = Window(
        datetime(2026, 11, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
    )
    assert read(gateway, StripeKind.CHARGE, window) == [Page(StripeKind.CHARGE, [], window)]
    (request,) = setup.requests
    assert request.path == "/v1/charges"
    # Nothing that was created in the second 00:00:00 lies after its first microsecond.
    assert request.query == {
        "created[gte]": str(int(datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC).timestamp())),
        "created[lt]": str(int(datetime(2026, 11, 2, tzinfo=UTC).timestamp())),
        "limit": "100",
    }


def test_an_empty_window_asks_nothing(setup: Setup) -> None:
    gateway = setup.start(Reset())
    assert read(gateway, StripeKind.CHARGE, Window(NOVEMBER.since, NOVEMBER.since)) == []
    assert setup.requests == []


def test_pages_follow_the_cursor(setup: Setup) -> None:
    first = [refund(number) for number in range(3)]
    gateway = setup.start(
        listing(first, has_more=True), listing([refund(3)], has_more=False), Reset(), **ONE_BY_ONE
    )
    pages = read(gateway, StripeKind.REFUND, NOVEMBER)
    assert [found([page]) for page in pages] == [["re_0", "re_1", "re_2"], ["re_3"]]
    assert [request.query.get("starting_after") for request in setup.requests] == [None, "re_2"]
    assert len({request.query["created[lt]"] for request in setup.requests}) == 1


@pytest.mark.parametrize("kind", list(StripeKind))
def test_each_kind_has_its_path(setup: Setup, kind: StripeKind) -> None:
    gateway = setup.start(listing([], has_more=False))
    assert found(read(gateway, kind, NOVEMBER)) == []
    assert setup.requests[0].path == PATHS[kind]


def test_no_telemetry_and_the_pinned_version(setup: Setup) -> None:
    import stripe

    gateway = setup.start(Reply({"id": "acct_1"}, headers={"Request-Id": "req_1"}))
    gateway.account()
    gateway.account()
    sent = setup.requests[1].headers
    assert sent["Stripe-Version"] == stripe.api_version
    assert sent["Authorization"] == f"Bearer {KEY}"
    assert "X-Stripe-Client-Telemetry" not in sent
    assert "telemetry_id" not in sent["X-Stripe-Client-User-Agent"]


@pytest.mark.parametrize(("key", "livemode"), [("rk_live_abc", True), ("sk_test_abc", False)])
def test_the_mode_is_the_keys(setup: Setup, key: str, livemode: bool) -> None:
    assert setup.start(ACCOUNT, key=key).account().livemode is livemode


@pytest.mark.parametrize("key", ["", "pk_live_abc", "whsec_abc", "sk_live_", "sk_live_a\r\nX: y"])
def test_a_key_of_the_wrong_form_is_a_setting_to_correct(key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SdkStripeGateway(key, None, 25)
    assert not key or key not in str(caught.value)


def test_the_sdk_is_not_loaded_before_it_is_needed() -> None:
    script = (
        "import sys; from stakactl.adapters.stripe.gateway import SdkStripeGateway as G; "
        "G('sk_test_x', None, 25); assert 'stripe' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_key_is_not_in_the_repr(setup: Setup) -> None:
    assert KEY not in repr(setup.start(ACCOUNT))


# -- one object


def test_ids_that_stripe_cannot_have_are_not_asked_for(setup: Setup) -> None:
    gateway = setup.start(Reset())
    for object_id in ("", " ", ".", "..", "a/b", "pi_1?x=1", "pi_1\r\n", "é", "x" * 256):
        assert gateway.retrieve(StripeKind.PAYMENT_INTENT, object_id) is Absence.MISSING
    assert setup.requests == []


def test_a_missing_object(setup: Setup) -> None:
    gateway = setup.start(refusal(404, "No such refund: 're_1'", code="resource_missing"))
    assert gateway.retrieve(StripeKind.REFUND, "re_1") is Absence.MISSING
    assert setup.requests[0].path == "/v1/refunds/re_1"


@pytest.mark.parametrize(("there", "here"), [("live", "test"), ("test", "live")])
def test_an_object_of_the_other_mode(setup: Setup, there: str, here: str) -> None:
    message = (
        f"No such refund: 're_1'; a similar object exists in {there} mode, but a {here} mode key "
        "was used to make this request."
    )
    gateway = setup.start(refusal(404, message, code="resource_missing"))
    assert gateway.retrieve(StripeKind.REFUND, "re_1") is Absence.OTHER_MODE


def test_another_404_is_no_absence(setup: Setup) -> None:
    gateway = setup.start(refusal(404, "Unrecognized request URL (GET: /v1/refunds/re_1)."))
    with pytest.raises(StripeError, match=r"Unrecognized request URL.*HTTP 404"):
        gateway.retrieve(StripeKind.REFUND, "re_1")


def test_an_answer_of_another_kind_is_refused(setup: Setup) -> None:
    gateway = setup.start(Reply({"id": "ch_1", "object": "charge"}))
    with pytest.raises(StripeError, match=r"refund ch_1 .*'object'"):
        gateway.retrieve(StripeKind.REFUND, "re_1")


# -- refusals


def test_a_wrong_key(setup: Setup) -> None:
    error = failure(setup.start(refusal(401, f"Invalid API Key provided: {KEY}")))
    assert error.message == (
        "cannot read the account: Stripe does not accept the key: "
        "Invalid API Key provided: *** [HTTP 401]"
    )
    assert "STRIPE_SECRET_KEY" in str(error.hint)
    assert len(setup.requests) == 1


def test_a_missing_permission_is_named(setup: Setup) -> None:
    message = "The provided key 'rk_live_****abcd' does not have 'rak_charge_read'."
    gateway = setup.start(refusal(403, message))
    error = unread(read(gateway, StripeKind.CHARGE, NOVEMBER)).error
    assert "abcd" not in error.message
    assert "rak_charge_read" in str(error.hint)


def test_the_refusal_to_show_the_account_names_it(setup: Setup) -> None:
    message = "The provided key does not have the required permissions on account 'acct_1Ab'."
    account = setup.start(refusal(403, message)).account()
    assert (account.id, account.name) == ("acct_1Ab", "")


def test_a_refusal_that_names_no_account(setup: Setup) -> None:
    assert "may not do this" in failure(setup.start(refusal(403, "Forbidden."))).message


def test_what_stripe_says_is_one_short_line_without_secrets(setup: Setup) -> None:
    message = f"Bad\n{KEY} whsec_abc123 rk_live_xyz pi_1_secret_abc " + "x" * 5_000
    error = failure(setup.start(refusal(400, message, {"Request-Id": "req_42"})))
    assert "\n" not in error.message
    assert len(error.message) < 500
    assert not re.search("abc123|xyz|secret_abc", error.message)
    assert "HTTP 400" in error.message
    assert "req_42" in error.message
