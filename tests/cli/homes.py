"""Folders to run the command line in: a demo home, and a project with a `.env` of its own.

Both are made once per worker and copied for each test. The project's Stripe is an offline one
whose world was moved into test mode, because a live key is only ever sent to Stripe itself.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from stakactl.cli.app import build
from stakactl.demo.offline_stripe.server import ApiKey, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from stakactl.demo.world import build_world

ROOT = Path(__file__).parents[2]
TEST_KEY = "sk_test_" + "51Sentinel0KeyThatIsNeverShown"
PASSWORD = "Sentinel-Passw0rd"
SEED, ORDERS = 1, 80
#: What a run may write without having done anything to an order, an invoice or a mail.
_NOTES = re.compile(
    r"^(runs|run_lock|findings|stripe_.*|sync_.*|store_info|application_.*|figure_.*|buyers"
    r"|buyer_days|sqlite_.*)$"
)
_LIVEMODE = re.compile(r'"(_?livemode)": (true|false)')
_SESSION = re.compile(r"\bcs_(live|test)_")

SETTINGS = {
    "STRIPE_SECRET_KEY": TEST_KEY,
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "STRIPE_REQUESTS_PER_SECOND": "100000",
    "STRIPE_TIMEOUT_SECONDS": "5",
    "STRIPE_RETRY_SECONDS": "0",
    "PDF_COMPANY_NAME": "Éditions de l'Exemple",
    "PDF_COMPANY_ADDRESS": "12 rue Exemple, 75011 Paris",
    "PDF_COMPANY_SIRET": "732 829 320 00074",
    "PDF_COMPANY_VAT_NUMBER": "FR44732829320",
    "FROM_EMAIL": "factures@exemple.example",
    "TAX_RATE": "20",
    "INVOICES_SINCE": "2020-01-01",
    "REMINDER_STEPS": "none",  # else what a night mails depends on the hour of the test
}


def invoke(folder: Path, *arguments: str, input: str | None = None) -> Result:
    """Run stakactl in this process, as if it had been started in `folder`."""
    with chdir(folder):
        return CliRunner().invoke(build(), list(arguments), input=input)


def envelope(result: Result) -> dict[str, Any]:
    """The one object that `-o json` printed."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def assert_clear(result: Result, code: int, *words: str) -> None:
    """The exit code, and a message for a person that names every one of `words`."""
    text = result.stdout + result.stderr
    assert result.exit_code == code, text
    assert "Traceback" not in text
    assert "A bug in stakactl" not in text
    assert "Sentinel" not in text
    if result.exception is not None:
        assert isinstance(result.exception, SystemExit), result.exception
    squeezed = re.sub(r"\s+", " ", text)
    for word in words:
        assert word in squeezed, f"{word!r} is not in {text}"


def snapshot(folder: Path) -> dict[str, object]:
    """What counts in a folder: its files, and the rows of orders, invoices, mails and changes."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_dir() or name.endswith(("-wal", "-shm")):
            continue
        if name.startswith("reports/") or path.name.startswith("nightly-"):
            continue
        rows = _rows(path) if path.suffix == ".db" else None
        found[name] = rows or hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _rows(path: Path) -> dict[str, list[Any]] | None:
    connection = sqlite3.connect(path)
    try:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        names = [name for (name,) in connection.execute(query) if not _NOTES.match(name)]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
    except sqlite3.DatabaseError:
        return None
    finally:
        connection.close()


@dataclass
class Project:
    """A folder with a `.env`, an initialised store and imported orders; `stripe` is its Stripe."""

    folder: Path
    stripe: OfflineStripe
    settings: dict[str, str] = field(default_factory=lambda: dict(SETTINGS))

    def set(self, **changes: str | None) -> None:
        """Change settings in the `.env`; None takes one out."""
        for name, value in changes.items():
            self.settings.pop(name, None)
            if value is not None:
                self.settings[name] = value
        write_env(self.folder, self.settings)

    def run(self, *arguments: str, input: str | None = None) -> Result:
        return invoke(self.folder, *arguments, input=input)

    def snapshot(self) -> dict[str, object]:
        return snapshot(self.folder)

    @property
    def home(self) -> Path:
        return self.folder / "var"

    @property
    def database(self) -> Path:
        return self.home / "stakactl.db"

    def count(self, table: str) -> int:
        connection = sqlite3.connect(self.database)
        try:
            (count,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        finally:
            connection.close()
        return int(count)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """No order, invoice, mail, PDF or setting is touched by what happens inside."""
        before = self.snapshot()
        yield
        assert self.snapshot() == before


def write_env(folder: Path, settings: Mapping[str, str]) -> None:
    from stakactl.config.env_file import quoted

    path = folder / ".env"
    path.touch(mode=0o600)
    lines = (f"{name}={quoted(value)}\n" for name, value in settings.items())
    path.write_text("".join(lines), encoding="utf-8")


def in_test_mode(row: Mapping[str, Any]) -> dict[str, Any]:
    """An object or order of the world with live and test swapped."""
    text = json.dumps(row)
    text = _LIVEMODE.sub(lambda m: f'"{m[1]}": {"false" if m[2] == "true" else "true"}', text)
    text = _SESSION.sub(lambda m: f"cs_{'test' if m[1] == 'live' else 'live'}_", text)
    swapped: dict[str, Any] = json.loads(text)
    return swapped


@cache
def expected_invoices() -> int:
    """How many a whole night issues in the project."""
    return build_world(SEED, datetime.now(UTC), orders=ORDERS).truth.expected_invoices


def make_project(folder: Path) -> None:
    """The template: offline Stripe's file, orders, `.env` and an initialised store with them."""
    world = build_world(SEED, datetime.now(UTC), orders=ORDERS)
    with StripeState(folder / "stripe.db", default_livemode=False) as state, state.transaction():
        state.put_many(in_test_mode(obj) for obj in world.stripe_objects)
    rows = (json.dumps(in_test_mode(row)) + "\n" for row in world.orders)
    project = folder / "project"
    project.mkdir()
    (project / "orders.ndjson").write_text("".join(rows), encoding="utf-8")
    write_env(project, SETTINGS)
    for arguments in (["db", "init"], ["orders", "import", "orders.ndjson"]):
        result = invoke(project, *arguments)
        assert result.exit_code == 0, result.output


@contextmanager
def opened_project(template: Path, folder: Path) -> Iterator[Project]:
    """A copy of the template with its Stripe running."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    with StripeState(folder / "stripe.db", default_livemode=False) as state:
        with OfflineStripe(state, keys=[ApiKey(TEST_KEY)]) as stripe:
            project = Project(folder / "project", stripe)
            project.set(STRIPE_API_BASE=stripe.base_url)
            yield project
        assert stripe.errors == []


# -- processes of their own


def start(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """stakactl in a process of its own, in `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "stakactl", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(
    process: "subprocess.Popen[str]", seconds: float = 30
) -> subprocess.CompletedProcess[str]:
    """Wait for its end; it is killed when that takes too long."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"it did not end within {seconds} s: {out}{err}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def interrupt(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)


def wait_until(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
