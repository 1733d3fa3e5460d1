"""`stakactl checklist …`."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.hints import for_demo
from stakactl.cli.maintenance import person
from stakactl.cli.options import command, group
from stakactl.cli.webhooks.options import UrlOption, checked_url
from stakactl.domain.checklists import Answer, Checklist, ListName
from stakactl.domain.webhooks.endpoints import host_of
from stakactl.errors import UsageError
from stakactl.output.stream import Sink
from stakactl.output.view import View

app = group("checklist")

#: A single service may take this long at most, so that a slow one is told by its name.
_SERVICE_SECONDS = 10.0
_NAMES = ", ".join(ListName)
_argument = partial(
    typer.Argument, metavar="NAME", show_default=False, autocompletion=lambda: list(ListName)
)


def _write_markdown(view: View, sink: Sink) -> None:
    from stakactl.output.markdown import write_markdown

    write_markdown(view, sink)


@command(
    app,
    name="run",
    example=[
        "stakactl checklist run pre-deploy",
        "stakactl checklist run deploy --probe",
        "stakactl checklist run pre-deploy --assume answers.toml -o json",
    ],
)
def run(
    call: Call,
    name: Annotated[str, _argument(help=f"{_NAMES}.")],
    assume: Annotated[
        Path | None,
        typer.Option(
            "--assume",
            metavar="FILE",
            help="Take answers from this TOML or JSON file; ask nobody.",
            show_default=False,
        ),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin afresh; what was is kept.")] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also send a signed test event to STRIPE_WEBHOOK_URL.")
    ] = False,
    url: UrlOption = None,
) -> View:
    """Go through a list: stakactl looks where it can, and asks where it cannot.

    Each answer is kept at once. Typed again, the command goes on with what is open: what stakactl
    looks at is looked at again, answers stand. Exit code 1 while an item is open or failed.
    Without a terminal nobody is asked.
    """
    from stakactl.operations.checklists.run import ChecklistRequest, Nobody, run_checklist
    from stakactl.output.dialog import Dialog
    from stakactl.output.reports.checklist import checklist_view

    wanted = _known(name)
    container = call.container
    checklist = container.checklist(wanted)
    at = container.settings.stripe_webhook_url if url is None else checked_url(url)
    request = ChecklistRequest(
        checklist,
        person(),
        _answers(call, assume, checklist),
        host_of(at or ""),
        new=new,
        probe=probe,
    )
    container.runs.find(limit=1)  # a store that cannot be used is told before anything is looked at
    inspection = container.inspectors(timeout_seconds=_SERVICE_SECONDS, webhook_url=at)
    call.invocation.masked = inspection.settings.masked
    asks = call.interactive and assume is None
    somebody = Dialog(for_demo if call.demo else str) if asks else Nobody()
    report = run_checklist(container, inspection, request, somebody)
    if asks:
        sys.stderr.write("\n")  # the dialog ends, the result begins
    return checklist_view(report)


def _known(name: str) -> ListName:
    if name not in set(ListName):
        raise UsageError(f"there is no checklist {name!r}", hint=f"the checklists are {_NAMES}")
    return ListName(name)


def _answers(call: Call, assume: Path | None, checklist: Checklist) -> Mapping[str, Answer]:
    return {} if assume is None else call.container.read_answers(assume, checklist)


@command(
    app,
    name="show",
    example=[
        "stakactl checklist show pre-deploy > deployment.md",
        "stakactl checklist show --id 20261126T081500Z-9f86d0 -o csv",
    ],
    formats={"markdown": _write_markdown},
    output="markdown",
)
def show(
    call: Call,
    name: Annotated[str | None, _argument(help=f"{_NAMES}; the last of any without.")] = None,
    record_id: Annotated[
        str | None,
        typer.Option("--id", metavar="RECORD", help="This record.", show_default=False),
    ] = None,
) -> View:
    """Print the record of a list, the last one without --id, as Markdown.

    Who said what and when, and what was seen. Exit code 1 while an item is open or failed.
    """
    from stakactl.operations.checklists.show import show_checklist
    from stakactl.output.reports.checklist import checklist_view

    if name is not None and record_id is not None:
        raise UsageError("NAME and --id exclude each other.")
    wanted = None if name is None else _known(name)
    return checklist_view(show_checklist(call.container, wanted, record_id))
