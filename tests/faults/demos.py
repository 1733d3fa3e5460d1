"""Demo homes in folders of their own, driven as a user does it, and killed as nobody wants it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stakactl.adapters.database.store import Store

ROOT = str(Path(__file__).parents[2])


@dataclass(frozen=True)
class Demo:
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "var" / "demo"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._python("-m", "stakactl", *arguments)

    def killed(
        self, kill_at: int, *arguments: str, worker_at: int = 0
    ) -> subprocess.CompletedProcess[str]:
        """The command, killed at a point of its own (0: not), or its workers at one of theirs."""
        command = ("-m", "tests.faults.killer", str(kill_at), *arguments)
        return self._python(*command, KILL_WORKER_AT=str(worker_at))

    def nightly(self, kill_at: int = 0) -> subprocess.CompletedProcess[str]:
        return self.killed(kill_at, "nightly", "--demo", "--yes", "-o", "json")

    def _python(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": ROOT, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    @contextmanager
    def store(self) -> Iterator[Store]:
        store = Store.open(f"sqlite:///{self.home / 'stakactl.db'}")
        try:
            yield store
        finally:
            store.close()

    def copy(self, folder: Path) -> "Demo":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Demo(folder)


def points(result: subprocess.CompletedProcess[str]) -> int:
    """How many places there are to kill a command at, from a run that was not killed."""
    return int(result.stderr.rpartition("points: ")[2])
