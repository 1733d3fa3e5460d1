"""What every MailInspector promises, real or fake, of a server that a test sets up."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from stakactl.operations.ports.inspection.mail import MailHurdle, MailInspector


@dataclass(frozen=True)
class Server:
    """`certificate`: "good", "untrusted", "ended", or "" for a server that speaks openly."""

    up: bool = True
    certificate: str = "good"
    security: str = "starttls"  # what the settings say
    password: str = "right"  # "" where no user is set


class OpenMail(Protocol):
    def __call__(self, server: Server, /) -> MailInspector: ...


class MailInspectorContract:
    @pytest.fixture
    def open_mail(self) -> OpenMail:
        raise NotImplementedError

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_a_sound_server(self, open_mail: OpenMail, security: str) -> None:
        access = open_mail(Server(security=security)).access()
        assert access.hurdle is None, access.message
        assert access.protocol.startswith("TLSv1.")
        assert access.certificate_ends_at is not None
        assert (access.certificate_ends_at - access.seen_at).days == 89

    def test_an_open_server_without_a_user(self, open_mail: OpenMail) -> None:
        access = open_mail(Server(certificate="", security="none", password="")).access()
        assert (access.hurdle, access.protocol, access.certificate_ends_at) == (None, "", None)

    @pytest.mark.parametrize(
        ("server", "hurdle"),
        [
            (Server(up=False), MailHurdle.NETWORK),
            (Server(certificate="untrusted"), MailHurdle.TLS),
            (Server(certificate="untrusted", security="tls"), MailHurdle.TLS),
            (Server(certificate="ended"), MailHurdle.TLS),
            (Server(certificate="ended", security="tls"), MailHurdle.TLS),
            (Server(certificate="", password=""), MailHurdle.TLS),
            (Server(certificate="", security="tls"), MailHurdle.TLS),
            (Server(password="wrong"), MailHurdle.LOGIN),
        ],
    )
    def test_where_the_way_ends(
        self, open_mail: OpenMail, server: Server, hurdle: MailHurdle
    ) -> None:
        access = open_mail(server).access()
        assert access.hurdle is hurdle
        assert access.message
        assert access.hint
