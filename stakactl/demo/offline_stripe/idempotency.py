"""Idempotency keys: the answer of a POST is kept in the transaction of its effect.

Whoever retries after a lost reply gets the first answer, also after the server was killed. What
was refused before it was executed is not kept; failures during execution are, 500s too.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.params import Tree
from stakactl.demo.offline_stripe.state import StripeState

LIFETIME = 24 * 3600
_MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Claim:
    """One request's hold on its key."""

    livemode: bool
    key: str
    path: str
    fingerprint: str
    now: int


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    status: int
    body: bytes
    request_id: str


class IdempotencyKeys:
    def __init__(self, state: StripeState) -> None:
        self._state = state
        self._in_flight: set[tuple[bool, str]] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(
        self, key: str, path: str, params: Tree, *, livemode: bool, now: int
    ) -> Iterator[Claim]:
        """Holds the key while the request runs; a second request meanwhile is a 409."""
        if len(key) > _MAX_LENGTH:
            raise refusals.key_too_long()
        mine = (livemode, key)
        with self._lock:
            if mine in self._in_flight:
                raise refusals.key_in_use(key)
            self._in_flight.add(mine)
        try:
            content = json.dumps(params, sort_keys=True).encode()
            yield Claim(livemode, key, path, hashlib.sha256(content).hexdigest(), now)
        finally:
            with self._lock:
                self._in_flight.discard(mine)

    def find(self, claim: Claim) -> KeptAnswer | None:
        """The answer that this key got before; inside the transaction of the request."""
        with self._state.transaction() as connection:
            row = connection.execute(
                "SELECT path, fingerprint, status, body, request_id FROM idempotency "
                "WHERE livemode = ? AND key = ? AND created > ?",
                (claim.livemode, claim.key, claim.now - LIFETIME),
            ).fetchone()
        if row is None:
            return None
        path, fingerprint, status, body, request_id = row
        if path != claim.path or fingerprint != claim.fingerprint:
            raise refusals.key_used_otherwise(claim.key, claim.path, path)
        return KeptAnswer(status, body, request_id)

    def keep(self, claim: Claim, answer: KeptAnswer) -> None:
        with self._state.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO idempotency "
                "(livemode, key, path, fingerprint, created, request_id, status, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    claim.livemode,
                    claim.key,
                    claim.path,
                    claim.fingerprint,
                    claim.now,
                    answer.request_id,
                    answer.status,
                    answer.body,
                ),
            )
