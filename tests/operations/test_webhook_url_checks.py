"""Our webhook from outside: each fault breaks the checks that are about it, and no other."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from stakactl.adapters.system import SystemClock
from stakactl.adapters.webhooks.inspector import UrlInspector
from stakactl.domain.certificates import RENEW_WITHIN, judge_end
from stakactl.domain.checks import CheckResult, CheckState, Severity, broken
from stakactl.domain.webhooks.answers import judge_forged, judge_get, judge_signed
from stakactl.operations.validate.running import Running, run_checks
from stakactl.operations.validate.webhook_url import CHECKS
from tests.certificates import Certificate
from tests.validation import inspection
from tests.webhook_server import SECRET, WebhookServer, webhook_server

SET, URL = "webhook.set", "webhook.url"
CERTIFICATE, END = "webhook.certificate", "webhook.certificate.end"
GET, FORGED, SIGNED = "webhook.get", "webhook.rejects_forged", "webhook.accepts_signed"
OK, FAILED = CheckState.OK, CheckState.FAILED
UNKNOWN, SKIPPED = CheckState.UNKNOWN, CheckState.SKIPPED
ALL = (SET, URL, CERTIFICATE, END, GET, FORGED, SIGNED)
PLACES = ("get", "forged", "signed")
YEAR = timedelta(days=365)


def inspector(url: str, secret: str | None = SECRET, timeout: float = 5) -> UrlInspector:
    return UrlInspector(
        url,
        secret,
        SystemClock("Europe/Paris"),
        livemode=True,
        api_version="2024-06-20",
        timeout_seconds=timeout,
    )


def look(webhook: UrlInspector | None, *, probe: bool = True) -> dict[str, CheckResult]:
    settings = SimpleNamespace(facts=lambda: SimpleNamespace(demo=False))
    looked_at = inspection(webhook=webhook, settings=settings)
    results = run_checks(CHECKS, looked_at, Running(timeout_seconds=20, probe=probe))
    assert [result.id for result in results] == list(ALL)
    assert not [result for result in results if "Sentinel" in repr(result)]
    assert not [each for each in results if each.is_broken and not each.verdict.hint]
    return {result.id: result for result in results}


def states(results: dict[str, CheckResult]) -> dict[str, CheckState]:
    return {name: result.verdict.state for name, result in results.items()}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"), "localhost", ends_in=YEAR)


@pytest.fixture
def trusted(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    return certificate


@pytest.fixture
def server(trusted: Certificate) -> Iterator[WebhookServer]:
    with webhook_server(trusted) as opened:
        yield opened


def test_a_webhook_in_order(server: WebhookServer) -> None:
    results = look(inspector(server.url))
    assert states(results) == dict.fromkeys(ALL, OK)
    assert results[CERTIFICATE].verdict.seen.startswith("issued for 127.0.0.1 by localhost; TLSv1")
    (event,) = server.received
    assert (event["type"], event["livemode"], event["api_version"]) == (
        "stakactl.probe",
        True,
        "2024-06-20",
    )


def test_no_signed_event_is_sent_unless_a_probe_is_wanted(server: WebhookServer) -> None:
    found = states(look(inspector(server.url), probe=False))
    assert found == {**dict.fromkeys(ALL, OK), SIGNED: SKIPPED}
    assert server.received == []
    found = states(look(inspector(server.url, secret=None)))
    assert found == {**dict.fromkeys(ALL, OK), SIGNED: SKIPPED}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"get": 500}, {GET: FAILED}),
        ({"get": 302}, {GET: FAILED}),
        ({"get": 404}, {GET: UNKNOWN}),
        ({"get": 200}, {GET: UNKNOWN}),
        ({"forged": 403}, {}),
        ({"forged": 200}, {FORGED: FAILED, SIGNED: UNKNOWN}),
        ({"forged": 500}, {FORGED: FAILED}),
        ({"forged": 429}, {FORGED: UNKNOWN}),
        (dict.fromkeys(PLACES, 404), {GET: UNKNOWN, FORGED: FAILED, SIGNED: UNKNOWN}),
        (dict.fromkeys(PLACES, 308), {GET: FAILED, FORGED: FAILED, SIGNED: UNKNOWN}),
        ({"signed": 400}, {SIGNED: FAILED}),
        ({"signed": 500}, {SIGNED: FAILED}),
    ],
)
def test_one_answer_that_is_wrong(
    server: WebhookServer, answers: dict[str, int], expected: dict[str, CheckState]
) -> None:
    for name, status in answers.items():
        setattr(server, name, status)
    assert states(look(inspector(server.url))) == {**dict.fromkeys(ALL, OK), **expected}
    assert set(server.paths) == {"/hook"}  # no redirect was followed


def test_another_secret_than_the_applications(server: WebhookServer) -> None:
    results = look(inspector(server.url, secret="whsec_Sentinel_of_somebody_else"))
    assert states(results) == {**dict.fromkeys(ALL, OK), SIGNED: FAILED}
    assert "STRIPE_WEBHOOK_SECRET" in results[SIGNED].verdict.hint


# -- certificates


@pytest.mark.parametrize(
    ("begins_in", "ends_in", "words"),
    [
        (-YEAR, timedelta(hours=-1), "expired"),
        (timedelta(hours=1), YEAR, "not yet valid"),
    ],
)
def test_a_certificate_whose_time_is_over_or_not_come(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    begins_in: timedelta,
    ends_in: timedelta,
    words: str,
) -> None:
    made = Certificate(tmp_path, "localhost", begins_in=begins_in, ends_in=ends_in)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    with webhook_server(made) as server:
        results = look(inspector(server.url))
        assert server.paths == []
    assert words in results[CERTIFICATE].verdict.seen
    assert states(results) == {**dict.fromkeys(ALL, UNKNOWN), SET: OK, URL: OK, CERTIFICATE: FAILED}


def test_a_certificate_that_nobody_vouches_for(certificate: Certificate) -> None:
    with webhook_server(certificate) as server:
        results = look(inspector(server.url))
        assert server.received == []
    assert "self-signed" in results[CERTIFICATE].verdict.seen
    assert "public authority" in results[CERTIFICATE].verdict.hint


def test_a_certificate_of_another_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Certificate(tmp_path, "elsewhere.test", address="192.0.2.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    with webhook_server(made) as server:
        results = look(inspector(server.url))
    assert "mismatch" in results[CERTIFICATE].verdict.seen
    assert "for this host" in results[CERTIFICATE].verdict.hint


def test_a_certificate_that_is_about_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Certificate(tmp_path, "localhost", ends_in=timedelta(days=20, hours=1))
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    with webhook_server(made) as server:
        results = look(inspector(server.url))
    assert states(results) == {**dict.fromkeys(ALL, OK), END: FAILED}
    assert results[END].verdict.seen.startswith("it ends in 20 days, on 20")
    assert broken(results.values(), strict=False) == []
    assert [each.id for each in broken(results.values(), strict=True)] == [END]


def test_the_last_three_weeks_of_a_certificate() -> None:
    ends_at = datetime(2026, 12, 16, tzinfo=UTC)
    assert judge_end(ends_at, ends_at - RENEW_WITHIN, "").state is OK
    late = ends_at - RENEW_WITHIN + timedelta(seconds=1)
    assert judge_end(ends_at, late, "renew it").state is FAILED


# -- addresses


def test_an_address_that_is_not_set() -> None:
    results = look(None)
    assert states(results) == {**dict.fromkeys(ALL, SKIPPED), SET: FAILED}
    assert results[SET].severity is Severity.WARNING


def test_nothing_is_sent_over_an_open_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", None)
    results = look(inspector("http://shop.example.com/hook"))
    assert states(results) == {**dict.fromkeys(ALL, SKIPPED), SET: OK, URL: FAILED}
    hint = "set STRIPE_WEBHOOK_URL=https://shop.example.com/hook"
    assert results[URL].verdict.hint == hint


def test_on_this_machine_no_certificate_is_needed() -> None:
    with webhook_server() as server:
        found = states(look(inspector(server.url)))
    assert found == {**dict.fromkeys(ALL, OK), CERTIFICATE: SKIPPED, END: SKIPPED}


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    results = look(inspector(f"https://127.0.0.1:{port}/hook"))
    expected = {**dict.fromkeys(ALL, UNKNOWN), SET: OK, URL: OK, CERTIFICATE: FAILED}
    assert states(results) == expected
    assert "nothing listens there" in results[CERTIFICATE].verdict.seen


def test_a_server_without_tls() -> None:
    with webhook_server() as server:
        results = look(inspector(server.url.replace("http:", "https:")))
    assert "no TLS connection" in results[CERTIFICATE].verdict.seen


def test_an_application_that_hangs(server: WebhookServer) -> None:
    server.hangs = True
    results = look(inspector(server.url, timeout=0.3))
    failing = {GET: FAILED, FORGED: FAILED, SIGNED: UNKNOWN}
    assert states(results) == {**dict.fromkeys(ALL, OK), **failing}
    assert "did not answer within 0.3 s" in results[GET].verdict.seen
    assert results[GET].severity is Severity.ERROR


# -- every status there is


def test_no_status_is_judged_by_accident() -> None:
    for status in range(100, 600):
        is_accepted, is_redirect = 200 <= status < 300, 300 <= status < 400
        is_broken = is_redirect or status >= 500
        assert (judge_forged(status).state is OK) == (status in {400, 401, 403})
        assert (judge_get(status).state is FAILED) == is_broken
        assert (judge_signed(status, 400).state is OK) == is_accepted
        assert judge_signed(status, 200).state is not OK
        if is_accepted or is_broken:
            assert judge_forged(status).state is FAILED
