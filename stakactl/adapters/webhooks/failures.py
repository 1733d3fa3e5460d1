"""What can go wrong on the way to a webhook, the application's or a chat's, and what to do."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stakactl.errors import WebhookError

#: By a word of OpenSSL's message.
_CERTIFICATE_HINTS = {
    "expired": "renew the certificate: Stripe delivers nothing until then",
    "not yet valid": "check the clocks of both machines, then the certificate",
    "self-signed": "use a certificate of a public authority: Stripe accepts no other",
    "local issuer": "let the server send its whole chain, with the intermediate certificates",
    "mismatch": "get a certificate for this host, or write the host that it names into "
    "STRIPE_WEBHOOK_URL",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """Whose webhook it is, for messages, and the setting that holds its address."""

    name: str
    setting: str

    def error(self, host: str, reason: str, hint: str = "") -> WebhookError:
        hint = hint or f"check {self.setting}"
        return WebhookError(f"{self.name} at {host} {reason}", hint=hint)


APPLICATION = Peer("the application's webhook", "STRIPE_WEBHOOK_URL")


@contextmanager
def translated(peer: Peer, host: str, timeout_seconds: float) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise peer.error(host, f"did not answer within {timeout_seconds:g} s") from None
    except ssl.SSLCertVerificationError as error:
        reason = f"has no valid certificate: {error.verify_message}"
        hint = _certificate_hint(error.verify_message) if peer is APPLICATION else ""
        raise peer.error(host, reason, hint) from None
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise peer.error(host, f"cannot be reached: {_why(error)}") from None


def _certificate_hint(message: str) -> str:
    lowered = message.lower()
    return next((hint for word, hint in _CERTIFICATE_HINTS.items() if word in lowered), "")


def _why(error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return "no such host is known"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, ssl.SSLError):
        return f"no TLS connection ({error.reason or type(error).__name__})"
    return type(error).__name__
