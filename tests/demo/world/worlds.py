"""Worlds for the tests of the seeded world, built once per process."""

from collections import defaultdict
from datetime import UTC, datetime
from functools import cache
from typing import Any

from stakactl.demo.world import World, build_world

Json = dict[str, Any]

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SEEDS = (1, 2, 3)


@cache
def world(seed: int = 1) -> World:
    return build_world(seed, NOW)


@cache
def objects(seed: int = 1) -> dict[str, dict[str, Json]]:
    """kind → id → object."""
    found: dict[str, dict[str, Json]] = defaultdict(dict)
    for obj in world(seed).stripe_objects:
        found[obj["object"]][obj["id"]] = obj
    return found


def orders(seed: int = 1) -> dict[str, Json]:
    return {row["order_id"]: row for row in world(seed).orders}
