"""Refusals: status, type, code, param and words as Stripe's."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from stakactl.demo.offline_stripe.keys import ApiKey, save_keys
from stakactl.demo.offline_stripe.server import DEMO_KEY, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from tests.demo.objects import ACCOUNT, make, one_of_each
from tests.demo.offline import RESTRICTED_KEY, TEST_KEY, Offline, offline


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Offline]:
    with offline(tmp_path, one_of_each()) as running:
        yield running


def test_no_key(demo: Offline) -> None:
    answer = demo.ask("GET", "/v1/account", key=None)
    assert answer.status == 401
    assert answer.error["message"].startswith("You did not provide an API key.")
    assert answer.error["type"] == "invalid_request_error"


def test_an_unknown_key_is_masked(demo: Offline) -> None:
    answer = demo.ask("GET", "/v1/account", key="sk_test_0123456789abcd")
    assert answer.status == 401
    assert answer.error["message"] == "Invalid API Key provided: sk_test_**********abcd"
    demo.client = stripe.StripeClient(
        "sk_test_0123456789abcd", base_addresses={"api": demo.server.base_url}
    )
    demo.server.keys.clear()
    assert demo.ask("GET", "/v1/account").status == 401


def test_basic_authentication_with_the_key_as_user(demo: Offline) -> None:
    header = "Basic " + b64encode(f"{DEMO_KEY}:".encode()).decode()
    answer = demo.ask("GET", "/v1/account", key=None, headers={"Authorization": header})
    assert answer.body["id"] == ACCOUNT


def test_a_restricted_key_is_told_which_permission_it_lacks(demo: Offline) -> None:
    answer = demo.ask("GET", "/v1/events", key=RESTRICTED_KEY)
    assert answer.status == 403
    assert answer.error["message"] == (
        "The provided key 'rk_live_********************0000' does not have the required "
        f"permissions for this endpoint on account '{ACCOUNT}'. Having the 'rak_event_read' "
        "permission would allow this request to continue."
    )
    assert demo.ask("GET", "/v1/charges", key=RESTRICTED_KEY).status == 200
    assert demo.ask("POST", "/v1/refunds", "charge=ch_1", key=RESTRICTED_KEY).status == 403
    assert demo.ask("GET", "/v1/customers", key=RESTRICTED_KEY).status == 200  # may write
    # How the tool probes a right to write: 403 without it, 404 with it.
    probe = "/v1/webhook_endpoints/we_none"
    assert demo.ask("POST", probe, "disabled=true", key=RESTRICTED_KEY).status == 403
    assert demo.ask("POST", "/v1/customers/cus_none", "name=x", key=RESTRICTED_KEY).status == 404


def test_keys_can_come_with_the_world(tmp_path: Path) -> None:
    with StripeState(tmp_path / "stripe.db") as state:
        save_keys(state, [ApiKey(TEST_KEY), ApiKey(RESTRICTED_KEY, frozenset({"rak_event_read"}))])
        server = OfflineStripe(state)
        server.stop()
    assert not server.keys[TEST_KEY].livemode
    assert server.keys[RESTRICTED_KEY].permissions == frozenset({"rak_event_read"})


def test_a_missing_object(demo: Offline) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        demo.client.v1.customers.retrieve("cus_none")
    error = caught.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "id")
    assert error.user_message == "No such customer: 'cus_none'"
    assert error.request_id is not None


def test_an_object_of_the_other_mode_says_so(demo: Offline) -> None:
    demo.state.put(make("customer", "cus_t", livemode=False))
    live = demo.ask("GET", "/v1/customers/cus_t")
    assert live.status == 404
    assert live.error["message"] == (
        "No such customer: 'cus_t'; a similar object exists in test mode, but a live mode key was "
        "used to make this request."
    )
    test = demo.ask("GET", "/v1/charges/ch_1", key=TEST_KEY)
    assert "exists in live mode, but a test mode key" in test.error["message"]
    cursor = demo.ask("GET", "/v1/customers?starting_after=cus_t")
    assert "exists in test mode" in cursor.error["message"]


@pytest.mark.parametrize(
    ("query", "param", "code", "message"),
    [
        ("foo=1", "foo", "parameter_unknown", "Received unknown parameter: foo"),
        ("b=1&a=1", "a", "parameter_unknown", "Received unknown parameters: a, b"),
        ("created[from]=1", "created[from]", "parameter_unknown", "unknown parameter"),
        ("created=today", "created", "parameter_invalid_integer", "Invalid integer: today"),
        ("created[gte]=1.5", "created[gte]", "parameter_invalid_integer", "Invalid integer: 1.5"),
        ("limit=0", "limit", "parameter_invalid_integer", "greater than or equal to 1"),
        ("limit=101", "limit", "parameter_invalid_integer", "(it currently is '101')"),
        ("limit=x", "limit", "parameter_invalid_integer", "Invalid integer: x"),
        ("limit=", "limit", "parameter_invalid_empty", "You passed an empty string for 'limit'"),
        ("starting_after=ch_x", "starting_after", "resource_missing", "No such charge: 'ch_x'"),
        ("ending_before=ch_x", "ending_before", "resource_missing", "No such charge: 'ch_x'"),
        ("starting_after=ch_1&ending_before=ch_1", "ending_before", None, "only specify one of"),
        ("expand=customer", "expand", None, "Invalid array"),
        ("customer[id]=1", "customer", None, "Invalid string"),
        ("status=succeeded", "status", "parameter_unknown", "Received unknown parameter: status"),
    ],
)
def test_bad_parameters_of_a_list(
    demo: Offline, query: str, param: str, code: str | None, message: str
) -> None:
    answer = demo.ask("GET", f"/v1/charges?{query}")
    assert (answer.status, answer.error["param"]) == (400, param)
    assert answer.error.get("code") == code
    assert message in answer.error["message"]
    if code:
        assert answer.error["doc_url"].endswith(code.replace("_", "-"))


@pytest.mark.parametrize(
    ("path", "form", "param", "message"),
    [
        ("/v1/payment_intents", "currency=eur", "amount", "Missing required param: amount."),
        ("/v1/payment_intents", "amount=0&currency=eur", "amount", "greater than or equal to 1"),
        ("/v1/refunds", "charge=ch_1&reason=x", "reason", "must be one of duplicate, fraudulent"),
        ("/v1/customers", "address[planet]=x", "address[planet]", "unknown parameter"),
        ("/v1/customers", "address=x", "address", "Invalid object"),
        ("/v1/customers", "metadata[a][b]=x", "metadata[a]", "must be strings"),
        ("/v1/customers", f"metadata[a]={'x' * 501}", "metadata[a]", "values 500"),
        ("/v1/customers", "name=x&name[y]=z", "name", "Invalid"),
        ("/v1/customers", "source=tok_visa", "source", "offline Stripe does not implement"),
        ("/v1/products", "name=", "name", "cannot be unset"),
        ("/v1/products", "name=x&active=1", "active", "Invalid boolean: 1"),
        ("/v1/checkout/sessions/cs_live_1/expire", "a=1", "a", "unknown parameter"),
    ],
)
def test_bad_parameters_of_a_write(
    demo: Offline, path: str, form: str, param: str, message: str
) -> None:
    answer = demo.ask("POST", path, form)
    assert (answer.status, answer.error["param"]) == (400, param)
    assert message in answer.error["message"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/charges/", "/", "/v1/charges/search?query=x"])
def test_unknown_urls(demo: Offline, path: str) -> None:
    answer = demo.ask("GET", path)
    assert answer.status == 404
    assert answer.error["message"].startswith(
        f"Unrecognized request URL (GET: {path.split('?')[0]})"
    )
    assert demo.ask("PUT", "/v1/charges").status == 404


def test_headers(demo: Offline) -> None:
    answer = demo.ask("GET", "/v1/account", headers={"Stripe-Version": "2024-06-20"})
    assert answer.headers["stripe-version"] == "2024-06-20"
    assert answer.headers["request-id"].startswith("req_")
    assert demo.ask("GET", "/v1/account").headers["stripe-version"] == "2026-10-28.endive"
    refused = demo.ask("GET", "/v1/account", headers={"Stripe-Version": "newest"})
    assert refused.error["message"] == "Invalid Stripe API version: newest"
    assert refused.error["request_log_url"].startswith("https://dashboard.stripe.com/logs/req_")


def test_a_bug_of_ours_is_a_500_and_is_remembered(demo: Offline) -> None:
    demo.state.put(make("charge", "ch_bad", amount_captured="not a number"))
    assert demo.ask("POST", "/v1/refunds", "charge=ch_bad").status == 500
    assert isinstance(demo.server.errors.pop(), TypeError)
    assert demo.state.count("refund") == 1
