"""The decorator that makes a command out of a thin body: shared options, rendering, exit code.

app = group("orders")

@command(app, name="list", example="stakactl orders list --status pending")
def list_orders(call: Call, status: Annotated[…] = None) -> View: ...
"""

import inspect
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Concatenate, Literal, ParamSpec

import typer

from stakactl.cli.call import Call
from stakactl.cli.catalogue import COMMANDS
from stakactl.cli.help import CONTEXT_SETTINGS, Command, Group
from stakactl.cli.invocation import Untranslated
from stakactl.errors import UsageError
from stakactl.output.formats import People
from stakactl.output.render import Output, Writer, render
from stakactl.output.stream import OutputClosed
from stakactl.output.view import View

P = ParamSpec("P")
Body = Callable[Concatenate[Call, P], View | None]

_SHARED_PANEL = "Options of every command"


def group(name: str) -> typer.Typer:
    """The Typer of one root command or group; its help line is the catalogue's."""
    return subgroup(COMMANDS[name].help)


def subgroup(help_line: str) -> typer.Typer:
    """A group inside a group, for `app.add_typer(subgroup("…"), name="…")`."""
    return typer.Typer(
        cls=Group,
        help=help_line,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings=CONTEXT_SETTINGS,
    )


def command(
    app: typer.Typer,
    *,
    name: str = "",
    example: str | Sequence[str],
    formats: Mapping[str, Writer] | None = None,
    default: bool = False,
    hidden: bool = False,
    output: str = Output.TABLE,
) -> Callable[[Body[P]], Body[P]]:
    """Register a body under `name` and give it back unchanged.

    The body's docstring is the help text (no square brackets: rich reads them as markup).
    `formats` adds values of `--output` that only this command has, `output` is the one without
    `--output`. `default` makes it what the group does when no subcommand is named (`name` is not
    used then).
    """

    def register(body: Body[P]) -> Body[P]:
        run = _runner(body, dict(formats or {}), output, default=default)
        epilog = _epilog([example] if isinstance(example, str) else example)
        if default:
            app.callback(
                invoke_without_command=True,
                no_args_is_help=False,
                epilog=epilog,
                help=_help(body),
                context_settings=CONTEXT_SETTINGS,
            )(run)
        else:
            app.command(
                name or None,
                cls=Command,
                help=_help(body),
                epilog=epilog,
                hidden=hidden,
                context_settings=CONTEXT_SETTINGS,
            )(run)
        return body

    return register


def _help(body: Callable[..., Any]) -> str:
    """The docstring with each paragraph on one line: the terminal's width breaks it, not ours."""
    return re.sub(r"(?<=\S)\n(?=\S)", " ", inspect.getdoc(body) or "")


def _epilog(examples: Sequence[str]) -> str:
    lines = "\n".join(f"$ {example}".replace("[", "\\[") for example in examples)
    return f"Example{'s' if len(examples) > 1 else ''}:\n{lines}"


def _runner(
    body: Body[P], writers: dict[str, Writer], output: str, *, default: bool
) -> Callable[..., None]:
    """The function that Typer sees: the body's own parameters and the shared ones."""
    own = list(inspect.signature(body, eval_str=True).parameters.values())[1:]
    shared = _shared_parameters([*Output, *writers], str(output))
    names = {parameter.name for parameter in shared}
    if clash := names & {parameter.name for parameter in own}:
        raise TypeError(f"{body.__name__}: every command has {', '.join(sorted(clash))} already")

    def run(*, ctx: typer.Context, **values: Any) -> None:
        if default and ctx.invoked_subcommand is not None:
            _refuse_misplaced(ctx)
            return
        invocation = ctx.find_root().obj
        invocation.command = ctx.command_path.partition(" ")[2]
        flags = {name: values.pop(name) for name in names}
        flags.pop("debug")  # the boundary reads it from the arguments
        if flags["quiet"] and flags["verbose"]:
            raise UsageError("--quiet and --verbose exclude each other.")
        _run(body, Call(invocation, **flags), values, writers)

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    signature = inspect.Signature([context, *own, *shared])
    run.__name__ = body.__name__
    run.__doc__ = body.__doc__
    run.__module__ = body.__module__
    run.__annotations__ = {each.name: each.annotation for each in signature.parameters.values()}
    run.__signature__ = signature  # type: ignore[attr-defined]
    return run


def _refuse_misplaced(ctx: typer.Context) -> None:
    """`demo --seed 7 serve` would ignore the seed without a word."""
    for parameter in ctx.command.params:
        source = ctx.get_parameter_source(parameter.name or "")
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(
                f"{parameter.opts[0]} belongs behind {ctx.invoked_subcommand!r}.",
                hint=f"See: {ctx.command_path} {ctx.invoked_subcommand} --help",
            )


def complete_view(call: Call, view: View) -> View:
    """`view` with what only the command line knows: command, times, mode, run id."""
    return call.complete(view)


def _run(
    body: Callable[..., View | None],
    call: Call,
    values: Mapping[str, Any],
    writers: dict[str, Writer],
) -> None:
    """Body, result on standard output, exit code. The container stays open until the result is
    written, because items may still be read from it."""
    try:
        view = body(call, **values)
        if view is None:
            return
        view = complete_view(call, view)
        call.invocation.run_id = view.run_id
        _write(view, call, writers)
    except OSError as error:
        raise Untranslated from error
    finally:
        call.remember_mode()
        call.close()
    raise typer.Exit(view.outcome.exit_code)


def _write(view: View, call: Call, writers: dict[str, Writer]) -> None:
    # A reader who leaves early (`| head`) does not change how the command ended.
    with suppress(OutputClosed):
        render(
            view,
            call.output,
            sys.stdout,
            people=People.from_environment(os.environ, view.zone),
            quiet=call.quiet,
            verbose=call.verbose,
            writers=writers,
        )
    call.invocation.answered = True


def _shared_parameters(outputs: Sequence[str], output: str) -> list[inspect.Parameter]:
    # The choices are known only here, so the type is made here.
    choice: Any = Literal[tuple(str(output) for output in outputs)]
    declared: list[tuple[str, Any, str, tuple[str, ...], Any]] = [
        ("output", choice, "How to print the result.", ("--output", "-o"), output),
        ("env_file", Path | None, "Read the settings from this file.", ("--env-file",), None),
        ("demo", bool, "Use the demo world; touches nothing real.", ("--demo",), False),
        ("quiet", bool, "Only the result, no progress or hints.", ("--quiet", "-q"), False),
        ("verbose", bool, "Say more about the run.", ("--verbose", "-v"), False),
        ("debug", bool, "On an error, show where it happened.", ("--debug",), False),
    ]
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=default,
            annotation=Annotated[
                kind,
                typer.Option(*flags, help=text, rich_help_panel=_SHARED_PANEL),
            ],
        )
        for name, kind, text, flags, default in declared
    ]
