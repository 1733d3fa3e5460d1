"""One HTTP exchange with a webhook, under the rules that Stripe keeps itself.

Redirects are not followed, certificates are verified, and of an answer only the status is looked
at: its body may hold anything, of any length.
"""

import http.client
import ssl
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from stakactl.adapters.webhooks.failures import APPLICATION, Peer, translated
from stakactl.errors import ConfigurationError
from stakactl.operations.ports.webhooks import Certificate

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: What a path may hold as it is; the rest is written as Stripe writes it.
_PATH = "/%:@!$&'()*+,;=~"
_QUERY = _PATH + "?"


class Endpoint:
    """The one address, which is `peer`'s. `timeout_seconds` is for each wait: to connect, to send,
    to answer."""

    def __init__(self, url: str, timeout_seconds: float, peer: Peer = APPLICATION) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.is_encrypted = parts.scheme == "https"
        self.is_loopback = self.host in _LOOPBACK
        self._port = parts.port
        query = f"?{quote(parts.query, safe=_QUERY)}" if parts.query else ""
        self._path = (quote(parts.path, safe=_PATH) or "/") + query
        self.peer = peer
        self._timeout = timeout_seconds

    def require_safe(self) -> None:
        """Raises ConfigurationError where what is sent could be read on its way."""
        if not self.is_encrypted and not self.is_loopback:
            raise ConfigurationError(
                f"{self.peer.setting} is not encrypted, and secrets would go there",
                hint="write it with https://",
            )

    def certificate(self, now: datetime) -> Certificate | None:
        """Connect; the verified certificate, or None without encryption. Raises WebhookError."""
        with (
            translated(self.peer, self.host, self._timeout),
            closing(self._connection()) as connection,
        ):
            connection.connect()
            if not isinstance(connection.sock, ssl.SSLSocket):
                return None
            return _certificate(connection.sock, self.host, now)

    def status_of(
        self, method: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> int:
        """The status of the answer. Raises WebhookError without one."""
        sent = {"User-Agent": "stakactl", "Connection": "close", **(headers or {})}
        with (
            translated(self.peer, self.host, self._timeout),
            closing(self._connection()) as connection,
        ):
            connection.request(method, self._path, body, sent)
            return connection.getresponse().status

    def deliver(self, body: bytes, signature: str) -> int:
        """The status of the answer to an event, posted as Stripe does."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature,
        }
        return self.status_of("POST", body, headers)

    def _connection(self) -> http.client.HTTPConnection:
        if not self.is_encrypted:
            return http.client.HTTPConnection(self.host, self._port, timeout=self._timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(
            self.host, self._port, timeout=self._timeout, context=context
        )


def _certificate(connection: ssl.SSLSocket, host: str, now: datetime) -> Certificate:
    described = connection.getpeercert() or {}
    ends_at = ssl.cert_time_to_seconds(str(described["notAfter"]))
    return Certificate(
        host=host,
        seen_at=now,
        ends_at=datetime.fromtimestamp(ends_at, UTC),
        issuer=_issuer(described.get("issuer", ())),
        protocol=connection.version() or "",
    )


def _issuer(names: object) -> str:
    """The organisation, else the common name: ((("organizationName", "Example CA"),), …)."""
    found = {name: value for part in names for name, value in part}  # type: ignore[attr-defined]
    return str(found.get("organizationName") or found.get("commonName") or "")
