"""The outbox against real mail servers: what becomes of each mail, whatever the server does."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from stakactl.adapters.mail.smtp_connection import Security
from stakactl.domain.letters import Language
from stakactl.domain.letters.maintenance import MaintenanceNotice
from stakactl.domain.mail import BACK_OFF, MailStatus, NewMail, QueuedMail
from stakactl.domain.runs import Outcome
from stakactl.operations.mail import SendReport, retry_mail, send_mail
from tests.adapters.mail.smtp_servers import Line, scripted_smtp, smtp_server
from tests.adapters.mail.test_smtp_faults import _good as good
from tests.adapters.mail.test_smtp_mailer import PASSWORD, a_mailer
from tests.certificates import Certificate
from tests.operations.test_send_mail import queue
from tests.operations.workshop import Workshop

QUEUED, SENT, FAILED, UNKNOWN = (
    MailStatus.QUEUED,
    MailStatus.SENT,
    MailStatus.FAILED,
    MailStatus.UNKNOWN,
)
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def sent_over(shop: Workshop, port: int, **settings: Any) -> SendReport:
    """One run with a connection of its own."""
    shop.mailer = mailer = a_mailer(port, **settings)  # type: ignore[assignment]
    try:
        return send_mail(shop)
    finally:
        mailer.close()


def statuses(shop: Workshop) -> list[MailStatus]:
    return list(shop.mail().values())


def mail_to(shop: Workshop, name: str) -> QueuedMail:
    (found,) = (mail for mail in shop.outbox.find() if mail.recipient == f"{name}@example.com")
    return found


def test_greylisted_mails_arrive_when_they_come_again(shop: Workshop) -> None:
    queue(shop)
    with smtp_server() as (server, port):
        server.rcpt = {"2@example.com": "451 4.7.1 Greylisted, come again"}
        assert sent_over(shop, port).outcome is Outcome.PARTIAL
        assert statuses(shop) == [SENT, QUEUED, SENT]
        waits = mail_to(shop, "2")
        assert waits.next_attempt_at == shop.clock.now() + BACK_OFF[0]
        assert "451 4.7.1 Greylisted, come again" in (waits.error or "")
        server.rcpt.clear()
        assert sent_over(shop, port).results == ()
        shop.clock.move(seconds=BACK_OFF[0].total_seconds())
        assert sent_over(shop, port).outcome is Outcome.OK
    assert sorted(server.recipients) == [f"{number}@example.com" for number in (1, 2, 3)]
    assert len(server.connections) == 2, "one for each run that had something to send"


@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_no_for_ever_keeps_the_words_of_the_server(shop: Workshop, stage: str) -> None:
    queue(shop)
    with smtp_server() as (server, port):
        getattr(server, stage)["1@example.com"] = "550 5.1.1 <1@example.com>: no such user\x07"
        sent_over(shop, port)
        sent_over(shop, port)
    assert statuses(shop) == [FAILED, SENT, SENT]
    error = mail_to(shop, "1").error or ""
    assert "550 5.1.1 <1@example.com>: no such user" in error
    assert error.isprintable()
    assert sorted(server.recipients) == ["2@example.com", "3@example.com"]


def test_a_connection_lost_after_the_content_is_left_to_a_person(shop: Workshop) -> None:
    queue(shop, 2)

    def takes_it_and_hangs_up(line: Line) -> None:
        line.say("220 mx.test ready")
        line.answer("250 mx.test", "250 sender", "250 recipient", "354 go on")
        line.hear_content()

    with scripted_smtp(takes_it_and_hangs_up, good) as server:
        report = sent_over(shop, server.port, timeout=1, data_timeout=1)
        assert (report.outcome, statuses(shop)) == (Outcome.PARTIAL, [UNKNOWN, SENT])
        for _ in range(3):
            shop.clock.move(days=1)
            assert sent_over(shop, server.port).results == ()
        retry_mail(shop, mail_to(shop, "1").mail_id)
        assert sent_over(shop, server.port).count(SENT) == 1
    assert statuses(shop) == [SENT, SENT]


def _stops(shop: Workshop, report: SendReport, *words: str) -> None:
    """Nothing left, everything waits, and the report says why without a secret."""
    assert report.outcome is Outcome.INCOMPLETE
    assert len(report.results) == 1, "the others were not even tried"
    assert set(statuses(shop)) == {QUEUED}
    assert {mail.next_attempt_at for mail in shop.outbox.find()} == {None}
    told = f"{report.stopped} {[mail.error for mail in shop.outbox.find()]}"
    assert all(word in told for word in words), told
    assert "sentinel" not in told


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
def test_a_wrong_certificate_sends_nothing(
    shop: Workshop, security: Security, tmp_path: Path
) -> None:
    queue(shop)
    certificate = Certificate(tmp_path, "other.test")
    context: ssl.SSLContext = certificate.server_context()
    name = "ssl_context" if security is Security.TLS else "tls_context"
    tls: dict[str, Any] = {name: context}
    with smtp_server(**tls) as (server, port):
        report = sent_over(
            shop, port, security=security, ca_file=certificate.path, user="u", password=PASSWORD
        )
    _stops(shop, report, "certificate", "Hostname mismatch")
    assert server.messages == []


def test_a_refused_login_sends_nothing(shop: Workshop) -> None:
    queue(shop)

    def nobody(*_: Any) -> AuthResult:
        return AuthResult(success=False, handled=False)

    with smtp_server(authenticator=nobody, auth_required=True, auth_require_tls=False) as (
        server,
        port,
    ):
        report = sent_over(shop, port, user="apikey", password=PASSWORD)
    _stops(shop, report, "refused the login", "535")
    assert server.messages == []


@pytest.mark.parametrize(
    "address",
    [
        "no address",
        "a@example.com, b@example.com",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com>\r\nRSET\r\n<",
        "=?utf-8?q?a=0Ab?=@example.com",
        f"{'a' * 10_000}@example.com",
        "a@straße.example",
    ],
)
def test_an_address_that_is_none_fails_alone_and_says_why(shop: Workshop, address: str) -> None:
    queue(shop, 2)
    notice = MaintenanceNotice(language=Language.FRENCH, starts_at=shop.clock.now())
    for step, recipient in enumerate((address, "zoe@bücher.example")):
        mail = NewMail(notice.kind, "w", recipient, step, notice.details())
        assert shop.outbox.add(mail, shop.clock.now())
    with smtp_server() as (server, port):
        sent_over(shop, port)
    assert statuses(shop) == [SENT, SENT, FAILED, SENT]
    assert server.recipients[2:] == ["zoe@xn--bcher-kva.example"]
    (failed,) = shop.outbox.find(FAILED)
    assert failed.error is not None
    assert failed.error.startswith("no mail can be sent to ")
    assert len(failed.error) < 250
    assert failed.error.isprintable()
