"""What a person sees of a night, letter by letter, in a world whose clock stands still.

`STAKACTL_GOLDEN=write` makes the files anew.
"""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stakactl.adapters.alerts.usage import MachineUsage
from stakactl.adapters.system import SystemClock
from stakactl.demo.home import DemoHome
from tests.cli.homes import ORDERS, ROOT, invoke
from tests.fakes_alerts import FakeMachine

GOLDEN = ROOT / "tests" / "golden" / "cli"
WRITE = os.environ.get("STAKACTL_GOLDEN") == "write"  # read before fixtures clear it away
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_SECONDS = re.compile(r" +\d+\.\d s$", re.MULTILINE)


@pytest.fixture
def seeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A demo world that ends at NOW, in which it is NOW."""
    real_seed = DemoHome.seed

    def seed(home: DemoHome, number: int, _: datetime, orders: int) -> None:
        real_seed(home, number, NOW, orders)

    monkeypatch.setattr(DemoHome, "seed", seed)
    monkeypatch.setattr(SystemClock, "now", lambda _: NOW)
    roomy = FakeMachine()
    monkeypatch.setattr(MachineUsage, "disk", lambda _: roomy.disk())
    monkeypatch.setattr(MachineUsage, "memory", lambda _: roomy.memory())
    monkeypatch.delenv("COLUMNS", raising=False)
    result = invoke(tmp_path, "demo", "seed", "--orders", str(ORDERS))
    assert result.exit_code == 0, result.output
    return tmp_path


def test_a_night_and_what_it_leaves(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare("reconcile.txt", seeded, "reconcile", "--demo")
    monkeypatch.setattr(SystemClock, "now", lambda _: NOW + timedelta(minutes=1))
    _compare("nightly.txt", seeded, "nightly", "--demo", "--yes")
    monkeypatch.setattr(SystemClock, "now", lambda _: NOW + timedelta(minutes=2))
    _compare("nightly-again.txt", seeded, "nightly", "--demo", "--yes")


def _compare(name: str, folder: Path, *arguments: str) -> None:
    result = invoke(folder, *arguments)
    assert result.exit_code == 1, result.output
    text = _SECONDS.sub(lambda found: "0.0 s".rjust(len(found[0])), result.stdout)
    path = GOLDEN / name
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
