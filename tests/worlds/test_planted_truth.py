"""Findings equal the planted truth, repairs are the safe ones, and undo brings back what was.

Whole generated worlds over real HTTP, on SQLite and PostgreSQL: 0 missed, 0 invented.
"""

from pathlib import Path

import pytest

from stakactl.demo.world import build_world
from stakactl.domain.fixes import recorded_fields
from stakactl.domain.runs import Outcome
from stakactl.operations.ports import OrderFilter
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.undo import plan_of_undo, undo
from tests.operations.nightly_world import NOW, NightlyWorld, nightly_world
from tests.worlds.expected import after_fixes, at_first, fixed, keys

EVERYTHING = 100_000
SOAK_ORDERS = 2000
SOAK_SEEDS = (11, 12, 13, 14)


def look(running: NightlyWorld, *, fix: bool = False) -> ReconcileReport:
    running.clock.move(minutes=1)
    report = reconcile(running.container, ReconcileRequest(fix=fix))
    assert report.unread == ()
    assert report.outcome is Outcome.FINDINGS
    return report


def fields_of_orders(running: NightlyWorld) -> dict[str, object]:
    found = running.container.orders.find(OrderFilter(limit=EVERYTHING))
    return {order.order_id: recorded_fields(order) for order in found}


def check_world(folder: Path, database_url: str, seed: int, orders: int) -> None:
    world = build_world(seed, NOW, orders=orders)
    with nightly_world(folder, database_url, seed=seed, orders=orders) as running:
        before = fields_of_orders(running)
        first = look(running)
        assert keys(first.findings) == at_first(world)
        assert fields_of_orders(running) == before
        repaired = look(running, fix=True)
        applied = keys(repaired.findings[: len(repaired.changes)])
        assert applied == fixed(world.truth)
        assert len(repaired.changes) == sum(applied.values())
        assert keys(repaired.findings[len(repaired.changes) :]) == after_fixes(world)
        assert keys(look(running).findings) == after_fixes(world)
        running.clock.move(minutes=1)
        taken_back = undo(running.container, plan_of_undo(running.container, repaired.run_id))
        assert taken_back.outcome is Outcome.OK
        assert fields_of_orders(running) == before
        assert keys(look(running).findings) == at_first(world)
        running.check_contract()


def test_a_world_of_every_class(database_url: str, tmp_path: Path) -> None:
    check_world(tmp_path, database_url, seed=7, orders=400)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SOAK_SEEDS)
def test_larger_worlds(seed: int, sqlite_url: str, tmp_path: Path) -> None:
    check_world(tmp_path, sqlite_url, seed, SOAK_ORDERS)


@pytest.mark.soak
def test_a_larger_world_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    check_world(tmp_path, postgresql_url, seed=15, orders=SOAK_ORDERS)
