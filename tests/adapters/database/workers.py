"""Starting and ending the processes of `store_worker`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]


class Worker:
    def __init__(self, mode: str, url: str, *arguments: str) -> None:
        module = "tests.adapters.database.store_worker"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, mode, url, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self, word: str) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == word

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def wait(self) -> int:
        return self._process.wait(timeout=300)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def workers(count: int, mode: str, url: str, *arguments: str) -> Iterator[list[Worker]]:
    """`count` processes that are ready; the first argument of each is its own name."""
    started = [
        Worker(mode, url, *([f"w{number}", *arguments] if arguments else []))
        for number in range(count)
    ]
    try:
        for worker in started:
            worker.hear("ready")
        yield started
    finally:
        for worker in started:
            worker.close()
