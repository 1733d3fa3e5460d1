"""Every way a command can end: message, hint, exit code, envelope, and nothing secret."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stakactl.cli.call import Call
from stakactl.cli.invocation import Invocation
from stakactl.domain.runs import Outcome
from stakactl.errors import Declined
from tests.cli import cli_sample
from tests.cli.cli_sample import EXIT_CODES, invoke
from tests.output.view_samples import STARTED

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests/data/envelope.schema.json").read_text())


@pytest.fixture(autouse=True)
def _wiring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stakactl.wiring", cli_sample.wiring())
    cli_sample.closed.clear()


def _envelope(text: str) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(text)
    jsonschema.validate(envelope, SCHEMA)
    return envelope


@pytest.mark.parametrize("outcome", Outcome)
def test_the_outcome_is_the_exit_code(outcome: Outcome) -> None:
    result = invoke("things", "list", "--outcome", outcome)
    assert result.exit_code == outcome.exit_code
    assert "thing_1" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_every_error_is_a_message_and_its_exit_code(name: str, code: int) -> None:
    result = invoke("things", "fail", name)
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert "Hint: " in result.stderr
    assert not {"\x1b", "\u202e"} & set(result.stderr)
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_every_error_is_an_envelope_when_json_was_asked_for(name: str, code: int) -> None:
    result = invoke("things", "fail", name, "-o", "json")
    envelope = _envelope(result.stdout)
    assert result.exit_code == code
    assert result.stderr == ""
    assert envelope["outcome"] == "error"
    assert envelope["command"] == "things fail"
    assert envelope["run_id"] == "run_1"
    assert envelope["error"]["hint"] in ("Type \u202eit.", "fix")


def test_bad_rows_are_listed() -> None:
    assert "  a.csv:3: no\n" in invoke("things", "fail", "ImportRejected").stderr
    envelope = _envelope(invoke("things", "fail", "ImportRejected", "-ojson").stdout)
    assert envelope["error"]["problems"] == ["a.csv:3: no", "a.csv:4: \x1b[0m"]


@pytest.mark.parametrize("options", [[], ["--debug"], ["-o", "json"], ["-o", "json", "--debug"]])
@pytest.mark.parametrize("kind", ["bug", "connection", "disk", "items"])
def test_a_bug_is_70_and_shows_no_values(kind: str, options: list[str]) -> None:
    result = invoke("things", "fail", kind, *options)
    assert result.exit_code == 70
    assert ("Traceback" in result.stderr) is ("--debug" in options)
    assert "secret =" not in result.stderr
    if "--debug" not in options:
        assert "s3cr3t" not in result.output
    if "json" in options:
        assert _envelope(result.stdout)["error"]["code"] == "internal"


def test_an_interruption_is_130() -> None:
    result = invoke("things", "fail", "interrupt")
    assert result.exit_code == 130
    assert "what was done is kept" in result.stderr
    envelope = _envelope(invoke("things", "fail", "interrupt", "--output=json").stdout)
    assert envelope["error"]["code"] == "interrupted"


@pytest.mark.parametrize(
    "arguments",
    [
        ["thngs"],
        ["things", "lst"],
        ["things", "list", "--nope"],
        ["things", "list", "--count", "x"],
        ["things", "list", "--count", "-1"],
        ["things", "list", "-o", "xml"],
        ["things", "list", "--count"],
        ["things", "fail"],
        ["things", "list", "-q", "-v"],
    ],
)
def test_usage_errors_are_2(arguments: list[str]) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    if "-o" not in arguments:
        result = invoke(*arguments[:1], *arguments[1:2], "-o", "json", *arguments[2:])
        assert result.exit_code == 2
        assert _envelope(result.stdout)["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["a", "-o", "json"], True),
        (["a", "-ojson"], True),
        (["a", "-qo", "json"], True),
        (["a", "-qojson"], True),
        (["a", "--output", "json"], True),
        (["a", "--output=json"], True),
        (["a", "-o", "json", "-o", "csv"], False),
        (["a", "--", "-o", "json"], False),
        (["a", "json"], False),
        (["a", "-o"], False),
        ([], False),
    ],
)
def test_json_is_seen_in_the_arguments(arguments: list[str], expected: bool) -> None:
    assert Invocation(arguments, STARTED).wants_json is expected


def test_a_typo_gets_a_suggestion_without_importing_anything() -> None:
    assert "Did you mean 'things'" in invoke("thngs").stderr


def test_the_result_is_read_before_the_container_closes() -> None:
    envelope = _envelope(invoke("things", "list", "-o", "json", "--demo").stdout)
    assert envelope["mode"] == "demo"
    assert [item["open"] for item in envelope["items"]] == [True, True]
    assert cli_sample.closed == [True]


def test_a_failing_close_does_not_print_a_second_object(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(self: object) -> None:
        raise ValueError("still busy")

    monkeypatch.setattr(cli_sample.Container, "close", close)
    result = invoke("things", "list", "-o", "json")
    assert result.exit_code == 70
    _envelope(result.stdout)
    assert result.stderr.startswith("Error: A bug in stakactl: ValueError")


def test_a_format_of_one_command() -> None:
    assert invoke("things", "list", "-o", "shout").stdout == "THINGS\n"
    assert invoke("things", "ask", "-o", "shout").exit_code == 2


def test_a_group_with_a_command_of_its_own() -> None:
    assert invoke("things", "self", "--count", "3").stdout == "By itself 3\n"
    result = invoke("things", "self", "sub")
    assert (result.exit_code, result.output) == (0, "")
    result = invoke("things", "self", "--count", "3", "sub")
    assert result.exit_code == 2
    assert "--count belongs behind 'sub'" in result.stderr


def test_help_shows_examples_and_the_shared_options() -> None:
    text = invoke("things", "list", "--help").stdout
    assert "$ stakactl things list -o csv" in text
    for option in ("--output", "--env-file", "--demo", "--quiet", "--verbose", "--debug"):
        assert option in text
    assert "<bool>" not in text


def test_asking_needs_a_terminal_or_a_yes() -> None:
    result = invoke("things", "ask", input="y\n")
    assert result.exit_code == 5
    assert "--yes" in result.stderr
    assert invoke("things", "ask", "--yes").exit_code == 0


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("Oui\n", True), ("\n", False)])
def test_the_answer_counts(answer: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    call = Call(Invocation([], STARTED), interactive=True)
    if agreed:
        call.confirm("Really?", yes=False)
    else:
        with pytest.raises(Declined):
            call.confirm("Really?", yes=False)


def test_ctrl_c_at_a_question_ends_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupting:
        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupting())
    with pytest.raises(KeyboardInterrupt):
        Call(Invocation([], STARTED), interactive=True).confirm("Really?", yes=False)
    assert capsys.readouterr().err == "Really? [y/N] \n"


def test_the_demo_world_of_a_call_is_closed_with_it() -> None:
    call = Call(Invocation([], STARTED))
    assert call.in_demo().container.mode == "demo"
    call.close()
    assert cli_sample.closed == [True]


def _run(script: str, *, unbuffered: bool) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1" if unbuffered else ""}
    command = f"{sys.executable} -m tests.cli.cli_sample {script}"
    return subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("output", ["table", "json", "csv"])
def test_head_ends_quietly_and_a_full_disk_is_4(output: str) -> None:
    result = _run(f"things list --count 9000 -o {output} | head -1; echo ${{PIPESTATUS[0]}}",
                  unbuffered=False)  # fmt: skip
    assert result.stdout.splitlines()[-1] == "0"
    assert result.stderr == ""
    result = _run(f"things list -o {output} > /dev/full", unbuffered=True)
    assert result.returncode == 4
    assert "No space left" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("unbuffered", [True, False])
def test_help_meets_a_full_disk_and_a_closed_pipe(unbuffered: bool) -> None:
    result = _run("--help > /dev/full", unbuffered=unbuffered)
    assert (result.returncode, "No space left" in result.stderr) == (4, True)
    result = _run("--help | true; echo ${PIPESTATUS[0]}", unbuffered=unbuffered)
    assert (result.stdout, result.stderr) == ("0\n", "")
