"""API keys: which mode they see, and what a restricted one may do.

A state can carry its own keys (meta `api_keys`), so that a server that is started alone on a
seeded file knows the restricted keys of that world.
"""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass

from stakactl.demo.offline_stripe.state import StripeState

_META = "api_keys"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """`permissions` of a restricted key: `rak_charge_read`, …; None means everything."""

    secret: str
    permissions: frozenset[str] | None = None

    @property
    def livemode(self) -> bool:
        return "_live_" in self.secret

    def allows(self, permission: str) -> bool:
        """The right to write includes the right to read."""
        if self.permissions is None or permission in self.permissions:
            return True
        read = permission.endswith("_read")
        return read and f"{permission.removesuffix('_read')}_write" in self.permissions


def save_keys(state: StripeState, keys: Iterable[ApiKey]) -> None:
    content = {
        key.secret: None if key.permissions is None else sorted(key.permissions) for key in keys
    }
    state.meta_set(_META, json.dumps(content))


def load_keys(state: StripeState) -> tuple[ApiKey, ...]:
    content: dict[str, list[str] | None] = json.loads(state.meta_get(_META) or "{}")
    return tuple(
        ApiKey(secret, None if rights is None else frozenset(rights))
        for secret, rights in content.items()
    )


def presented_key(authorization: str | None) -> str | None:
    """The key of a request: Bearer, or Basic with the key as user name."""
    scheme, _, credentials = (authorization or "").partition(" ")
    credentials = credentials.strip()
    if scheme.lower() == "basic":
        try:
            credentials = b64decode(credentials).decode().partition(":")[0]
        except (Base64Error, UnicodeDecodeError):
            return None
    elif scheme.lower() != "bearer":
        return None
    return credentials or None
