"""`checklist` as it is typed: on a terminal, without one, in CI."""

import csv
import io
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.homes import ROOT, Project, assert_clear, envelope, invoke
from tests.webhook_server import SECRET, WebhookServer, webhook_server

PROMPT = "later > "


class Terminal:
    """stakactl on a pseudo terminal, in a folder; `shown` is all that was on it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "80"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stakactl", *arguments],
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: _take_terminal(theirs),  # noqa: PLW1509 (no threads here)
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Until it says so, after what was seen before."""
        begin = len(self.shown)
        while text not in self.shown[begin:]:
            assert self._read(), f"{text!r} never came: {self.shown}"

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self._process.wait(timeout=30)

    def _read(self) -> bool:
        try:
            more = os.read(self._ours, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += more.decode().replace("\r\n", "\n")
        return bool(more)


def _take_terminal(descriptor: int) -> None:
    """So that Ctrl-C reaches the process."""
    import fcntl
    import termios

    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)


def states(folder: Path, name: str) -> dict[str, str]:
    result = invoke(folder, "checklist", "show", name, "--demo", "-o", "json")
    return {item["item"]: item["state"] for item in envelope(result)["items"]}


# -- on a terminal


def test_interrupted_and_gone_on_with_on_a_terminal(demo_home: Path) -> None:
    terminal = Terminal(demo_home, "checklist", "run", "post-deploy", "--demo")
    terminal.wait_for(PROMPT)
    terminal.type("y paid 1 €\n")
    terminal.wait_for(PROMPT)
    terminal.type("\x03")
    assert terminal.end() == 130
    assert "Interrupted; what was done is kept." in terminal.shown
    assert "Traceback" not in terminal.shown
    assert states(demo_home, "post-deploy")["test-payment"] == "done"

    terminal = Terminal(demo_home, "checklist", "run", "post-deploy", "--demo")
    for typed in ("n\nit hangs\n", "s\n\n", "y\n"):
        terminal.wait_for(PROMPT)
        terminal.type(typed)
    assert terminal.end() == 1
    assert re.search(r"2/5  A test payment went through in production: done", terminal.shown)
    assert "yes, by" in terminal.shown
    assert "no, by" in terminal.shown.partition("Still open")[2]
    assert "stakactl checklist run --demo post-deploy goes on with it" in terminal.shown


# -- without one


def test_without_a_terminal_nobody_is_asked(demo_home: Path) -> None:
    result = invoke(demo_home, "checklist", "run", "post-deploy", "--demo", input="y\ny\n")
    assert_clear(result, 1, "Still open", "test-payment", "nobody answered", "goes on with it")
    assert PROMPT not in result.output


def test_answers_of_a_file_end_it(demo_home: Path) -> None:
    answers = demo_home / "answers.toml"
    answers.write_text('tests = "yes"\n', encoding="utf-8")
    command = ("checklist", "run", "pre-deploy", "--demo", "--assume", "answers.toml")
    result = invoke(demo_home, *command, "-o", "json")
    assert result.exit_code == 0, result.output
    assert envelope(result)["summary"]["finished"]
    assert states(demo_home, "pre-deploy") == {
        "tests": "done",
        "keys": "done",
        "webhook": "not applicable",
        "environment": "done",
        "validated": "done",
    }
    answers.write_text('test = "yes"\n', encoding="utf-8")
    assert_clear(invoke(demo_home, *command), 2, "answers.toml", "no item test; it has tests")


def test_it_belongs_to_the_procedure(demo_home: Path) -> None:
    assert invoke(demo_home, "maintenance", "on", "--demo").exit_code == 0
    result = invoke(demo_home, "checklist", "run", "deploy", "--demo", "-q")
    assert_clear(result, 1, "backup create")


def test_unknown_lists_and_records(demo_home: Path) -> None:
    known = ("pre-deploy", "deploy", "post-deploy", "rollback")
    for verb in ("run", "show"):
        assert_clear(invoke(demo_home, "checklist", verb, "deplyo", "--demo"), 2, *known)
    assert_clear(invoke(demo_home, "checklist", "show", "--demo"), 2, "checklist run --demo")
    both = ("checklist", "show", "deploy", "--id", "x", "--demo")
    assert_clear(invoke(demo_home, *both), 2, "exclude each other")


def test_the_record_is_markdown_unless_something_else_is_wanted(demo_home: Path) -> None:
    ran = invoke(demo_home, "checklist", "run", "rollback", "--demo", "-o", "json")
    record = envelope(ran)["summary"]["record"]
    shown = invoke(demo_home, "checklist", "show", "--demo")
    assert shown.exit_code == 1
    assert shown.stdout.startswith("# Rollback: not finished\n")
    assert shown.stdout.count("\n| ") == 7
    result = invoke(demo_home, "checklist", "show", "--id", record, "--demo", "-o", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["item"] for row in rows][:2] == ["webhooks", "maintenance"]


# -- a company's own folder


@pytest.fixture
def server() -> Iterator[WebhookServer]:
    with webhook_server() as opened:
        yield opened


def test_a_whole_deployment(project: Project, server: WebhookServer) -> None:
    project.set(STRIPE_WEBHOOK_URL=server.url, STRIPE_WEBHOOK_SECRET=SECRET)
    command = ("checklist", "run", "deploy", "--assume", "answers.json", "-o", "json")
    answers = '{"deployed": {"answer": "yes", "by": "ci"}, "dashboard": "skip"}'
    (project.folder / "answers.json").write_text(answers, encoding="utf-8")
    found = envelope(project.run(*command))
    assert [item["state"] for item in found["items"]] == [
        *("failed", "done", "done", "open", "not applicable"),
    ]
    assert server.received == []
    assert project.run("backup", "create").exit_code == 0
    result = project.run(*command, "--probe")
    assert result.exit_code == 0, result.output
    assert len(server.received) == 1


def test_items_of_ones_own(project: Project) -> None:
    project.set(CHECKLISTS_PATH="lists.toml")
    lists = project.folder / "lists.toml"
    lists.write_text(
        '[post-deploy.flag]\ntitle = "Maintenance is over"\nkind = "automatic"\n'
        'own_checks = ["maintenance.off"]\nbefore = "monitoring"\n'
        "[post-deploy.monitoring]\nenabled = false\n",
        encoding="utf-8",
    )
    found = envelope(project.run("checklist", "run", "post-deploy", "-o", "json"))
    first = found["items"][0]
    assert (first["item"], first["state"], first["detail"]) == ("flag", "done", "it is off")
    assert "monitoring" not in [item["item"] for item in found["items"]]
    only = ("config", "validate", "--only", "checklists", "--offline")
    assert_clear(project.run(*only, "--verbose"), 0, "CHECKLISTS_PATH: 4 lists of 21 items")
    lists.write_text("[post-deploy.flag]\nkind = 'shell'\n", encoding="utf-8")
    said = ("[post-deploy.flag] kind is automatic or manual", "CHECKLISTS_PATH")
    assert_clear(project.run(*only), 1, *said)
    assert_clear(project.run("checklist", "run", "post-deploy"), 3, *said)
