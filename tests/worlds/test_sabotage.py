"""What cannot be planted in Stripe or in the orders is damaged after a clean night, and found."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from stakactl.demo.seed import load_truth
from stakactl.domain.findings import Discrepancy
from stakactl.domain.runs import Outcome
from stakactl.errors import StorageError
from stakactl.operations.nightly import nightly
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from tests.operations.nightly_world import NightlyWorld, nightly_world
from tests.worlds.expected import Keys, keys
from tests.worlds.sabotage import AFTER_SYNC, BEFORE_SYNC, REPAIRED, Expected, Victims

ORDERS = 160


def clean_night(running: NightlyWorld) -> Keys:
    """The night ends as planted; what it leaves to people stands ever after."""
    report = nightly(running.container)
    assert running.home.differences(report) == ()
    return keys(report.remaining)


def look(running: NightlyWorld, *, sync: bool = True, fix: bool = False) -> ReconcileReport:
    running.clock.move(minutes=1)
    return reconcile(running.container, ReconcileRequest(sync=sync, fix=fix))


def concerned(running: NightlyWorld) -> set[str]:
    """Orders about which something was planted."""
    truth = load_truth(running.home.path)
    return {one.order_id or "" for one in (*truth.planted, *truth.consequences)}


def test_every_damage_is_found_and_only_the_safe_ones_repaired(
    database_url: str, tmp_path: Path
) -> None:
    with nightly_world(tmp_path, database_url, seed=31, orders=ORDERS) as running:
        standing = clean_night(running)
        victims = Victims(running, concerned(running))
        damage = Expected()
        for sabotage in BEFORE_SYNC:
            damage += sabotage(victims)
        assert keys(look(running).findings) == standing + damage
        for sabotage in AFTER_SYNC:
            damage += sabotage(victims)
        assert keys(look(running, sync=False).findings) == standing + damage

        repaired = look(running, sync=False, fix=True)
        done = Counter({key: n for key, n in damage.items() if key[0] in REPAIRED})
        count = len(repaired.changes)
        assert keys(repaired.findings[:count]) == done
        assert keys(repaired.findings[count:]) == standing + damage - done
        assert keys(look(running).findings) == standing + damage - done


def test_all_that_a_world_cannot_hold_is_sabotaged(sqlite_url: str, tmp_path: Path) -> None:
    """Every class is planted, a consequence, damaged, the storage's own, or of `invoices verify`
    alone, at least twice."""
    with nightly_world(tmp_path, sqlite_url, seed=32, orders=ORDERS) as running:
        clean_night(running)
        victims = Victims(running, concerned(running))
        truth = load_truth(running.home.path)
        planted = (*truth.planted, *truth.consequences)
        found = Counter(str(one.discrepancy) for one in planted)
        for sabotage in (*BEFORE_SYNC, *AFTER_SYNC):
            found.update(name for name, _ in sabotage(victims))
    rare = {kind for kind in Discrepancy if found[str(kind)] < 2}
    assert rare == {Discrepancy.STORAGE_UNKNOWN, Discrepancy.PDF_CONTENT}


class SilentStore:
    """A bucket that refuses: nothing may be concluded about what it holds."""

    def listing(self, prefix: str) -> Iterator[object]:
        return map(self.get, (prefix,))  # a list is read while it is asked for

    def get(self, key: str) -> object:
        raise StorageError(f"the store answered 403 for {key}", hint="check the credentials")

    head = get


def test_a_silent_store_is_not_an_empty_one(sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=33, orders=ORDERS) as running:
        standing = clean_night(running)
        running.put(store=SilentStore())
        report = look(running, sync=False, fix=True)
        assert report.outcome is Outcome.INCOMPLETE
        assert any("403" in line for line in report.unread)
        told = keys(report.findings) - standing
        assert {name for name, _ in told} == {str(Discrepancy.STORAGE_UNKNOWN)}
        assert not standing - keys(report.findings)
        assert report.changes == ()
