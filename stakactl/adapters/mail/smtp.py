"""Mails over SMTP: one connection for many mails, and an exact answer for each of them.

A server that dies before DATA has no mail: the letter is tried once more over a new connection.
From the moment the content flows until the answer is read, a lost connection means that nobody
knows: MailUncertain, and never a second try.
"""

import smtplib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from stakactl.adapters.mail.addresses import wire_address
from stakactl.adapters.mail.message import to_bytes
from stakactl.adapters.mail.smtp_connection import Security, SmtpAccess, connect
from stakactl.adapters.mail.smtp_errors import deferred, from_answer, translate, uncertain
from stakactl.adapters.mail.text import one_line
from stakactl.domain.mail import Letter
from stakactl.errors import MailDeferred, MailRefused
from stakactl.operations.ports.mail import nothing


class _ConnectionLost(Exception):
    """The connection died before the server could have taken the mail."""


class SmtpMailer:
    """A Mailer. Certificates are always verified, against the system's authorities or `ca_file`.

    `timeout` bounds each step; `data_timeout` the wait for the answer to the content, which a
    server that scans attachments may need, and whose loss cannot be repaired.
    """

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        user: str = "",
        password: str = "",
        security: Security = Security.STARTTLS,
        timeout: float = 20,
        data_timeout: float = 120,
        ca_file: Path | None = None,
        helo: str | None = None,
    ) -> None:
        self._access = SmtpAccess(host, port, user, password, security, timeout, ca_file, helo)
        self._place = self._access.place
        self._timeout = timeout
        self._data_timeout = data_timeout
        self._connection: smtplib.SMTP | None = None
        self._prepared: tuple[Letter, bytes] | None = None

    def prepare(self, letter: Letter) -> None:
        with suppress(MailRefused):  # it is told when the letter is sent
            self._prepared = (letter, to_bytes(letter))

    def send(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> None:
        prepared, self._prepared = self._prepared, None
        known = prepared is not None and prepared[0] is letter
        content = prepared[1] if prepared is not None and known else to_bytes(letter)
        sender, recipient = wire_address(letter.sender), wire_address(letter.recipient)
        try:
            try:
                self._deliver(self._connected(), sender, recipient, content, meanwhile)
            except _ConnectionLost:
                self._drop()
                try:
                    self._deliver(self._connected(), sender, recipient, content, meanwhile)
                except _ConnectionLost as lost:
                    raise deferred(self._place, lost) from lost
        except (MailRefused, MailDeferred):
            self._reset()
            raise
        except BaseException:  # Ctrl-C too: a conversation in an unknown state is not gone on with
            self._drop()
            raise

    def was_delivered(self, message_id: str) -> None:
        """SMTP cannot tell."""
        return

    def close(self) -> None:
        """Say goodbye; whatever happens then does not matter any more."""
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._drop()
            self._connection = None

    def _deliver(
        self,
        connection: smtplib.SMTP,
        sender: str,
        recipient: str,
        content: bytes,
        meanwhile: Callable[[], None],
    ) -> None:
        """MAIL, RCPT, DATA: one conversation, and something else to do before its last answer."""
        size = f" SIZE={len(content)}" if connection.has_extn("size") else ""
        self._command(connection, f"mail FROM:<{sender}>{size}", (250,), recipient)
        self._command(connection, f"rcpt TO:<{recipient}>", (250, 251), recipient)
        self._command(connection, "data", (354,), recipient)
        try:
            _set_timeout(connection, self._data_timeout)
            connection.send(_dot_stuffed(content))
            meanwhile()
            code, words = connection.getreply()
            _set_timeout(connection, self._timeout)
        except (smtplib.SMTPException, OSError) as error:
            raise uncertain(self._place, recipient, error) from error
        if not 200 <= code < 300:
            raise from_answer(self._place, "content", code, words, recipient)

    def _command(
        self, connection: smtplib.SMTP, command: str, wanted: tuple[int, ...], recipient: str
    ) -> None:
        """One command before the content flows. A connection that ends here can be replaced."""
        try:
            code, words = connection.docmd(command)
        except (smtplib.SMTPException, OSError) as error:
            raise _ConnectionLost(one_line(str(error)) or type(error).__name__) from error
        if code in wanted:
            return
        verb = command.partition(" ")[0]
        if code == 421 and verb == "mail":
            raise _ConnectionLost("the server closed the connection")
        raise from_answer(self._place, verb, code, words, recipient)

    def _connected(self) -> smtplib.SMTP:
        """The open connection, or a new one."""
        if self._connection is None:
            try:
                self._connection = connect(self._access)
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                raise translate(self._place, error) from None
        return self._connection

    def _reset(self) -> None:
        """Make the connection ready for the next mail, or forget it."""
        try:
            if self._connection is not None and self._connection.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _set_timeout(connection: smtplib.SMTP, seconds: float) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(seconds)


def _dot_stuffed(content: bytes) -> bytes:
    """The content as DATA carries it, its end mark included (RFC 5321, 4.5.2)."""
    stuffed = content.removesuffix(b"\r\n").replace(b"\r\n.", b"\r\n..")
    return b"%s%s\r\n.\r\n" % (b"." if stuffed.startswith(b".") else b"", stuffed)
