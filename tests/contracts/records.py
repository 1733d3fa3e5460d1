"""What every RunLog, ChangeLog, FindingLog, RunLock and StoreBinding promises, real or fake."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stakactl.domain.changes import Change, ChangeState
from stakactl.domain.findings import Discrepancy, Finding, FindingState, FixState
from stakactl.domain.runs import Mode, Outcome, Run
from stakactl.errors import LockHeld, StoreForeign
from stakactl.operations.ports import (
    ChangeLog,
    FindingLog,
    Look,
    OrderBook,
    RunLock,
    RunLog,
    StoreBinding,
)
from tests.builders import NOW, ORDERED, an_order

LATER = NOW + timedelta(hours=1)


def a_finding(order_id: str) -> Finding:
    return Finding(
        Discrepancy.LINK_CONFLICT,
        since=ORDERED,
        expected="cs_1 belongs to this order",
        seen="cs_1 names another",
        hint="decide",
        order_id=order_id,
        refs={"other_order": "B-1"},
    )


class RunLogContract:
    """Subclasses bring the fixture `runs`."""

    def test_a_run_from_start_to_end(self, runs: RunLog) -> None:
        runs.start("run_1", "nightly", NOW)
        assert runs.get("run_1") == Run("run_1", "nightly", NOW, None, None, {})
        runs.finish("run_1", Outcome.PARTIAL, {"issued": 3, "note": "é"}, LATER)
        ended = Run("run_1", "nightly", NOW, LATER, Outcome.PARTIAL, {"issued": 3, "note": "é"})
        assert runs.get("run_1") == ended
        assert runs.get("run_2") is None

    def test_newest_first(self, runs: RunLog) -> None:
        for number in range(3):
            runs.start(f"run_{number}", "sync", NOW + timedelta(minutes=number))
        assert [run.run_id for run in runs.find()] == ["run_2", "run_1", "run_0"]
        assert [run.run_id for run in runs.find(limit=1)] == ["run_2"]


class ChangeLogContract:
    """Subclasses bring the fixtures `changes` and `orders` of one store."""

    def test_applied_changes_are_recorded(self, changes: ChangeLog, orders: OrderBook) -> None:
        orders.import_orders([an_order()])
        change = Change("A-1", "fnd_1", "refund", {"refunded_minor": None}, {"refunded_minor": 5})
        assert orders.apply(change, "run_1", NOW)
        assert not orders.apply(change, "run_2", NOW)
        assert orders.apply(change.inverse(), "run_3", LATER)
        newest, oldest = changes.find()
        assert (oldest.run_id, oldest.recorded_at, oldest.change) == ("run_1", NOW, change)
        assert (newest.run_id, newest.state) == ("run_3", ChangeState.DONE)
        assert newest.change_id > oldest.change_id
        assert changes.find("run_1") == [oldest]
        assert changes.find(limit=1) == [newest]
        assert changes.find("run_2") == []


def look(n: int, run: int | None = None, began: datetime = NOW) -> Look:
    return Look(f"look_{n}", f"run_{run or n}", began)


class FindingLogContract:
    """Subclasses bring the fixture `findings`."""

    def test_what_earlier_runs_found_is_known(self, findings: FindingLog) -> None:
        one, two = a_finding("A-1"), a_finding("A-2")
        assert findings.known("run_1") == set()
        findings.record([one, one], look(1), NOW)
        assert findings.known("run_1") == set()
        assert findings.known("run_2") == {one.finding_id}
        findings.record([one, two], look(2), LATER)
        assert findings.known("run_2") == {one.finding_id}
        assert findings.known("run_3") == {one.finding_id, two.finding_id}

    def test_when_it_was_first_and_last_seen(self, findings: FindingLog) -> None:
        one, two = a_finding("A-1"), replace(a_finding("A-2"), state=FindingState.HISTORICAL)
        (new,) = findings.record([one], look(1), NOW)
        assert new == replace(one, first_seen_at=NOW, last_seen_at=NOW)
        again, historical = findings.record([one, two], look(2, began=LATER), LATER)
        assert again == replace(
            one, state=FindingState.PERSISTING, first_seen_at=NOW, last_seen_at=LATER
        )
        assert historical == replace(two, first_seen_at=LATER, last_seen_at=LATER)
        assert list(findings.standing(look(2, began=LATER))) == [again, historical]

    def test_a_look_reads_back_what_it_found_most_urgent_first(self, findings: FindingLog) -> None:
        urgent = [
            replace(a_finding(f"A-{n}"), since=NOW - timedelta(days=n % 7), refs={"charge": "ch_1"})
            for n in range(2500)
        ]
        waiting = replace(
            a_finding("B-1"),
            discrepancy=Discrepancy.ASYNC_PENDING,
            since=NOW - timedelta(days=90),
            break_on=NOW,
            fix=FixState.PLANNED,
        )
        this = look(2)
        stated = findings.record([waiting], this, NOW)
        for at in range(0, len(urgent), 1000):
            stated += findings.record(urgent[at : at + 1000], this, NOW)
        findings.record([a_finding("of another look")], look(1), NOW)
        key = lambda f: (f.discrepancy.priority, f.since, f.finding_id)  # noqa: E731
        assert list(findings.standing(this)) == sorted(stated, key=key)

    def test_what_is_gone_is_resolved_and_new_when_it_comes_back(
        self, findings: FindingLog
    ) -> None:
        one, two = a_finding("A-1"), a_finding("A-2")
        findings.record([one, two], look(1), NOW)
        findings.record([two], look(2), LATER)
        findings.resolve(look(2), LATER)
        assert findings.known("run_3") == {two.finding_id}
        count, shown = findings.resolved_by("run_2", 5)
        assert (count, [finding.order_id for finding in shown]) == (1, ["A-1"])
        assert findings.resolved_by("run_2", 0) == (1, [])
        findings.record([one, two], look(3), LATER)
        assert findings.known("run_3") == {two.finding_id}
        assert findings.known("run_4") == {one.finding_id, two.finding_id}
        assert findings.resolved_by("run_2", 5) == (0, [])

    def test_what_a_run_itself_found_is_not_told_as_resolved(self, findings: FindingLog) -> None:
        findings.record([a_finding("A-1")], look(1), NOW)
        findings.resolve(look(2, run=1), NOW)
        assert findings.known("run_2") == set()
        assert findings.resolved_by("run_1", 5) == (0, [])

    def test_what_is_repaired_is_closed_unless_it_stands_again(self, findings: FindingLog) -> None:
        one, two = a_finding("A-1"), a_finding("A-2")
        findings.record([one, two], look(1), NOW)
        findings.record([one], look(2), LATER)
        findings.close([one.finding_id, two.finding_id], look(2), LATER)
        assert findings.known("run_3") == {one.finding_id}
        assert findings.resolved_by("run_2", 5) == (0, [])

    def test_what_another_run_saw_in_the_meantime_is_not_resolved(
        self, findings: FindingLog
    ) -> None:
        """Two looks at once: the slower one found it before the other did."""
        one = a_finding("A-1")
        slow, quick = look(1, began=NOW), look(2, began=NOW)
        findings.record([one], slow, LATER)
        findings.record([one], quick, LATER)
        findings.resolve(slow, LATER)
        assert findings.known("run_3") == {one.finding_id}
        assert [finding.order_id for finding in findings.standing(slow)] == ["A-1"]


class RunLockContract:
    """Subclasses bring the fixture `lock`."""

    def test_one_holder_at_a_time(self, lock: RunLock) -> None:
        with lock.hold("run_1", "nightly"):
            with pytest.raises(LockHeld, match=r"nightly.*run_1") as caught:
                lock.hold("run_2", "undo").__enter__()
            assert caught.value.hint
        with lock.hold("run_2", "undo"):
            pass

    def test_an_error_releases_it(self, lock: RunLock) -> None:
        with pytest.raises(RuntimeError), lock.hold("run_1", "nightly"):
            raise RuntimeError
        with lock.hold("run_2", "nightly"):
            pass


class StoreBindingContract:
    """Subclasses bring the fixture `binding`."""

    def test_a_store_belongs_to_one_account_and_mode(self, binding: StoreBinding) -> None:
        binding.bind("acct_1", Mode.TEST)
        binding.bind("acct_1", Mode.TEST)
        for account, mode in [("acct_2", Mode.TEST), ("acct_1", Mode.LIVE)]:
            with pytest.raises(StoreForeign, match=r"acct_1.*test") as caught:
                binding.bind(account, mode)
            assert caught.value.hint
