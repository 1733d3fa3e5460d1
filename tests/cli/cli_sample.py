"""A command group for the tests of the boundary: `build` it with SAMPLE and a fake wiring."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.testing import CliRunner, Result

from stakactl.cli.app import build
from stakactl.cli.call import Call
from stakactl.cli.catalogue import Entry
from stakactl.cli.options import command, subgroup
from stakactl.domain.runs import Mode, Outcome
from stakactl.errors import ExitCode, ImportRejected, StakactlError
from stakactl.output.stream import Sink
from stakactl.output.view import Column, Item, View

SAMPLE = {
    "things": Entry("tests.cli.cli_sample", "Things for tests.", "Look", True),
    "broken": Entry("tests.cli.no_such_module", "A module that is not there.", "Look", True),
}
app = subgroup("Things for tests.")
defaults = subgroup("A group that does something by itself.")
app.add_typer(defaults, name="self")
closed: list[bool] = []


class Container:
    """Stands for the real one, which belongs to others."""

    mode = Mode.TEST

    def __init__(self, demo: bool) -> None:
        self.mode = Mode.DEMO if demo else Mode.TEST

    @classmethod
    def open(cls, *, env_file: Any, demo: bool, progress: Any) -> "Container":
        return cls(demo)

    def close(self) -> None:
        closed.append(True)


def wiring() -> ModuleType:
    module = ModuleType("stakactl.wiring")
    module.Container = Container  # type: ignore[attr-defined]
    return module


def _write_shout(view: View, sink: Sink) -> None:
    sink.write(view.title.upper() + "\n")


@command(
    app, name="list", example=["stakactl things list", "stakactl things list -o csv"],
    formats={"shout": _write_shout},
)  # fmt: skip
def list_things(
    call: Call,
    outcome: Outcome = Outcome.OK,
    count: Annotated[int, typer.Option(help="How many.", min=0)] = 2,
) -> View:
    """List things.

    With more words.
    """
    assert call.container.mode is not None
    items: Iterator[Item] = (
        {"id": f"thing_{number}", "open": not closed} for number in range(count)
    )
    return View(outcome=outcome, title="Things", items=items, columns=(Column("id", "id"),))


def _errors(kind: type[StakactlError]) -> list[type[StakactlError]]:
    return [kind, *(error for child in kind.__subclasses__() for error in _errors(child))]


ERRORS = {
    error.__name__: error
    for error in _errors(StakactlError)
    if error.__module__ == StakactlError.__module__
}


@command(app, name="fail", example="stakactl things fail Refused")
def fail(call: Call, name: Annotated[str, typer.Argument()]) -> View:
    """Fail in a known way."""
    secret = "sk_live_" + "s3cr3t"
    call.starts_run("run_1")
    if name == "interrupt":
        raise KeyboardInterrupt
    if name == "connection":
        raise BrokenPipeError(32, "Broken pipe")
    if name == "disk":
        raise OSError(28, "No space left on device")
    if name == "items":
        return View(outcome=Outcome.OK, items=(_fails(number) for number in (1, 0)))
    kind = ERRORS.get(name)
    if kind is None:
        raise RuntimeError(f"cannot log in with {secret}")
    if kind is ImportRejected:
        raise ImportRejected("Bad \x1b[31mfile.", ("a.csv:3: no", "a.csv:4: \x1b[0m"), hint="fix")
    raise kind("It \x1b[31mfailed [/].", hint="Type \u202eit.")


def _fails(number: int) -> dict[str, int]:
    return {"share": 1 // number}


@command(app, name="ask", example="stakactl things ask --yes")
def ask(call: Call, yes: bool = False) -> View:
    """Ask."""
    call.confirm("Really [y]?", yes)
    return View(outcome=Outcome.OK, title="Done")


@command(defaults, default=True, example="stakactl things self --count 3")
def by_itself(call: Call, count: Annotated[int, typer.Option(help="How many.")] = 1) -> View:
    """Do it."""
    return View(outcome=Outcome.OK, title=f"By itself {count}")


@command(defaults, name="sub", example="stakactl things self sub")
def sub(call: Call) -> None:
    """Serve."""


def invoke(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(build(SAMPLE), list(arguments), input=input)


EXIT_CODES = {error.__name__: ExitCode(error.exit_code) for error in ERRORS.values()}

if __name__ == "__main__":
    sys.modules["stakactl.wiring"] = wiring()
    sys.modules["tests.cli.cli_sample"] = sys.modules["__main__"]
    build(SAMPLE)()
