"""Names that people type where an id is wanted, and that must not be looked up or shown."""

import re

from stakactl.errors import UsageError

_SECRET = re.compile(r"(sk|rk|whsec|ek)_")


def refuse_secrets(name: str) -> None:
    """Raises UsageError for a secret key, and for nothing at all."""
    if not name:
        raise UsageError("the id is empty", hint="stakactl orders list shows ids of orders")
    if _SECRET.match(name):
        raise UsageError(
            "that is a secret key, not an id: it is not looked up and not shown",
            hint="roll it in Stripe's dashboard if others could see it in this terminal's history",
        )
