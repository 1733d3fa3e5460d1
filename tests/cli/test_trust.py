"""`undo`, plans of repairs and `explain` as a person meets them: questions, refusals, hints."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from typer.testing import Result

from stakactl.cli.call import Call
from tests.cli.homes import Project, assert_clear, envelope, invoke, snapshot


def run_that_changed(home: Path) -> str:
    connection = sqlite3.connect(home / "var/demo/stakactl.db")
    try:
        return str(connection.execute("SELECT run_id FROM changes").fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person can be asked."""
    init = Call.__init__

    def interactive(self: Call, *arguments: object, **options: object) -> None:
        init(self, *arguments, **{**options, "interactive": True})  # type: ignore[arg-type]

    monkeypatch.setattr(Call, "__init__", interactive)


def test_undo_needs_a_yes(demo_home: Path) -> None:
    before = snapshot(demo_home)
    result = invoke(demo_home, "undo", run_that_changed(demo_home), "--demo")
    assert_clear(result, 5, "Take back", "Add --yes")
    assert snapshot(demo_home) == before


@pytest.mark.usefixtures("at_a_terminal")
def test_undo_shows_its_plan_before_it_asks(demo_home: Path) -> None:
    before = snapshot(demo_home)
    run_id = run_that_changed(demo_home)
    result = invoke(demo_home, "undo", run_id, "--demo", input="n\n")
    assert_clear(result, 5, "Not confirmed, so nothing was done")
    assert "planned" in result.stderr
    assert result.stdout == ""
    assert snapshot(demo_home) == before
    result = invoke(demo_home, "undo", run_id, "--demo", "-o", "json", input="yes\n")
    assert result.exit_code == 6
    found = envelope(result)
    assert found["outcome"] == "partial"
    assert found["run_id"] not in (None, run_id)
    states = {item["state"] for item in found["items"]}
    assert states == {"done", "refused"}


def test_undo_of_nothing_needs_no_yes(demo_home: Path) -> None:
    imported = _runs(demo_home, "orders import")
    result = invoke(demo_home, "undo", imported, "--demo")
    assert_clear(result, 0, "changed nothing, so there is nothing to take back")
    assert_clear(invoke(demo_home, "undo", "nope", "--demo"), 2, "no run 'nope'", "runs list")


def _runs(home: Path, command: str) -> str:
    found = envelope(invoke(home, "runs", "list", "--demo", "-o", "json"))
    return next(str(item["run_id"]) for item in found["items"] if item["command"] == command)


def test_an_undo_is_a_run_like_any_other(demo_home: Path) -> None:
    invoke(demo_home, "undo", run_that_changed(demo_home), "--demo", "--yes")
    undo = _runs(demo_home, "undo")
    shown = invoke(demo_home, "runs", "show", undo, "--demo")
    assert_clear(shown, 0, "command undo", "figures undoes: ")
    changes = envelope(invoke(demo_home, "runs", "show", undo, "--demo", "-o", "json"))["items"]
    assert all(change["undoes"] for change in changes)
    result = invoke(demo_home, "undo", undo, "--demo", "--yes")
    assert_clear(result, 5, "is an undo itself", "reconcile --demo --fix")


# Plans


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--apply", "p.json", "--fix"], ["--apply and --fix exclude each other"]),
        (["--apply", "p.json", "--plan-out", "q.json"], ["--apply and --plan-out exclude"]),
        (["--apply", "p.json", "--order", "A-1"], ["--apply and --order exclude each other"]),
        (["--apply", "p.json", "--class", "NUMBER_GAP"], ["--apply and --class exclude"]),
        (["--apply", "p.json", "--since", "2026-01-01"], ["--apply and --since exclude"]),
        (["--plan-out", "p.json", "--fix"], ["--plan-out and --fix exclude each other"]),
        (["--plan-out", "p.json", "--dry-run"], ["--plan-out and --dry-run exclude each other"]),
        (["--apply", "p.json"], ["there is no file p.json", "--plan-out FILE"]),
        (["--plan-out", "no/p.json"], ["there is no folder no"]),
        (["--plan-out", "var"], ["var exists already"]),
    ],
)
def test_options_that_contradict_and_files_that_are_not_there(
    demo_home: Path, arguments: list[str], words: list[str]
) -> None:
    result = invoke(demo_home, "reconcile", "--demo", *arguments)
    assert_clear(result, 2, *words)
    assert not (demo_home / "p.json").exists()


