"""`kill -9` anywhere in a restore of yesterday's backup, or in the thaw behind it: what is left is
the store as it was, or a frozen one, or one that knows what was issued; never another."""

import random
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import pytest

from stakactl.adapters.documents.reading import XmlInvoiceReader
from stakactl.operations.ports import InvoiceFilter
from tests.faults.demos import Demo, points
from tests.sampling import sampled

SEED = 20261126
THAW = ("backup", "thaw", "--demo")
PLACES = 24


@dataclass(frozen=True)
class Stage:
    """A home with a backup, and what was issued and mailed since."""

    demo: Demo
    restore: tuple[str, ...]
    points: int


@pytest.fixture(scope="session")
def stage(seeded: Demo, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    demo = seeded.copy(tmp_path_factory.mktemp("to-restore"))
    assert demo.run("sync", "--demo").returncode == 0
    assert demo.run("backup", "create", "--demo").returncode == 0
    (backup,) = (demo.home / "backups").glob("*.zip")
    assert demo.nightly().returncode == 1
    restore = ("backup", "restore", backup.stem, "--replace", "--yes", "--demo")
    copy = demo.copy(tmp_path_factory.mktemp("restored"))
    result = copy.killed(0, *restore)
    assert result.returncode == 0, result.stderr  # the orders were synced before the backup
    return Stage(demo, restore, points(result))


def world(demo: Demo) -> tuple[frozenset[str], int]:
    """The numbers of all PDFs and how many mails were sent, checked: nothing twice."""
    reader = XmlInvoiceReader()
    pdfs = [reader.facts(path.read_bytes()) for path in (demo.home / "invoices").rglob("*.pdf")]
    facts = [each for each in pdfs if each is not None]
    assert len(facts) == len(pdfs)
    assert max(Counter(each.number for each in facts).values()) == 1
    assert max(Counter(each.subject for each in facts if not each.credits).values()) == 1
    mails = [message_from_bytes(path.read_bytes()) for path in (demo.home / "mail").glob("*.eml")]
    to_customers = [m for m in mails if "admin@" not in str(m["To"])]
    assert max(Counter(str(m["Message-ID"]) for m in mails).values()) == 1
    return frozenset(each.number for each in facts), len(to_customers)


def booked(demo: Demo) -> frozenset[str]:
    with demo.store() as store:
        return frozenset(i.number for i in store.invoices.find(InvoiceFilter(limit=10_000)))


@pytest.mark.parametrize(
    ("place", "seed"), sampled([(n, SEED + n) for n in range(PLACES)], every=PLACES)
)
def test_no_kill_leaves_a_store_that_forgot_and_issues(
    place: int, seed: int, stage: Stage, tmp_path: Path
) -> None:
    share = stage.points / PLACES
    point = 1 + int(place * share + random.Random(seed).random() * share)
    demo, before = stage.demo.copy(tmp_path), world(stage.demo)
    assert demo.killed(point, *stage.restore).returncode in {-9, 0, 1}
    night = demo.nightly()
    assert night.returncode in {1, 5}, night.stderr
    assert world(demo) == before
    if night.returncode == 5:
        assert booked(demo) <= before[0]
    assert demo.run(*stage.restore).returncode == 0
    assert demo.run(*THAW).returncode == 0
    assert demo.nightly().returncode == 1
    assert (world(demo), booked(demo)) == (before, before[0])
