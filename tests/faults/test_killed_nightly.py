"""`kill -9` anywhere in a night, then one rerun: everything is finished, nothing is done twice."""

import hashlib
import json
import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from stakactl.operations.ports import InvoiceFilter, OrderFilter
from tests.faults.demos import Demo

EVERYTHING = 100_000
PLACES = 2
#: The full suite is cut into pieces that can run side by side.
SHARDS = 16
#: Change it to try other places; a failing one is named by the test's id.
SEED = 20261121


@dataclass(frozen=True)
class Outcome:
    """What a night leaves behind, without the things that may differ (numbers, times, ids)."""

    orders: dict[str, str]
    invoiced: dict[str, int]
    findings: frozenset[tuple[str, str]]
    mailed: Counter[str]


def outcome(demo: Demo, report: dict[str, Any]) -> Outcome:
    """Check what must hold after any night, and gather what must be equal after every one."""
    with demo.store() as store:
        invoices = store.invoices.find(InvoiceFilter(limit=EVERYTHING))
        outbox = store.outbox.find(limit=EVERYTHING)
        orders = store.orders.find(OrderFilter(limit=EVERYTHING))
    numbers = sorted(invoice.number for invoice in invoices)
    prefix = numbers[0].rpartition("-")[0]
    assert numbers == [f"{prefix}-{n:06d}" for n in range(1, len(numbers) + 1)], "gap or double"
    for invoice in invoices:
        pdf = (demo.home / invoice.object_key).read_bytes()
        assert hashlib.sha256(pdf).hexdigest() == invoice.sha256, invoice.number
    assert len(list((demo.home / "invoices").rglob("*.pdf"))) == len(invoices)
    assert not list((demo.home / "spool").glob("*.pdf")), "the spool is not empty"
    mails = [message_from_bytes(path.read_bytes()) for path in (demo.home / "mail").glob("*.eml")]
    assert {mail.status for mail in outbox} == {"sent"}
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == len(outbox)
    return Outcome(
        {order.order_id: order.status for order in orders},
        {invoice.order_id: invoice.total.minor for invoice in invoices},
        frozenset((item["class"], item["object"]) for item in report["items"]),
        # What is told of this machine's disk and memory may differ between two nights.
        Counter(to for mail in mails if "admin@" not in (to := str(mail["To"]))),
    )


@dataclass(frozen=True)
class Night:
    """A night without a kill: its home and report, and how many places there are to kill it at."""

    demo: Demo
    report: dict[str, Any]
    points: int
    outcome: Outcome


@pytest.fixture(scope="session")
def undisturbed(seeded: Demo, tmp_path_factory: pytest.TempPathFactory) -> Night:
    demo = seeded.copy(tmp_path_factory.mktemp("undisturbed"))
    result = demo.nightly()
    assert result.returncode == 1, result.stderr
    points = int(result.stderr.rpartition("points: ")[2])
    report = json.loads(result.stdout)
    return Night(demo, report, points, outcome(demo, report))


def killed_and_rerun(demo: Demo, point: int) -> Outcome:
    killed = demo.nightly(point)
    assert killed.returncode == -9, f"not killed at {point}: {killed.stderr}"
    rerun = demo.nightly()
    assert rerun.returncode == 1, f"killed at {point}: {rerun.stderr}\n{rerun.stdout[-2000:]}"
    return outcome(demo, json.loads(rerun.stdout))


@pytest.mark.parametrize("place", range(PLACES))
def test_one_rerun_finishes_what_a_kill_interrupted(
    place: int, seeded: Demo, undisturbed: Night, tmp_path: Path
) -> None:
    share = undisturbed.points // PLACES
    point = 1 + place * share + random.Random(SEED + place).randrange(share)
    assert killed_and_rerun(seeded.copy(tmp_path), point) == undisturbed.outcome


@pytest.mark.soak
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_place_to_be_killed_at(
    shard: int, seeded: Demo, undisturbed: Night, tmp_path: Path
) -> None:
    for point in range(1 + shard, undisturbed.points + 1, SHARDS):
        left = killed_and_rerun(seeded.copy(tmp_path / str(point)), point)
        assert left == undisturbed.outcome, f"killed at {point}"
        shutil.rmtree(tmp_path / str(point))


def test_a_second_night_does_nothing(undisturbed: Night, tmp_path: Path) -> None:
    demo = undisturbed.demo.copy(tmp_path)
    before = _documents(demo), _rows(demo)
    again = json.loads(demo.nightly().stdout)
    assert (_documents(demo), _rows(demo)) == before
    for name in ("repaired", "invoices_issued", "invoices_resumed", "pdfs_stored", "mails_sent"):
        assert again["summary"][name] == 0, name
    assert {item["state"] for item in again["items"]} == {"persisting"}


def _documents(demo: Demo) -> dict[Path, int]:
    """PDFs and mails with the time of their last change."""
    paths = [*(demo.home / "invoices").rglob("*.pdf"), *(demo.home / "mail").rglob("*.eml")]
    return {path: path.stat().st_mtime_ns for path in paths}


def _rows(demo: Demo) -> tuple[object, ...]:
    with demo.store() as store:
        return (
            store.changes.find(limit=EVERYTHING),
            store.outbox.find(limit=EVERYTHING),
            store.orders.find(OrderFilter(limit=EVERYTHING)),
        )


def test_the_suite_notices_a_number_used_twice(undisturbed: Night, tmp_path: Path) -> None:
    """The control: a lost invoice row must not pass."""
    demo = undisturbed.demo.copy(tmp_path)
    with closing(sqlite3.connect(demo.home / "stakactl.db")) as connection, connection:
        connection.execute("delete from invoices where number like '%-000003'")
    with pytest.raises(AssertionError, match="gap or double"):
        outcome(demo, undisturbed.report)
