"""What can go wrong on the way to the application's webhook, and what to do about it."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from stakactl.errors import WebhookError

_CHECK = "check STRIPE_WEBHOOK_URL"
#: By a word of OpenSSL's message.
_CERTIFICATE_HINTS = {
    "expired": "renew the certificate: Stripe delivers nothing until then",
    "not yet valid": "check the clocks of both machines, then the certificate",
    "self-signed": "use a certificate of a public authority: Stripe accepts no other",
    "local issuer": "let the server send its whole chain, with the intermediate certificates",
    "mismatch": "get a certificate for this host, or write the host that it names into "
    "STRIPE_WEBHOOK_URL",
}


def webhook_error(host: str, reason: str, hint: str = _CHECK) -> WebhookError:
    return WebhookError(f"the application's webhook at {host} {reason}", hint=hint)


@contextmanager
def translated(host: str, timeout_seconds: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise webhook_error(host, f"did not answer within {timeout_seconds:g} s") from None
    except ssl.SSLCertVerificationError as error:
        reason = f"has no valid certificate: {error.verify_message}"
        raise webhook_error(host, reason, _certificate_hint(error.verify_message)) from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise webhook_error(host, f"cannot be reached: {_why(error)}") from None


def _certificate_hint(message: str) -> str:
    lowered = message.lower()
    return next((hint for word, hint in _CERTIFICATE_HINTS.items() if word in lowered), _CHECK)


def _why(error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return "no such host is known"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection ({error.reason or type(error).__name__})"
    return type(error).__name__
