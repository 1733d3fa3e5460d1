"""Puts a seeded world into the demo's folder: Stripe's side, the orders, and the answer sheet."""

import json
import os
from pathlib import Path

from stakactl.demo.offline_stripe.state import StripeState
from stakactl.demo.world import Truth, World

STRIPE_DB = "stripe.db"
ORDERS = "orders.ndjson"
TRUTH = "truth.json"


def seed_demo(home: Path, world: World) -> None:
    """Writes `stripe.db`, `orders.ndjson` and `truth.json`; a folder is seeded once."""
    home.mkdir(parents=True, exist_ok=True)
    with StripeState(home / STRIPE_DB) as state, state.transaction():
        state.put_many(world.stripe_objects)
        for obj in world.stripe_objects:
            if obj.get("_deleted"):
                state.delete(obj["object"], obj["id"])
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in world.orders)
    _write(home / ORDERS, "".join(lines))
    _write(home / TRUTH, world.truth.to_json())


def load_truth(home: Path) -> Truth:
    """What was planted in the world that lies in `home`."""
    return Truth.from_json((home / TRUTH).read_text(encoding="utf-8"))


def _write(path: Path, text: str) -> None:
    """All or nothing."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
