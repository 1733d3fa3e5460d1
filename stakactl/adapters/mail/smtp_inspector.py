"""MailInspector: a connection as the mailer makes it, whose every stage is noted."""

import smtplib
import ssl
from contextlib import suppress
from datetime import UTC, datetime

from stakactl.adapters.mail.smtp_connection import SmtpAccess, Stage, connect
from stakactl.adapters.mail.smtp_errors import translate
from stakactl.errors import MailError
from stakactl.operations.ports import Clock
from stakactl.operations.ports.inspection.mail import MailAccess, MailExpectations, MailHurdle

_CHECK_PLACE = (
    "check SMTP_HOST and SMTP_PORT, that the server runs, and that the firewall lets this machine "
    "connect"
)
_HURDLE_AFTER = {
    None: MailHurdle.NETWORK,
    Stage.GREETED: MailHurdle.TLS,
    Stage.ENCRYPTED: MailHurdle.LOGIN,
    Stage.LOGGED_IN: MailHurdle.NETWORK,
}


class SmtpInspector:
    """Safe from many threads: each look is a connection of its own."""

    def __init__(self, access: SmtpAccess, expectations: MailExpectations, clock: Clock) -> None:
        self._access = access
        self._expectations = expectations
        self._clock = clock

    @property
    def expectations(self) -> MailExpectations:
        return self._expectations

    def access(self) -> MailAccess:
        stages: list[Stage] = []
        protocol, ends_at = "", None
        try:
            connection = connect(self._access, stages.append)
            try:
                protocol, ends_at = _encryption(connection)
                connection.noop()
            finally:
                with suppress(smtplib.SMTPException, OSError):
                    connection.quit()
                connection.close()
        except (smtplib.SMTPException, OSError, UnicodeError, MailError) as error:
            told = error if isinstance(error, MailError) else translate(self._access.place, error)
            hurdle = _hurdle(stages[-1] if stages else None, error)
            hint = _CHECK_PLACE if hurdle is MailHurdle.NETWORK else told.hint or ""
            return MailAccess(hurdle, self._clock.now(), told.message, hint)
        return MailAccess(None, self._clock.now(), protocol=protocol, certificate_ends_at=ends_at)


def _hurdle(stage: Stage | None, error: Exception) -> MailHurdle:
    """A server that speaks TLS from the start is greeted after its certificate was looked at."""
    return MailHurdle.TLS if isinstance(error, ssl.SSLError) else _HURDLE_AFTER[stage]


def _encryption(connection: smtplib.SMTP) -> tuple[str, datetime | None]:
    """Protocol and end of the verified certificate; "" and None for an open connection."""
    sock = connection.sock
    if not isinstance(sock, ssl.SSLSocket):
        return "", None
    certificate = sock.getpeercert() or {}
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return sock.version() or "", datetime.fromtimestamp(seconds, UTC)