def test_a_plan_is_written_reviewed_and_applied(project: Project) -> None:
    with project.unchanged():
        result = project.run("reconcile", "-o", "json", "--plan-out", "../plan.json")
    assert result.exit_code == 1, result.output
    summary = envelope(result)["summary"]
    path = project.folder.parent / "plan.json"
    content = json.loads(path.read_text())
    assert content["sha256"] == summary["plan_sha256"]
    assert len(content["repairs"]) == summary["planned"] > 0
    assert_no_customer(path.read_text(), project)
    with project.unchanged():
        dry = project.run("reconcile", "--apply", str(path), "--dry-run", "-o", "json")
        assert envelope(dry)["summary"]["planned"] == summary["planned"]
        assert_clear(project.run("reconcile", "--apply", str(path)), 5, "Add --yes")
    applied = envelope(project.run("reconcile", "--apply", str(path), "--yes", "-o", "json"))
    assert applied["outcome"] == "ok"
    assert applied["summary"]["applied"] == summary["planned"]
    assert {item["fix"] for item in applied["items"]} == {"applied"}
    assert project.count("changes") == summary["planned"]
    with project.unchanged():
        again = project.run("reconcile", "--apply", str(path), "--yes")
        assert_clear(again, 0, "it is as planned already")


def assert_no_customer(text: str, project: Project) -> None:
    connection = sqlite3.connect(project.database)
    try:
        rows = connection.execute("SELECT customer_email, customer_name FROM orders").fetchall()
    finally:
        connection.close()
    assert not [part for row in rows for part in row if part in text]
    assert "sk_test" not in text


def test_an_edited_plan_is_refused(project: Project) -> None:
    project.run("reconcile", "--plan-out", "../plan.json")
    path = project.folder.parent / "plan.json"
    path.write_text(re.sub(r'"status": "paid"', '"status": "refunded"', path.read_text()))
    with project.unchanged():
        result = project.run("reconcile", "--apply", str(path), "--yes")
        assert_clear(result, 5, "was changed after it was written", "--plan-out FILE")
    path.write_text("{")
    assert_clear(project.run("reconcile", "--apply", str(path), "--yes"), 2, "line 1, column 2")


@pytest.mark.usefixtures("at_a_terminal")
def test_apply_shows_what_it_asks_about(project: Project) -> None:
    project.run("reconcile", "--plan-out", "../plan.json")
    with project.unchanged():
        result = project.run("reconcile", "--apply", "../plan.json", input="\n")
    assert_clear(result, 5, "Repairs of the plan", "Not confirmed")
    assert result.stdout == ""


# Explain


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        (
            "nope",
            2,
            ["nothing here is called 'nope'", "objects of Stripe", "orders list --demo --search"],
        ),
        ("cs_test_1", 2, ["it is of test mode"]),
        ("pi_nope", 2, ["--live asks Stripe"]),
        ("sk_live_SentinelKey", 2, ["that is a secret key, not an id"]),
        ("", 2, ["the id is empty"]),
        ("\x1b[31mred", 2, ["nothing here is called"]),
    ],
)
def test_an_id_that_is_not_known(demo_home: Path, name: str, code: int, words: list[str]) -> None:
    result = invoke(demo_home, "explain", name, "--demo")
    assert_clear(result, code, *words)
    assert "\x1b" not in result.output


def test_commands_to_type_are_of_the_same_world(demo_home: Path) -> None:
    result = explained(demo_home, "LINK_CONFLICT")
    typed = re.findall(r"(?m)^  (stakactl .*)$", result.stdout)
    assert typed
    for line in typed:
        assert line.endswith(" --demo")
        assert invoke(demo_home, *line.split()[1:]).exit_code in (0, 1)


def test_the_time_zone_is_said_and_json_is_in_utc(project: Project) -> None:
    project.run("sync")
    project.set(STAKACTL_TIME_ZONE="America/New_York")
    order = envelope(project.run("orders", "list", "--limit", "1", "-o", "json"))["items"][0]
    told = envelope(project.run("explain", order["order_id"], "-o", "json"))
    assert told["items"][0]["at"] == order["created_at"]
    shown = project.run("explain", order["order_id"])
    assert_clear(shown, 0, "time zone America/New_York")
    utc, local = order["created_at"], shown.stdout.split("order placed")[0].split("order")[-2]
    assert utc[11:13] != local.split()[-1][:2]


def explained(home: Path, discrepancy: str) -> Result:
    found = envelope(
        invoke(home, "reconcile", "--demo", "--no-sync", "--class", discrepancy, "-o", "json")
    )
    result = invoke(home, "explain", found["items"][0]["id"], "--demo")
    assert_clear(result, 0, "What is wrong", discrepancy, "What to type next")
    return result
