"""SMTP against aiosmtpd: plain, STARTTLS and TLS, logins, refusals, many mails per connection."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from stakactl.adapters.mail.message import to_bytes
from stakactl.adapters.mail.smtp import SmtpMailer
from stakactl.adapters.mail.smtp_connection import Security
from stakactl.errors import MailDeferred, MailError, MailRefused, MailUncertain
from stakactl.operations.ports import Mailer
from tests.adapters.mail.smtp_servers import smtp_server
from tests.certificates import Certificate
from tests.contracts.mailer import MailerContract, a_letter, numbered_letter

PASSWORD = "password-sentinel-42"

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def a_mailer(port: int, **settings: Any) -> SmtpMailer:
    defaults: dict[str, Any] = {"security": Security.NONE, "timeout": 3, "helo": "client.test"}
    return SmtpMailer("localhost", port, **(defaults | settings))


def fails_for_all(error: pytest.ExceptionInfo[MailError]) -> bool:
    """A MailError that is about no single mail: the sending stops."""
    return not isinstance(error.value, MailRefused | MailDeferred | MailUncertain)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"), "localhost")


@pytest.fixture(scope="module")
def other_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"), "other.test")


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    def mailer(self) -> Iterator[Mailer]:
        with smtp_server() as (self.recorder, port):
            mailer = a_mailer(port)
            yield mailer
            mailer.close()

    def arrived(self, mailer: Mailer) -> int:
        return len(self.recorder.messages)

    def test_the_mail_arrives_byte_for_byte(self, mailer: Mailer) -> None:
        mailer.send(a_letter())
        assert self.recorder.messages == [to_bytes(a_letter())]

    def test_many_mails_take_one_connection(self, mailer: Mailer) -> None:
        for number in range(20):
            mailer.send(numbered_letter(number))
        assert len(self.recorder.connections) == 1
        assert len(set(self.recorder.messages)) == 20

    @pytest.mark.parametrize("stage", ["rcpt", "data"])
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ("550 5.1.1 No such user\x1b[31m here", MailRefused),
            ("552 5.3.4 Too big", MailRefused),
            ("554 5.7.1 Looks like spam", MailRefused),
            ("450 4.2.0 Greylisted, try later", MailDeferred),
            ("452 4.2.2 Mailbox full", MailDeferred),
        ],
    )
    def test_a_refusal_is_about_one_mail(
        self, mailer: Mailer, stage: str, answer: str, kind: type[MailError]
    ) -> None:
        getattr(self.recorder, stage)["nobody@example.com"] = answer
        with pytest.raises(kind) as caught:
            mailer.send(a_letter(recipient="nobody@example.com"))
        words = re.sub(r"\x1b", "", answer)
        assert words in caught.value.message
        assert caught.value.message.isprintable()
        mailer.send(a_letter())
        assert self.recorder.recipients == ["lea.martin@example.com"]
        assert len(self.recorder.connections) == 1


def test_a_connection_that_died_between_two_mails_is_replaced() -> None:
    with smtp_server() as (recorder, port):
        mailer = a_mailer(port)
        mailer.send(numbered_letter(1))
        connection = mailer._connection
        assert connection is not None
        assert connection.sock is not None
        connection.sock.shutdown(socket.SHUT_RDWR)
        mailer.send(numbered_letter(2))
        mailer.close()
    assert len(recorder.messages) == 2
    assert len(recorder.connections) == 2


def _starttls(certificate: Certificate) -> dict[str, Any]:
    return {"tls_context": certificate.server_context(), "require_starttls": True}


def _tls(certificate: Certificate) -> dict[str, Any]:
    return {"ssl_context": certificate.server_context()}


ENCRYPTED = pytest.mark.parametrize(
    ("security", "server"),
    [(Security.STARTTLS, _starttls), (Security.TLS, _tls)],
    ids=["starttls", "tls"],
)
Server = Callable[[Certificate], dict[str, Any]]


@ENCRYPTED
def test_encrypted(certificate: Certificate, security: Security, server: Server) -> None:
    with smtp_server(**server(certificate)) as (recorder, port):
        mailer = a_mailer(port, security=security, ca_file=certificate.path)
        mailer.send(numbered_letter(1))
        mailer.send(numbered_letter(2))
        mailer.close()
    assert len(recorder.messages) == 2


@ENCRYPTED
@pytest.mark.parametrize("trusted", ["system", "another"])
def test_an_unknown_authority_stops_the_sending(
    certificate: Certificate,
    other_certificate: Certificate,
    security: Security,
    server: Server,
    trusted: str,
) -> None:
    authority = other_certificate.path if trusted == "another" else None
    with smtp_server(**server(certificate)) as (recorder, port):
        mailer = a_mailer(port, security=security, ca_file=authority, user="u", password=PASSWORD)
        with pytest.raises(MailError, match="is not to be trusted") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert f"localhost:{port}" in caught.value.message
    assert recorder.messages == []


@ENCRYPTED
def test_a_certificate_of_another_host_stops_the_sending(
    other_certificate: Certificate, security: Security, server: Server
) -> None:
    with smtp_server(**server(other_certificate)) as (recorder, port):
        mailer = a_mailer(port, security=security, ca_file=other_certificate.path)
        with pytest.raises(MailError, match="Hostname mismatch") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert recorder.messages == []


def test_a_server_without_starttls_gets_neither_password_nor_mail() -> None:
    with smtp_server() as (recorder, port):
        mailer = a_mailer(port, security=Security.STARTTLS, user="u", password=PASSWORD)
        with pytest.raises(MailError, match="STARTTLS") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert recorder.messages == []


def test_tls_at_a_port_that_speaks_plainly() -> None:
    with smtp_server() as (_, port):
        mailer = a_mailer(port, security=Security.TLS)
        with pytest.raises(MailError, match="no TLS connection") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert "465" in (caught.value.hint or "")


def _with_login(recorder_logins: list[LoginPassword]) -> dict[str, Any]:
    def check(
        server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        recorder_logins.append(login)
        return AuthResult(success=login.password == PASSWORD.encode(), handled=False)

    return {"authenticator": check, "auth_required": True, "auth_require_tls": False}


def test_a_login(certificate: Certificate) -> None:
    logins: list[LoginPassword] = []
    with smtp_server(**_with_login(logins), **_starttls(certificate)) as (recorder, port):
        mailer = a_mailer(
            port,
            security=Security.STARTTLS,
            ca_file=certificate.path,
            user="apikey",
            password=PASSWORD,
        )
        mailer.send(numbered_letter(1))
        mailer.send(numbered_letter(2))
        mailer.close()
    assert logins == [LoginPassword(b"apikey", PASSWORD.encode())]
    assert len(recorder.messages) == 2


@pytest.mark.parametrize("password", ["wrong-sentinel", "pässword-sentinel", ""])
def test_a_refused_login_stops_the_sending(password: str) -> None:
    with smtp_server(**_with_login([])) as (recorder, port):
        mailer = a_mailer(port, user="apikey", password=password)
        with pytest.raises(MailError, match=r"login|characters") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert "SMTP_PASS" in (caught.value.hint or "")
    assert "sentinel" not in f"{caught.value.message} {caught.value.__cause__}"
    assert recorder.messages == []


def test_a_missing_login_stops_the_sending() -> None:
    with smtp_server(**_with_login([])) as (recorder, port):
        mailer = a_mailer(port)
        with pytest.raises(MailError, match=r"another login: .* 530") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert recorder.messages == []


def test_a_login_at_a_server_that_knows_none() -> None:
    with smtp_server() as (recorder, port):
        mailer = a_mailer(port, user="apikey", password=PASSWORD)
        with pytest.raises(MailError, match="does not offer") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert recorder.messages == []


def test_a_password_never_travels_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stakactl.adapters.mail.smtp_connection.LOOPBACK", frozenset())
    logins: list[LoginPassword] = []
    with smtp_server(**_with_login(logins)) as (recorder, port):
        mailer = a_mailer(port, user="apikey", password=PASSWORD)
        with pytest.raises(MailError, match="would travel unencrypted") as caught:
            mailer.send(a_letter())
        mailer.close()
    assert fails_for_all(caught)
    assert logins == []
    assert recorder.messages == []


def test_contexts_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whatever is set, no context without verification is ever made."""
    made: list[ssl.SSLContext] = []
    real = ssl.create_default_context

    def remember(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        made.append(real(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", remember)
    for security in Security:
        with pytest.raises(MailError):
            SmtpMailer("localhost", 1, security=security, timeout=1).send(a_letter())
    assert len(made) == 3
    assert all(c.check_hostname and c.verify_mode is ssl.CERT_REQUIRED for c in made)


def test_an_authority_file_that_is_missing(tmp_path: Path) -> None:
    mailer = a_mailer(1, security=Security.TLS, ca_file=tmp_path / "none.pem")
    with pytest.raises(MailError, match="No such file") as caught:
        mailer.send(a_letter())
    assert fails_for_all(caught)
