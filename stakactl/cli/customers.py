"""`stakactl customers …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.discrepancies import ClassOption, wanted_discrepancies
from stakactl.cli.options import command, group
from stakactl.cli.pages import ForceOption, HtmlOption, page_frame
from stakactl.output.pages.language import Language
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.customers.annual import AnnualReport

app = group("customers")

NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="<id>",
        help="The application's id of a customer, a Stripe customer (cus_…), or an e-mail.",
        show_default=False,
    ),
]
GuestOption = Annotated[
    bool, typer.Option("--guest", help="With an e-mail: only its orders that name no customer.")
]


@command(
    app,
    name="show",
    example=[
        "stakactl customers show USR-00042",
        "stakactl customers show lea.martin@example.com --offline",
    ],
)
def show_customer(
    call: Call,
    name: NameArgument,
    guest: GuestOption = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask Stripe; only our own store.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Rows to show.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="Page to show.")] = 1,
) -> View:
    """Show one customer: payments, documents, subscriptions, what is wrong, and Stripe now.

    An e-mail that several customers have is refused with their ids. An id of the application's
    stands for all Stripe customers that are theirs alone. JSON and CSV have all rows.
    """
    from stakactl.operations.customers.show import show_customer as run
    from stakactl.output.reports.customers import CustomerPage, show_view

    report = run(call.container, name, guest=guest, live=not offline)
    shown = CustomerPage(page, limit) if call.output == "table" else None
    return show_view(report, shown, zone=call.container.settings.stakactl_time_zone)


@command(
    app,
    name="sync",
    example=["stakactl customers sync cus_Pq3RsT", "stakactl customers sync USR-00042 --fix"],
)
def sync_customer(
    call: Call,
    name: NameArgument,
    guest: GuestOption = False,
    discrepancy: ClassOption = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Repair what is safe; every change is recorded.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what --fix would do.")
    ] = False,
) -> View:
    """Read all that Stripe has of one customer again, and reconcile their orders alone.

    Whatever Stripe lists of the customer and whatever their orders name is read, however old.
    Without --fix nothing is changed but the local copy of Stripe and the list of findings.
    """
    from stakactl.operations.customers.sync import CustomerSyncRequest
    from stakactl.operations.customers.sync import sync_customer as run
    from stakactl.output.reports.customer_sync import sync_view

    wanted = wanted_discrepancies(discrepancy)
    request = CustomerSyncRequest(name, guest, fix=fix and not dry_run, discrepancies=wanted)
    return sync_view(run(call.container, request))


@command(
    app,
    name="annual",
    example=[
        "stakactl customers annual USR-00042 --year 2026",
        "stakactl customers annual cus_Pq3RsT --year 2025 --html 2025.html --lang en",
    ],
)
def show_year(
    call: Call,
    name: NameArgument,
    year: Annotated[
        int | None,
        typer.Option(
            min=2000, max=9999, help="The year; without it, this one.", show_default=False
        ),
    ] = None,
    guest: GuestOption = False,
    html: HtmlOption = None,
    language: Annotated[
        Language | None,
        typer.Option(
            "--lang", help="Language of the page; else the customer's.", show_default=False
        ),
    ] = None,
    force: ForceOption = False,
) -> View:
    """Sum up a customer's year, by currency: money, documents, and the VAT at each rate.

    Days are local ones. Money counts on the day on which the balance moved, documents on the day
    of their issue; what lies between the two is told as their difference. HT + TVA = TTC.
    """
    from stakactl.operations.customers.annual import annual_summary
    from stakactl.output.reports.annual import annual_view

    clock = call.container.clock
    wanted = year or clock.local_date(clock.now()).year
    report = annual_summary(call.container, name, wanted, guest=guest)
    if html is not None:
        _save_page(call, html, report, language, force=force)
    return annual_view(report, page=html)


def _save_page(
    call: Call, path: Path, report: "AnnualReport", language: Language | None, *, force: bool
) -> None:
    from stakactl.output.pages.annual import annual_page

    spoken = Language.EN if report.buyer.locale == "en" else Language.FR
    page = annual_page(report, page_frame(call, language or spoken))
    call.container.save_page(path, page, overwrite=force)
