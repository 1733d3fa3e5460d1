"""Groups are imported when invoked: start-up stays cheap and help says the same."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from stakactl import __version__
from stakactl.cli.app import Stub, build, load
from stakactl.cli.catalogue import COMMANDS

HEAVY = (
    "stripe boto3 sqlalchemy sqlmodel reportlab pydantic_settings alembic jinja2 babel"
).split()
ROOT = Path(__file__).parents[2]
_PROBE = """
import sys
sys.argv = ["stakactl", *sys.argv[1:]]
from stakactl.__main__ import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
loaded = sorted(name for name, module in sys.modules.items() if module and "." not in name)
print("LOADED", *loaded, file=sys.stderr)
print("CLI", *(name for name in sys.modules if name.startswith("stakactl.")), file=sys.stderr)
sys.exit(code)
"""


def _run(
    *arguments: str, **environment: str
) -> tuple[subprocess.CompletedProcess[str], set[str], set[str]]:
    result = subprocess.run(
        [sys.executable, "-c", _PROBE, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    loaded, ours = (set(line.split()) for line in result.stderr.splitlines()[-2:])
    return result, loaded, ours


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], [], ["ordrs"]])
def test_the_root_loads_nothing_heavy_and_no_command(arguments: list[str]) -> None:
    result, loaded, ours = _run(*arguments)
    assert result.returncode == (0 if arguments and arguments[0].startswith("--") else 2)
    assert not loaded & set(HEAVY)
    assert not ours & {entry.module for entry in COMMANDS.values()}


def test_version() -> None:
    assert _run("--version")[0].stdout == f"stakactl {__version__}\n"


@pytest.mark.parametrize(
    ("words", "expected"), [("stakactl ", set(COMMANDS)), ("stakactl in", {"init", "invoices"})]
)
def test_completion_offers_commands_without_loading_them(words: str, expected: set[str]) -> None:
    result, loaded, ours = _run(
        _STAKACTL_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split(" ")) - 1),
    )
    assert set(result.stdout.split()) == expected
    assert not loaded & set(HEAVY)
    assert not ours & {entry.module for entry in COMMANDS.values()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("stakactl inv", f'"invoices":"{COMMANDS["invoices"].help}"'),
        ("stakactl runs li", '"list":"List runs, newest first;'),
    ],
)
def test_completion_in_zsh_describes_commands_without_rich(words: str, expected: str) -> None:
    result, loaded, _ = _run(_STAKACTL_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=words)
    assert result.returncode == 0, result.stderr
    assert expected in result.stdout
    assert not loaded & {"rich", *HEAVY}


@pytest.mark.parametrize(
    "command", ["runs list", "changes list", "orders list", "invoices list", "mail list"]
)
def test_what_needs_only_the_store_loads_nothing_else(command: str, tmp_path: Path) -> None:
    settings = {"STAKACTL_HOME": str(tmp_path), "STRIPE_SECRET_KEY": "sk_test_" + "0" * 24}
    assert _run("db", "init", **settings)[0].returncode == 0
    result, loaded, ours = _run(*command.split(), **settings)
    assert result.returncode == 0, result.stderr
    assert not loaded & {"stripe", "boto3", "botocore", "reportlab", "jinja2", "alembic"}
    assert not ours & {f"stakactl.operations.{name}" for name in ("nightly", "reconcile", "sync")}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_group_loads_lightly_and_explains_itself(name: str) -> None:
    result, loaded, _ = _run(name, "--help")
    assert result.returncode == 0, result.stderr
    assert f"stakactl {name}" in result.stdout
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_an_example(name: str) -> None:
    pending = [(name, load(name, COMMANDS[name]))]
    while pending:
        path, command = pending.pop()
        assert command.help, path
        children = getattr(command, "commands", {})
        pending += [(f"{path} {child}", command) for child, command in children.items()]
        if not children or command.invoke_without_command:
            assert command.epilog.startswith("Example"), path
            assert f"stakactl {path}" in command.epilog, path
            for parameter in command.params:
                assert getattr(parameter, "help", None), f"{path} {parameter.name} has no help"


def test_help_with_stubs_is_the_help_with_everything_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root: Any = typer.main.get_command(build())
    assert root.main(["--help"], standalone_mode=False) == 0
    assert all(isinstance(command, Stub) for command in root.commands.values())
    lazy = capsys.readouterr().out
    for name in list(root.commands):
        root.get_command(None, name)
    assert not any(isinstance(command, Stub) for command in root.commands.values())
    assert root.main(["--help"], standalone_mode=False) == 0
    assert capsys.readouterr().out == lazy
