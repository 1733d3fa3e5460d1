"""The store itself: indexes, cursors, several threads and processes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stakactl.demo.offline_stripe.conditions import where
from stakactl.demo.offline_stripe.layout import INDEXED
from stakactl.demo.offline_stripe.state import StripeState, UnknownCursorError
from tests.demo.objects import NOW, make, session


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StripeState]:
    with StripeState(tmp_path / "stripe.db") as opened:
        yield opened


def ids(objects: list[dict[str, Any]]) -> list[str]:
    return [obj["id"] for obj in objects]


def plan_of(state: StripeState, condition: str, *values: object) -> str:
    with state.transaction() as connection:
        rows = connection.execute(
            "EXPLAIN QUERY PLAN SELECT body FROM objects WHERE kind = ? AND livemode = ? "
            f"AND deleted = 0 {condition} ORDER BY created DESC, seq DESC LIMIT 101",
            ("checkout.session", True, *values),
        ).fetchall()
    return " | ".join(row[3] for row in rows)


def test_lists_are_read_from_an_index_in_their_own_order(state: StripeState) -> None:
    state.put_many(session(number) for number in range(1000))
    cursor = "AND (created, seq) < (?, ?)"
    plain = plan_of(state, "")
    assert "objects_newest" in plain
    assert "TEMP B-TREE" not in plain
    after = plan_of(state, cursor, NOW, 500)
    assert "objects_newest" in after
    assert "TEMP B-TREE" not in after
    for column in INDEXED:
        filtered = plan_of(state, f"AND {column} = ? {cursor}", "x", NOW, 500)
        assert f"objects_{column}" in filtered
        assert "TEMP B-TREE" not in filtered
    (status, customer), values = where("checkout.session", {"status": "open", "customer": "cus_1"})
    both = plan_of(state, f"AND {status} AND {customer}", *values)
    assert "objects_customer" in both  # "open" alone would leave too many
    several = plan_of(state, "AND +type IN (?, ?)", "a", "b")
    assert "objects_newest" in several
    assert "TEMP B-TREE" not in several


def test_putting_again_replaces_and_keeps_the_place(state: StripeState) -> None:
    state.put_many([session(1), session(2), session(3)])
    state.put(session(2, status="expired", customer="cus_9"))
    assert ids(state.list("checkout.session").objects) == [f"cs_live_0000{n}" for n in (3, 2, 1)]
    assert ids(state.list("checkout.session", {"customer": "cus_9"}).objects) == ["cs_live_00002"]
    assert state.list("checkout.session", {"customer": "cus_0"}).bodies == ()


def test_what_is_hidden_or_private_stays_through_updates(state: StripeState) -> None:
    state.put(make("balance_transaction", "txn_1") | {"_payout": "po_1"})
    movement = state.get("balance_transaction", "txn_1")
    assert movement is not None
    assert "_payout" not in movement
    state.put(movement | {"status": "pending"})
    (found,) = state.list("balance_transaction", {"_payout": "po_1"}).objects
    assert found["status"] == "pending"
    state.put(make("charge", "ch_1", refunds={"object": "list", "data": []}))
    charge = state.get("charge", "ch_1")
    assert charge is not None
    assert "refunds" not in charge
    state.put(charge)
    assert state.hidden("charge", "ch_1") == {"refunds": {"object": "list", "data": []}}


def test_deleting(state: StripeState) -> None:
    state.put_many([make("customer", "cus_1"), make("product", "prod_1")])
    assert state.delete("customer", "cus_1")
    assert not state.delete("customer", "cus_1")
    assert state.delete("product", "prod_1")
    assert state.get("customer", "cus_1") == {"id": "cus_1", "object": "customer", "deleted": True}
    assert state.get("product", "prod_1") is None
    assert state.count("customer") == 0
    assert state.mode_of("customer", "cus_1") is None
    with pytest.raises(UnknownCursorError):
        state.list("customer", starting_after="cus_none")


def test_a_transaction_is_all_or_nothing(state: StripeState) -> None:
    class BoomError(Exception):
        pass

    def half() -> None:
        with state.transaction():
            state.put(make("customer", "cus_1"))
            with state.transaction():
                state.meta_set("a", "b")
            raise BoomError

    with pytest.raises(BoomError):
        half()
    assert state.get("customer", "cus_1") is None
    assert state.meta_get("a") is None


def test_many_threads(state: StripeState) -> None:
    numbers: list[int] = []

    def work(name: int) -> None:
        for step in range(20):
            state.put(make("customer", f"cus_{name}_{step}"))
            numbers.append(state.next_number("counter"))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == list(range(1, 161))
    assert state.count("customer") == 160


COUNTING = """
import sys
from pathlib import Path
from stakactl.demo.offline_stripe.state import StripeState
with StripeState(Path(sys.argv[1])) as state:
    for step in range(50):
        state.next_number("counter")
        state.put({"id": f"cus_{sys.argv[2]}_{step}", "object": "customer", "created": step})
"""


def test_two_processes(state: StripeState) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", COUNTING, str(state.path), name]) for name in "ab"
    ]
    assert [run.wait() for run in runs] == [0, 0]
    assert state.count("customer") == 100
    assert state.next_number("counter") == 101


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stripe.db"
    with StripeState(path) as state, state.transaction() as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ValueError, match="another version"):
        StripeState(path)


def test_filling_is_fast_enough_for_a_million(state: StripeState) -> None:
    """Not a benchmark: a guard against a commit or a query per row."""
    statements: list[str] = []
    with state.transaction() as connection:
        connection.set_trace_callback(statements.append)
        state.put_many(session(number) for number in range(300))
        connection.set_trace_callback(None)
    assert len(statements) <= 301
