"""The gateway against a server that misbehaves as told; its good days are in the contract."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stakactl.adapters.stripe.gateway import PATHS, SdkStripeGateway
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import ConfigurationError, ExitCode, StripeError
from stakactl.operations.ports import Page, Unread, Wanted, Window
from tests.adapters.stripe.scripted_server import (
    FakeTime,
    Hang,
    Reply,
    Request,
    Reset,
    ScriptedServer,
    Step,
    listing,
    refusal,
)

KEY = "sk_test_51SentinelSecretOfThisTest"
NOVEMBER = Window(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
ACCOUNT = Reply({"id": "acct_1", "object": "account"})
RATE_LIMITED = refusal(429, "Request rate limit exceeded.", {"Stripe-Rate-Limited-Reason": "x"})


class Setup:
    """A server with a script, a gateway that talks to it, and the gateway's time."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self._closing: list[Callable[[], None]] = []

    def start(self, *script: Step, key: str = KEY, **options: Any) -> SdkStripeGateway:
        self.server = ScriptedServer(*script)
        settings: dict[str, Any] = {
            "requests_per_second": 1e9,
            "requests_per_second_per_endpoint": 1e9,
            "timeout_seconds": 5.0,
            "retry_budget_seconds": 60.0,
            "clock": self.time.clock,
            "sleep": self.time.sleep,
            "jitter": lambda: 1.0,
        }
        gateway = SdkStripeGateway(key, self.server.url, **{**settings, **options})
        self._closing += [gateway.close, self.server.close]
        return gateway

    @property
    def requests(self) -> list[Request]:
        return self.server.requests

    def close(self) -> None:
        for close in self._closing:
            close()


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    setup = Setup()
    yield setup
    setup.close()


def refund(number: int) -> dict[str, Any]:
    return {
        "id": f"re_{number}",
        "object": "refund",
        "created": 1_793_500_000 - number,
        "amount": number,
        "currency": "eur",
        "status": "succeeded",
    }


def read(gateway: SdkStripeGateway, kind: StripeKind, window: Window) -> list[Page | Unread]:
    return list(gateway.read([Wanted(kind, window)]))


def found(parts: Iterable[Page | Unread]) -> list[str]:
    return [each.id for part in parts if isinstance(part, Page) for each in part.objects]


def unread(parts: Iterable[Page | Unread]) -> Unread:
    (only,) = (part for part in parts if isinstance(part, Unread))
    return only


def failure(gateway: SdkStripeGateway) -> StripeError:
    with pytest.raises(StripeError) as caught:
        gateway.account()
    assert caught.value.exit_code is ExitCode.INCOMPLETE
    assert KEY not in f"{caught.value.message} {caught.value.hint} {caught.value!r}"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


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
        listing(first, has_more=True), listing([refund(3)], has_more=False), Reset()
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


# -- what passes


def test_a_429_is_tried_again(setup: Setup) -> None:
    assert setup.start(RATE_LIMITED, RATE_LIMITED, ACCOUNT).account().id == "acct_1"
    assert setup.time.slept == [0.5, 1.0]


def test_a_429_storm_ends_with_the_budget(setup: Setup) -> None:
    error = failure(setup.start(RATE_LIMITED))
    assert sum(setup.time.slept) <= 60
    assert sum(setup.time.slept) > 60 - 8
    assert setup.time.slept[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    tries = len(setup.requests)
    assert tries == len(setup.time.slept) + 1
    assert f"given up after {sum(setup.time.slept):.0f} s and {tries} tries" in error.message
    assert "STRIPE_REQUESTS_PER_SECOND" in str(error.hint)


def test_jitter_only_shortens_the_wait(setup: Setup) -> None:
    setup.start(RATE_LIMITED, RATE_LIMITED, ACCOUNT, jitter=lambda: 0.0).account()
    assert setup.time.slept == [0.25, 0.5]


@pytest.mark.parametrize(
    ("value", "slept"), [("7", 7.0), ("0", 0.5), ("nan", 0.5), ("-3", 0.5), ("soon", 0.5)]
)
def test_retry_after_is_obeyed(setup: Setup, value: str, slept: float) -> None:
    setup.start(refusal(429, "Slow down.", {"Retry-After": value}), ACCOUNT).account()
    assert setup.time.slept == [slept]


def test_nobody_waits_for_longer_than_the_budget(setup: Setup) -> None:
    error = failure(setup.start(refusal(429, "Slow down.", {"Retry-After": "3600"})))
    assert setup.time.slept == []
    assert "one try, and it asks to wait 3600 s" in error.message


@pytest.mark.parametrize("status", [409, 500, 502, 503])
def test_a_fault_of_stripe_is_tried_again(setup: Setup, status: int) -> None:
    assert setup.start(refusal(status, "Sorry."), ACCOUNT).account().id == "acct_1"
    assert len(setup.requests) == 2


def test_stripe_decides_whether_to_retry(setup: Setup) -> None:
    no, yes = ({"Stripe-Should-Retry": word} for word in ("false", "true"))
    failure(setup.start(refusal(500, "Sorry.", no)))
    assert len(setup.requests) == 1
    assert setup.start(refusal(400, "Locked.", yes), ACCOUNT).account().id == "acct_1"
    # "false" on a 429 means: not at once.
    assert setup.start(refusal(429, "Slow down.", no), ACCOUNT).account().id == "acct_1"


@pytest.mark.parametrize(
    "fault",
    [
        Reset(),
        Reply({"id": "acct_1"}, cut_to=5),
        Reply(b'{"id": "acct'),
        Reply(b"<html>Bad gateway</html>", status=502),
        Reply(b"\xff\xfe"),
        Reply(b"no gzip", headers={"Content-Encoding": "gzip"}),
        Reply({"error": None}, status=500),
        Reply({"error": ["x"]}, status=500),
        Reply({}, status=503),
    ],
    ids=["reset", "cut", "half", "html", "bytes", "gzip", "null", "array", "object"],
)
def test_a_broken_answer_is_tried_again(setup: Setup, fault: Step) -> None:
    assert setup.start(fault, ACCOUNT).account().id == "acct_1"
    assert len(setup.requests) == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Reset(), "the connection broke"),
        (Reply({"id": "acct_1"}, cut_to=5), "the answer was cut"),
        (Reply(b"<html>jane@example.org</html>"), "the answer is not Stripe's"),
        (Hang(), "no answer within the timeout"),
    ],
    ids=["reset", "cut", "html", "hang"],
)
def test_what_keeps_failing_is_explained(setup: Setup, fault: Step, reason: str) -> None:
    error = failure(setup.start(fault, timeout_seconds=0.1, retry_budget_seconds=0))
    assert reason in error.message
    assert "one try" in error.message
    assert "jane" not in error.message
    assert len(setup.requests) == 1


