"""`smtp.*` and `mail.*` against real servers: each check broken once, and no other with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from stakactl.domain.checks import CheckState
from stakactl.operations.validate.mail import CHECKS
from tests.contracts.mail_inspector import Server
from tests.mail_inspection import PASSWORD, MailServers
from tests.validation import Results, inspection, run

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServers]:
    servers = MailServers(tmp_path_factory.mktemp("mail"))
    yield servers
    servers.close()


def check(servers: MailServers, server: Server, **options: Any) -> Results:
    inspector, recorder = servers.open(server, **options)
    results = run(CHECKS, inspection(mail=inspector))
    assert PASSWORD not in results.text
    assert recorder.messages == []
    return results


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_everything_is_well(servers: MailServers, security: str) -> None:
    results = check(servers, Server(security=security))
    assert {each.verdict.state for each in results.all} == {CheckState.OK}


def test_a_server_for_development(servers: MailServers) -> None:
    results = check(servers, Server(certificate="", security="none", password=""))
    assert results.ids(CheckState.FAILED, CheckState.UNKNOWN) == []
    assert results.ids(CheckState.SKIPPED) == ["smtp.tls", "smtp.certificate", "smtp.login"]


@pytest.mark.parametrize(
    ("server", "broken", "words", "unknown"),
    [
        (
            Server(up=False),
            "smtp.reachable",
            "no connection",
            ["smtp.tls", "smtp.certificate", "smtp.login"],
        ),
        (
            Server(certificate="untrusted"),
            "smtp.tls",
            "is not to be trusted",
            ["smtp.certificate", "smtp.login"],
        ),
        (
            Server(certificate="ended", security="tls"),
            "smtp.tls",
            "expired",
            ["smtp.certificate", "smtp.login"],
        ),
        (
            Server(certificate="", password=""),
            "smtp.tls",
            "STARTTLS",
            ["smtp.certificate", "smtp.login"],
        ),
        (Server(password="wrong"), "smtp.login", "refused the login", ["smtp.certificate"]),
    ],
)
def test_what_stands_in_the_way_fails_alone(
    servers: MailServers, server: Server, broken: str, words: str, unknown: list[str]
) -> None:
    results = check(servers, server)
    assert results.failed == [broken]
    assert words in results.told(broken)
    assert results.ids(CheckState.UNKNOWN) == unknown


def test_a_certificate_that_is_about_to_end(servers: MailServers) -> None:
    results = check(servers, Server(), days=10)
    assert results.failed == ["smtp.certificate"]
    assert "ends in 9 days" in results.told("smtp.certificate")


def test_mails_that_leave_the_machine_unencrypted(servers: MailServers) -> None:
    server = Server(certificate="", security="none", password="")
    assert check(servers, server, is_local=False).failed == ["smtp.encryption"]


def test_a_password_is_never_sent_unencrypted(servers: MailServers) -> None:
    server = Server(certificate="", security="none")
    results = check(servers, server, host="0.0.0.0", is_local=False)  # noqa: S104 - connected to
    assert results.failed == ["smtp.encryption", "smtp.login"]
    assert "it was not sent" in results.told("smtp.login")


@pytest.mark.parametrize("sender", ["", "invoices@localhost"])
def test_a_sender_that_is_none(servers: MailServers, sender: str) -> None:
    results = check(servers, Server(), sender=sender)
    assert results.failed == ["mail.sender"]
    assert "set INVOICE_EMAIL_FROM" in results.told("mail.sender")


def test_mails_that_become_files() -> None:
    results = run(CHECKS, inspection(mail=None))
    assert {each.verdict.state for each in results.all} == {CheckState.SKIPPED}
    assert ".eml" in results.told("mail.sender")
