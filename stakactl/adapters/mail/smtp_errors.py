"""The only translator of what a mail server says, or fails to say, into MailError."""

import smtplib
import ssl

from stakactl.adapters.mail.text import one_line
from stakactl.errors import MailDeferred, MailError, MailRefused, MailUncertain

#: Answers about us, not about one mail: not logged in, wrong order of commands.
_ABOUT_US = frozenset({503, 530, 534, 535, 538})
_TOO_LARGE = 552

_LATER = "nothing was sent; run the command again later"
_LOGIN = "check SMTP_USER and SMTP_PASS (for SendGrid: the user is `apikey`)"
_TLS = "STARTTLS belongs to port 587, TLS to port 465"


def from_answer(place: str, verb: str, code: int, words: bytes | str, recipient: str) -> MailError:
    """The error for an answer other than yes to `verb` ("content" is what follows DATA)."""
    said = f"{place} said {code} {_clean(words)}"
    if 400 <= code < 500:
        return MailDeferred(f"not now: {said}", hint="the mail stays queued for the next run")
    if not 500 <= code < 600:
        if verb == "content":
            return uncertain(place, recipient, ValueError("an answer that is none"))
        return MailError(f"{place} gave an answer that is none", hint="is it a mail server?")
    if code in _ABOUT_US:
        return MailError(f"the mail server wants another login: {said}", hint=_LOGIN)
    if verb == "mail" and code != _TOO_LARGE:
        return MailError(
            f"the sender was refused: {said}",
            hint="use a sender that this server accepts: INVOICE_EMAIL_FROM or FROM_EMAIL",
        )
    return MailRefused(f"the mail to {recipient} was refused: {said}")


def uncertain(place: str, recipient: str, error: Exception) -> MailUncertain:
    return MailUncertain(
        f"the mail to {recipient} may or may not have been taken by {place}: {_reason(error)}",
        hint="look into the server's log; `stakactl mail retry` sends it again",
    )


def deferred(place: str, error: Exception) -> MailDeferred:
    return MailDeferred(
        f"{place} closed the connection twice before it took the mail: {error}",
        hint="the mail stays queued for the next run",
    )


def translate(place: str, error: Exception) -> MailError:
    """Why there is no connection, or no login; it stops the sending."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return MailError(
            f"the certificate of {place} is not to be trusted: {_clean(error.verify_message)}",
            hint="use the host name that stands in the certificate; nothing was sent",
        )
    if isinstance(error, ssl.SSLError):
        return MailError(f"no TLS connection to {place}: {_reason(error)}", hint=_TLS)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return MailError(
            f"{place} refused the login: {error.smtp_code} {_clean(error.smtp_error)}", hint=_LOGIN
        )
    if isinstance(error, UnicodeError):
        return MailError(
            f"user or password for {place} hold characters that SMTP cannot carry", hint=_LOGIN
        )
    if isinstance(error, smtplib.SMTPResponseException):
        said = f"{error.smtp_code} {_clean(error.smtp_error)}"
        return MailError(f"{place} does not want to talk: {said}", hint=_LATER)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return MailError(f"{place} does not offer what is set: {_reason(error)}", hint=_TLS)
    if isinstance(error, TimeoutError):
        return MailError(f"no answer from {place} within the time limit", hint=_LATER)
    return MailError(f"no connection to {place}: {_reason(error)}", hint=_LATER)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return _clean(error.strerror)
    return _clean(str(error)) or type(error).__name__


def _clean(words: bytes | str) -> str:
    """A server's words: one printable line of bounded length."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return one_line(text, 300)
