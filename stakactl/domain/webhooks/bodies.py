"""Events as bytes, and the event that only asks whether anybody listens."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

#: Stripe has no such type, so no application does anything about it.
PROBE_TYPE = "stakactl.probe"


def body_of(event: Mapping[str, Any]) -> bytes:
    """The bytes that are signed and sent, indented as Stripe's are."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode("utf-8")


def probe_event(at: datetime, *, livemode: bool, api_version: str | None) -> dict[str, Any]:
    """An event in every respect but its type. Its id is another each time, because applications
    that remember ids would not look at it twice."""
    return {
        "id": f"evt_stakactlprobe{at:%Y%m%d%H%M%S%f}",
        "object": "event",
        "api_version": api_version,
        "created": int(at.timestamp()),
        "data": {"object": {"id": "stakactl_probe", "object": PROBE_TYPE, "livemode": livemode}},
        "livemode": livemode,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": PROBE_TYPE,
    }