def test_a_refusal_of_a_proxy_is_not_tried_again(setup: Setup) -> None:
    error = failure(setup.start(Reply(b"<html>Forbidden</html>", status=403)))
    assert "the answer is not Stripe's" in error.message
    assert len(setup.requests) == 1


def test_nobody_listens(setup: Setup) -> None:
    gateway = setup.start(ACCOUNT, retry_budget_seconds=1)
    setup.server.close()
    assert "the connection was refused" in failure(gateway).message
    assert setup.time.slept == [0.5]


def test_each_try_waits_for_its_place(setup: Setup) -> None:
    gateway = setup.start(
        RATE_LIMITED, ACCOUNT, requests_per_second=0.1, requests_per_second_per_endpoint=0.1
    )
    gateway.account()
    assert sum(setup.time.slept) == pytest.approx(10 / 0.98, abs=0.01)


# -- Ctrl-C


def test_ctrl_c_ends_a_wait(setup: Setup) -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    gateway = setup.start(RATE_LIMITED, sleep=interrupt)
    with pytest.raises(KeyboardInterrupt):
        gateway.account()
    assert len(setup.requests) == 1


def test_ctrl_c_ends_a_request(setup: Setup) -> None:
    main = threading.main_thread().ident
    assert main is not None
    gateway = setup.start(Hang(first=lambda: signal.pthread_kill(main, signal.SIGINT)))
    with pytest.raises(KeyboardInterrupt):
        gateway.account()


# -- lists that do not end well


def test_a_page_that_cannot_be_read_ends_the_window(setup: Setup) -> None:
    gateway = setup.start(listing([refund(1)], has_more=True), refusal(400, "No."))
    first, rest = read(gateway, StripeKind.REFUND, NOVEMBER)
    assert found([first]) == ["re_1"]
    assert isinstance(first, Page)
    assert isinstance(rest, Unread)
    assert "cannot list refund objects" in rest.error.message
    assert first.covered is not None
    assert (first.covered.until, rest.created.since) == (NOVEMBER.until, NOVEMBER.since)
    assert rest.created.until == first.covered.since
    assert first.covered.since == first.objects[0].created_at + timedelta(seconds=1)


def test_a_list_that_repeats_itself_is_noticed(setup: Setup) -> None:
    gateway = setup.start(listing([refund(1)], has_more=True))
    error = unread(read(gateway, StripeKind.REFUND, NOVEMBER)).error
    assert "does not move on after 1 pages" in error.message


def test_a_longer_loop_is_noticed_before_a_page_comes_twice(setup: Setup) -> None:
    loop = [listing([refund(number)], has_more=True) for number in (1, 2, 3)]
    parts = read(setup.start(*loop, *loop), StripeKind.REFUND, NOVEMBER)
    assert found(parts) == ["re_1", "re_2", "re_3"]
    assert "does not move on" in unread(parts).error.message


def test_an_empty_page_with_more_to_come_is_no_end(setup: Setup) -> None:
    gateway = setup.start(listing([], has_more=True))
    parts = read(gateway, StripeKind.REFUND, NOVEMBER)
    assert "does not move on" in unread(parts).error.message
    assert unread(parts).created == NOVEMBER


def test_an_object_that_cannot_be_used_is_named(setup: Setup) -> None:
    broken = {**refund(2), "amount": None}
    parts = read(
        setup.start(listing([refund(1), broken], has_more=False)), StripeKind.REFUND, NOVEMBER
    )
    assert re.search(r"refund re_2 .*'amount'", unread(parts).error.message)


def test_naive_times_are_a_mistake(setup: Setup) -> None:
    gateway = setup.start(listing([], has_more=False))
    naive = NOVEMBER.since.replace(tzinfo=None)
    with pytest.raises(TypeError):
        read(gateway, StripeKind.REFUND, Window(naive, naive + timedelta(days=1)))


def test_many_threads_read_at_once(setup: Setup) -> None:
    gateway = setup.start(listing([refund(1)], has_more=False))
    counts: list[int] = []

    def count() -> None:
        counts.append(len(found(read(gateway, StripeKind.REFUND, NOVEMBER))))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1] * 8
