"""Numbers, mails and the lock when many want them at once, or die while they have them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from stakactl.adapters.database.process import this_process
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables.mail import outbox as outbox_table
from stakactl.adapters.database.tables.store import run_lock
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.domain.mail import MailStatus
from stakactl.domain.numbering import Series
from stakactl.errors import DatabaseError, LockHeld
from stakactl.operations.ports import InvoiceFilter
from tests.adapters.database.workers import workers
from tests.builders import NOW, an_order
from tests.contracts.issuing import FACT, TODAY, issue_for, order, snapshot_of
from tests.contracts.outbox import queue

THREADS = 6


def gapless(store: Store, count: int) -> None:
    numbers = sorted(
        invoice.number for invoice in store.invoices.find(InvoiceFilter(limit=count + 1))
    )
    assert numbers == [f"FACT-2026-{number:06d}" for number in range(1, count + 1)]


def issue_in_processes(store: Store, url: str, each: int) -> None:
    with workers(8, "issue", url, str(each)) as started:
        for worker in started:
            worker.go()
        assert [worker.wait() for worker in started] == [0] * 8
    gapless(store, 8 * each + 5)


def test_numbers_have_no_gap_with_eight_processes(store: Store, database_url: str) -> None:
    issue_in_processes(store, database_url, 25)


@pytest.mark.soak
def test_numbers_have_no_gap_with_eight_processes_and_many_orders(
    store: Store, database_url: str
) -> None:
    issue_in_processes(store, database_url, 200)


@pytest.mark.parametrize("mode", ["die_while_freezing", "die_before_commit"])
def test_a_process_killed_while_issuing_costs_no_number(
    store: Store, database_url: str, mode: str
) -> None:
    with workers(1, mode, database_url) as (worker,):
        worker.go()
        assert worker.wait() == -9
    assert store.invoices.count() == 0
    assert issue_for(store.invoices, an_order()).number == "FACT-2026-000001"


def test_a_mail_is_claimed_by_one_only(store: Store, database_url: str) -> None:
    for number in range(THREADS * 2):
        queue(store.invoices, number)

    def claim(_: int) -> list[int]:
        own = Store.open(database_url)
        try:
            return [mail.mail_id for mail in iter(lambda: own.outbox.claim(NOW), None)]
        finally:
            own.close()

    with ThreadPoolExecutor(THREADS) as pool:
        claimed = [mail_id for ids in pool.map(claim, range(THREADS)) for mail_id in ids]
    assert len(claimed) == len(set(claimed)) == THREADS * 2


def test_a_mail_of_a_killed_process_is_interrupted(store: Store, database_url: str) -> None:
    queue(store.invoices, 1)
    with workers(1, "claim_mail", database_url) as (worker,):
        worker.go()
        worker.hear("claimed")
        assert store.outbox.interrupted(NOW) == []
        worker.kill()
        assert len(store.outbox.interrupted(NOW)) == 1


def test_what_a_killed_process_had_not_begun_is_given_back(store: Store) -> None:
    for number in range(5):
        queue(store.invoices, number)
    later = NOW + timedelta(seconds=1)
    first = store.outbox.claim_ahead(NOW, 0, 3)
    second = store.outbox.claim_ahead(later, 0, 2)
    store.outbox.settle(first[0].mail_id, MailStatus.SENT, NOW)
    _claimant_becomes(store, process_started="long ago")
    doubtful = [mail.mail_id for mail in store.outbox.interrupted(later)]
    assert doubtful == [first[1].mail_id, second[0].mail_id], "the first left of each claim"
    assert [mail.mail_id for mail in store.outbox.find(MailStatus.QUEUED)] == [
        second[1].mail_id,
        first[2].mail_id,
    ]


def test_of_a_process_that_nobody_can_ask_all_may_be_sent(store: Store) -> None:
    for number in range(2):
        queue(store.invoices, number)
    store.outbox.claim_ahead(NOW, 0, 2)
    _claimant_becomes(store, machine="another boot")
    assert len(store.outbox.interrupted(NOW + timedelta(hours=1))) == 2
    _claimant_becomes(store, machine=this_process().machine, process_started="", pid=2**22 + 1)
    assert len(store.outbox.interrupted(NOW)) == 2, "no start times: perhaps another boot"


def _claimant_becomes(store: Store, **values: object) -> None:
    with store.database.write() as connection:
        connection.execute(outbox_table.update().values(**values))


def test_a_mail_claimed_elsewhere_is_interrupted_after_a_while(store: Store) -> None:
    queue(store.invoices, 1)
    store.outbox.claim(NOW)
    with store.database.write() as connection:
        connection.execute(outbox_table.update().values(machine="another"))
    assert store.outbox.interrupted(NOW + timedelta(minutes=15)) == []
    assert len(store.outbox.interrupted(NOW + timedelta(minutes=15, seconds=1))) == 1


def test_of_many_starts_at_once_one_wins(store: Store, database_url: str) -> None:
    everybody_tried = threading.Barrier(THREADS)

    def start(number: int) -> bool:
        own = Store.open(database_url)
        try:
            with own.lock.hold(f"run_{number}", "nightly"):
                everybody_tried.wait(timeout=60)
                return True
        except LockHeld:
            everybody_tried.wait(timeout=60)
            return False
        finally:
            own.close()

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(start, range(THREADS))) == 1
    with store.lock.hold("run_after", "nightly"):
        pass


def test_the_lock_of_a_killed_process_is_taken_over_at_once(
    store: Store, database_url: str
) -> None:
    with workers(1, "hold_lock", database_url) as (worker,):
        worker.go()
        worker.hear("held")
        with pytest.raises(LockHeld, match="run_of_the_dead"):
            store.lock.hold("run_2", "undo").__enter__()
        worker.kill()
        with store.lock.hold("run_2", "undo"):
            pass


def leave_lock(store: Store, **fields: object) -> None:
    """Somebody's lock: another machine's, with a lease of one minute unless said otherwise."""
    now = datetime.now(UTC)
    row: dict[str, object] = {
        "name": "run",
        "token": "theirs",
        "run_id": "run_1",
        "command": "nightly",
        "host": "elsewhere",
        "machine": "another",
        "pid": 1,
        "process_started": "1",
        "acquired_at": now,
        "lease_until": now + timedelta(minutes=1),
    }
    with store.database.write() as connection:
        connection.execute(run_lock.insert(), {**row, **fields})


def test_the_lock_of_another_host_is_respected_during_its_lease(store: Store) -> None:
    leave_lock(store)
    with pytest.raises(LockHeld, match=r"nightly.*run_1.*elsewhere"):
        store.lock.hold("run_2", "undo").__enter__()


def test_the_lock_of_another_host_is_taken_over_after_its_lease(store: Store) -> None:
    leave_lock(store, lease_until=datetime.now(UTC) - timedelta(seconds=1))
    with store.lock.hold("run_2", "undo"):
        pass


def test_the_heartbeat_renews_the_lease(database_url: str) -> None:
    store = Store.open(database_url, lease=timedelta(milliseconds=150))
    with store.lock.hold("run_1", "nightly"):
        first = _lease(store)
        while _lease(store) == first:
            threading.Event().wait(0.01)
    store.close()


def test_a_lock_that_was_lost_is_told(database_url: str) -> None:
    store = Store.open(database_url, lease=timedelta(milliseconds=90))
    with pytest.raises(DatabaseError, match="lost its lock"), store.lock.hold("run_1", "nightly"):
        lose_lock(store)
    with store.database.read() as connection:
        assert connection.execute(run_lock.select()).one().token == "theirs"
    store.close()


def lose_lock(store: Store) -> None:
    """Another run takes over while we work; returns once our heartbeat knows."""
    (beat,) = [thread for thread in threading.enumerate() if thread.name == "run-lock"]
    with store.database.write() as connection:
        connection.execute(run_lock.delete())
    leave_lock(store)
    beat.join(timeout=30)


def _lease(store: Store) -> datetime:
    with store.database.read() as connection:
        found: datetime = connection.execute(run_lock.select()).one().lease_until
        return found


def test_of_two_series_that_want_one_order_the_loser_gets_none_and_no_number(
    store: Store, database_url: str
) -> None:
    """PostgreSQL only: there two series are issued at the same time, in SQLite never."""
    if store.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time")
    faster = Store.open(database_url)

    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        issue_for(faster.invoices, order(1), series=Series("OTHER"))
        return snapshot_of(order(1), number, issued_on)

    lost = store.invoices.issue("A-1", "u_1", FACT, NOW, TODAY, "run_1", freeze)
    faster.close()
    assert lost is None
    assert store.invoices.count() == 1
    assert issue_for(store.invoices, order(2)).number == "FACT-2026-000001"
