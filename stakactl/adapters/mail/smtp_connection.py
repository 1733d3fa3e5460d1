"""A connection to the mail server, as far as the first command: encrypted, verified, logged in.

What sends and what only looks use the same one, so that what was looked at is what is sent with.
"""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from stakactl.errors import MailError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Security(StrEnum):
    """How the connection is encrypted: by command (port 587), from the start (465), not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Stage(StrEnum):
    """How far a connection came."""

    GREETED = "greeted"
    ENCRYPTED = "encrypted"
    LOGGED_IN = "logged in"


@dataclass(frozen=True, slots=True)
class SmtpAccess:
    """Certificates are always verified, against the system's authorities or `ca_file`; `timeout`
    bounds each step. Without a user nobody logs in."""

    host: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    security: Security = Security.STARTTLS
    timeout: float = 20
    ca_file: Path | None = None
    helo: str | None = None

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


def _nobody(stage: Stage) -> None:
    """Who does not want to know how far it came."""


def connect(access: SmtpAccess, reached: Callable[[Stage], object] = _nobody) -> smtplib.SMTP:
    """Raises what smtplib, ssl and the system raise, and MailError where a password would travel
    unencrypted."""
    connection: smtplib.SMTP
    context = ssl.create_default_context(cafile=access.ca_file)
    if access.security is Security.TLS:
        connection = smtplib.SMTP_SSL(
            access.host, access.port, access.helo, timeout=access.timeout, context=context
        )
    else:
        connection = smtplib.SMTP(access.host, access.port, access.helo, timeout=access.timeout)
    try:
        connection.ehlo_or_helo_if_needed()
        reached(Stage.GREETED)
        if access.security is Security.STARTTLS:
            connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
        reached(Stage.ENCRYPTED)
        if access.user:
            _log_in(connection, access)
        reached(Stage.LOGGED_IN)
    except BaseException:
        connection.close()
        raise
    return connection


def _log_in(connection: smtplib.SMTP, access: SmtpAccess) -> None:
    if access.security is Security.NONE and access.host not in LOOPBACK:
        raise MailError(
            f"the password for {access.place} would travel unencrypted; it was not sent",
            hint="use STARTTLS (port 587) or TLS (port 465)",
        )
    connection.login(access.user, access.password)
