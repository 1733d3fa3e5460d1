"""Delivering an event to the application's own webhook, as Stripe would.

Redirects are not followed, as Stripe follows none: a signed event goes to the one address that
was set. The answer's body is not looked at: it may hold anything.
"""

import http.client
import ssl
from urllib.parse import urlsplit

from stakactl.errors import ConfigurationError, WebhookError

TIMEOUT_SECONDS = 20.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class WebhookSender:
    """Posts signed bodies to one URL. Raises WebhookError unless the answer is 2xx."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ConfigurationError(
                "STRIPE_WEBHOOK_URL is not encrypted: signed events would go there",
                hint="write it with https://",
            )
        self._parts = parts
        self._timeout = timeout_seconds

    def post(self, body: bytes, signature: str) -> None:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
            "User-Agent": "stakactl",
            "Connection": "close",
        }
        connection = self._connection()
        try:
            connection.request("POST", self._parts.path or "/", body, headers)
            status = connection.getresponse().status
        except TimeoutError:
            raise self._failed(f"did not answer within {self._timeout:.0f} s") from None
        except ssl.SSLCertVerificationError as error:
            raise self._failed(f"has no valid certificate: {error.verify_message}") from None
        except (OSError, http.client.HTTPException) as error:
            raise self._failed(f"cannot be reached: {type(error).__name__}") from None
        finally:
            connection.close()
        if not 200 <= status < 300:
            raise self._refused(status)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)

    def _refused(self, status: int) -> WebhookError:
        if status == 400:
            hint = "check STRIPE_WEBHOOK_SECRET: it must be the one that the application has"
        elif 300 <= status < 400:
            hint = "set STRIPE_WEBHOOK_URL to the address itself: redirects are not followed"
        else:
            hint = "look into the application's log, then run again"
        return self._failed(f"answered {status}", hint)

    def _failed(self, reason: str, hint: str = "check STRIPE_WEBHOOK_URL") -> WebhookError:
        where = self._parts.hostname or ""
        return WebhookError(f"the application's webhook at {where} {reason}", hint=hint)
