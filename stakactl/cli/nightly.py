"""`stakactl nightly`."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, complete_view, group
from stakactl.errors import ServiceError
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.nightly import NightlyReport
    from stakactl.operations.revenue import RevenueReport

app = group("nightly")

YesOption = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask; needed where nobody can answer.")
]


@command(app, example=["stakactl nightly --yes", "stakactl nightly --demo --yes"])
def nightly(
    call: Call,
    yes: YesOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what differs and what would be issued.")
    ] = False,
) -> View:
    """Do the whole night's work under one lock, with one report and one exit code.

    Reads Stripe, repairs what is safe, issues missing invoices, stores their PDFs, sends their
    mails, then compares everything once more: the report says what remains.
    """
    if dry_run:
        return _dry_run(call)
    from stakactl.operations.invoice_plan import issuing_since

    issuing_since(call.container)
    call.container.runs.find(limit=1)  # a store that cannot be used is told before the question
    call.confirm("Repair orders, issue invoices and mail them to customers?", yes)
    _, view = run_and_keep(call)
    return view


def run_and_keep(call: Call) -> "tuple[NightlyReport, View]":
    """Run the night and keep its report under `reports/`, as a page to look at and as JSON; one
    that cannot be kept is still shown."""
    from stakactl.domain.runs import Outcome, worst
    from stakactl.operations.nightly import nightly as run
    from stakactl.output.render import render
    from stakactl.output.reports.nightly import nightly_view

    report = run(call.container, partial(_keep_page, call))
    view = complete_view(call, nightly_view(report))
    try:
        name = f"nightly-{report.run_id}.json"
        call.container.reports.save(name, lambda file: render(view, "json", file))
    except ServiceError as error:
        call.warn(f"the report is not kept: {error.message}")
        view = replace(view, outcome=worst([view.outcome, Outcome.INCOMPLETE]))
    return report, view


def _keep_page(call: Call, report: "NightlyReport", figures: "RevenueReport") -> None:
    """In the administrator's language, to whom it is mailed."""
    from stakactl.cli.pages import page_frame
    from stakactl.domain.letters.nightly_report import page_name
    from stakactl.output.pages.language import Language
    from stakactl.output.pages.nightly import nightly_page

    container = call.container
    frame = page_frame(call, Language(container.policy.admin.language))
    text = container.render_page(nightly_page(report, figures, frame))
    container.reports.save(page_name(report.run_id), lambda file: file.write(text))


def _dry_run(call: Call) -> View:
    from stakactl.operations.reconcile import ReconcileRequest, reconcile
    from stakactl.output.reports.reconcile import reconcile_view

    return reconcile_view(reconcile(call.container, ReconcileRequest()))
