"""Mail servers as a test describes them, and inspectors of them."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import AuthResult, LoginPassword

from stakactl.adapters.mail.smtp_connection import Security, SmtpAccess
from stakactl.adapters.mail.smtp_inspector import SmtpInspector
from stakactl.adapters.system import SystemClock
from stakactl.operations.ports.inspection.mail import MailExpectations
from tests.adapters.mail.smtp_servers import Recorder, smtp_server
from tests.certificates import Certificate
from tests.contracts.mail_inspector import Server

PASSWORD = "password-sentinel-of-the-mail-server"


class MailServers:
    """Servers with certificates that are made once, each when it is first wanted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._certificates: dict[tuple[str, int], Certificate] = {}
        self._running = ExitStack()

    def open(
        self, server: Server, *, host: str = "localhost", days: int = 90, **expected: Any
    ) -> tuple[SmtpInspector, Recorder]:
        """`days` is how long a good certificate lasts."""
        recorder, port = self._start(server, days)
        access = SmtpAccess(
            host,
            port,
            "user" if server.password else "",
            {"right": PASSWORD}.get(server.password, server.password),
            Security(server.security),
            timeout=3,
            ca_file=self._trusted(server, days),
            helo="client.test",
        )
        standard: dict[str, Any] = {
            "place": access.place,
            "sender": "factures@example.com",
            "encrypted": server.security != "none",
            "is_local": True,
            "has_user": bool(server.password),
        }
        expectations = MailExpectations(**(standard | expected))
        return SmtpInspector(access, expectations, SystemClock("Europe/Paris")), recorder

    def close(self) -> None:
        self._running.close()

    def _start(self, server: Server, days: int) -> tuple[Recorder, int]:
        settings: dict[str, Any] = {}
        if server.certificate:
            context = self._certificate(server.certificate, days).server_context()
            if server.security == "tls":
                settings["ssl_context"] = context
            else:
                settings |= {"tls_context": context, "require_starttls": True}
        if server.password:
            settings |= {
                "authenticator": _check,
                "auth_required": True,
                "auth_require_tls": False,
            }
        if server.up:
            return self._running.enter_context(smtp_server(**settings))
        with smtp_server(**settings) as (recorder, port):
            return recorder, port

    def _trusted(self, server: Server, days: int) -> Path | None:
        if server.certificate in ("", "untrusted"):
            return None
        return self._certificate(server.certificate, days).path

    def _certificate(self, kind: str, days: int) -> Certificate:
        if (kind, days) not in self._certificates:
            folder = self._folder / f"{kind}-{days}"
            folder.mkdir()
            begins, ends = (-100, -1) if kind == "ended" else (-1, days)
            self._certificates[kind, days] = Certificate(
                folder,
                "localhost",
                begins_in=timedelta(days=begins),
                ends_in=timedelta(days=ends),
            )
        return self._certificates[kind, days]


def _check(
    server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword
) -> AuthResult:
    return AuthResult(success=login.password == PASSWORD.encode(), handled=False)
