"""The root of the command line: groups are imported when they are invoked, not before.

While help or completion is rendered the root shows stubs with the catalogue's help lines, so that
`stakactl --help` imports no command at all and reads the same as if it had.
"""

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand

from stakactl import __version__
from stakactl.cli.boundary import guarded
from stakactl.cli.catalogue import COMMANDS, Entry
from stakactl.cli.help import CONTEXT_SETTINGS, Group
from stakactl.cli.invocation import Invocation
from stakactl.errors import Interrupted


class Stub(TyperCommand):
    """A name and a help line that stand for a module not yet imported."""


class Root(Group):
    """Loads groups on demand and is the error boundary. Subclasses set `table`."""

    table: ClassVar[Mapping[str, Entry]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._shows_stubs = False
        for name, entry in self.table.items():
            self.commands[name] = Stub(name, help=entry.help, rich_help_panel=entry.panel)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = self.commands.get(cmd_name)
        if isinstance(command, Stub) and not self._shows_stubs:
            command = self.commands[cmd_name] = load(cmd_name, self.table[cmd_name])
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        with self._stubs():
            super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        with self._stubs():
            return super().shell_complete(ctx, incomplete)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run and exit (`standalone_mode`), or run and return the exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        invocation = Invocation(arguments, datetime.now(UTC))
        run = partial(
            super().main,
            arguments,
            "stakactl",
            complete_var,
            standalone_mode=False,
            obj=invocation,
            **extra,
        )
        code = guarded(run, invocation)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        # Typer would make a silent exit 130 of it.
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted(
                "Interrupted; what was done is kept.", hint="Run it again to continue."
            ) from error

    @contextmanager
    def _stubs(self) -> Iterator[None]:
        before, self._shows_stubs = self._shows_stubs, True
        try:
            yield
        finally:
            self._shows_stubs = before


def load(name: str, entry: Entry) -> Any:
    """Import a module of the catalogue and make its `app` the command `name`."""
    app: typer.Typer = import_module(entry.module).app
    command: Any = typer.main.get_group(app) if entry.is_group else typer.main.get_command(app)
    command.name = name
    command.short_help = entry.help
    command.rich_help_panel = entry.panel
    return command


def build(table: Mapping[str, Entry] = COMMANDS) -> typer.Typer:
    """A root Typer with the commands of `table`."""
    app = typer.Typer(
        cls=type("Root", (Root,), {"table": table}),
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings=CONTEXT_SETTINGS,
    )
    app.callback()(_root)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"stakactl {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Prove that every euro Stripe took has an order, an invoice, a PDF and an e-mail."""


def run() -> None:
    """The console script."""
    _open_closed_streams()
    if "_STAKACTL_COMPLETE" in os.environ:
        # Typer takes markup out of help lines with rich, which costs more than all the rest. Ours
        # have none, and without rich it leaves them as they are.
        sys.modules["rich"] = None  # type: ignore[assignment]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    typer.main.get_command(build())()


def _open_closed_streams() -> None:
    """Started with `>&-`, Python has no such stream, and the next file opened would become it:
    a database that receives our output."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
            stream = io.TextIOWrapper(io.FileIO(number, "w" if number else "r"), encoding="utf-8")
            setattr(sys, name, stream)
