"""`stakactl config …`."""

from contextlib import closing
from functools import partial
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.render import Writer
from stakactl.output.stream import Sink
from stakactl.output.view import View

app = group("config")

#: A single service may take this long at most, and never more than half of the whole run, so
#: that a slow one is told by its name.
_SERVICE_SECONDS = 10.0


def _write_junit(view: View, sink: Sink) -> None:
    from stakactl.output.junit import write_junit

    write_junit(view, sink)


def _write_github(view: View, sink: Sink) -> None:
    from stakactl.output.github import write_github

    write_github(view, sink)


_FORMATS: dict[str, Writer] = {"junit": _write_junit, "github": _write_github}
_SelectOption = partial(typer.Option, metavar="ID,AREA,…", show_default=False)


@command(
    app,
    name="validate",
    example=[
        "stakactl config validate",
        "stakactl config validate --only stripe,webhook --probe",
        "stakactl config validate --skip 'company.*' --strict -o junit > report.xml",
        "stakactl config validate --offline --env-file production.env -o github",
    ],
    formats=_FORMATS,
)
def validate(
    call: Call,
    only: Annotated[
        list[str] | None,
        _SelectOption("--only", help="Only these checks: ids, areas or globs; repeatable."),
    ] = None,
    skip: Annotated[
        list[str] | None,
        _SelectOption("--skip", help="All but these checks: ids, areas or globs; repeatable."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no service; look at this machine only.")
    ] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Also write: a file to the storage, a test event to our URL."),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings and what is unknown are failures too.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds for everything together.")
    ] = 30.0,
) -> View:
    """Check settings, Stripe, databases, storage, mail, templates and the company's identity.

    Each check has a stable id, a severity, what was seen and a hint that says what to type. It
    only reads, unless --probe is given. Exit code 1 when an error was found; warnings alone are
    exit code 0, unless --strict is given.
    """
    from stakactl.operations.validate.catalogue import CHECKS
    from stakactl.operations.validate.configuration import Wanted, validate_configuration
    from stakactl.operations.validate.running import Running
    from stakactl.output.reports.validate import validation_view
    from stakactl.wiring import Inspectors

    wanted = Wanted(
        Running(timeout, offline=offline, probe=probe), tuple(only or ()), tuple(skip or ()), strict
    )
    seconds = min(_SERVICE_SECONDS, timeout / 2)
    inspectors = Inspectors.open(
        env_file=call.env_file, demo=call.demo, timeout_seconds=seconds, offline=offline
    )
    with closing(inspectors):
        call.invocation.masked = inspectors.settings.masked
        report = validate_configuration(inspectors, wanted, call.progress, CHECKS)
        return validation_view(report, inspectors.mode, verbose=call.verbose)


@command(
    app,
    name="show",
    example=["stakactl config show", "stakactl config show --env-file production.env -o json"],
)
def show(call: Call) -> View:
    """Show every setting, where its value came from, and secrets masked.

    The environment wins over the file. What is wrong with a setting says config validate.
    """
    from stakactl.config import setting_rows
    from stakactl.output.reports.settings import ShownSetting, settings_view
    from stakactl.wiring import mode_of, read_leniently

    read = read_leniently(call.env_file, demo=call.demo)
    wrong = {problem.setting: problem for problem in read.problems}
    shown = []
    for row in setting_rows(read.settings):
        problem = wrong.get(row.name)
        reason = problem.reason if problem else ""
        origin = (problem.origin if problem else "") or row.origin
        shown.append(ShownSetting(row.name, row.value, origin, row.group, row.description, reason))
    return settings_view(shown, mode_of(read.settings), read.settings.env_file)
