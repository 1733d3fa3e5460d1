"""`stakactl invoices create`."""

from pathlib import Path
from typing import Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.output.view import View

_CUSTOMER = "The customer"
_PAYMENT = "Payment"


def _customer(name: str, help_line: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, help=help_line, show_default=False, rich_help_panel=_CUSTOMER
    )
    return option


def _payment(name: str, help_line: str, metavar: str | None = None) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        name, help=help_line, metavar=metavar, show_default=False, rich_help_panel=_PAYMENT
    )
    return option


@command(
    app,
    name="create",
    example=[
        'stakactl invoices create --reference QUOTE-17 --customer cus_Q1 --line "Audit;2;600;20"',
        "stakactl invoices create --from invoice.json --paid bank_transfer --dry-run",
    ],
)
def create(
    call: Call,
    reference: Annotated[
        str,
        typer.Option(
            help="What it is about, such as a quote; one invoice each.", show_default=False
        ),
    ] = "",
    lines: Annotated[
        list[str] | None,
        typer.Option(
            "--line",
            metavar="TITLE;QUANTITY;PRICE;VAT",
            help="A line: unit price with VAT, below zero for a discount; VAT rate in percent.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A JSON file; - reads standard input.", show_default=False),
    ] = None,
    nature: Annotated[
        str, typer.Option(help="goods, services or mixed; else services.", show_default=False)
    ] = "",
    currency: Annotated[str, typer.Option(help="Else CURRENCY.", show_default=False)] = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="<day>", help="First day of the supply, if it took several.", show_default=False
        ),
    ] = "",
    until: Annotated[
        str,
        typer.Option(
            metavar="<day>", help="Its last day; both stand on the page.", show_default=False
        ),
    ] = "",
    customer: Annotated[
        str, _customer("--customer", "As their orders know them: id or cus_….")
    ] = "",
    customer_of: Annotated[str, _customer("--customer-of", "The customer of this order.")] = "",
    email: Annotated[str, _customer("--email", "E-mail address.")] = "",
    name: Annotated[str, _customer("--name", "Name of a person.")] = "",
    company: Annotated[str, _customer("--company", "Name of a company.")] = "",
    siren: Annotated[str, _customer("--siren", "SIREN of a French company.")] = "",
    vat_number: Annotated[str, _customer("--vat-number", "VAT number.")] = "",
    address: Annotated[str, _customer("--address", "Street and number.")] = "",
    postal_code: Annotated[str, _customer("--postal-code", "Postal code.")] = "",
    city: Annotated[str, _customer("--city", "City.")] = "",
    country: Annotated[str, _customer("--country", "Country, two letters.")] = "",
    locale: Annotated[str, _customer("--locale", "Language of the invoice: fr or en.")] = "",
    paid: Annotated[
        str,
        _payment("--paid", "How: card, bank_transfer, sepa_debit, cheque, cash or paypal."),
    ] = "",
    paid_on: Annotated[str, _payment("--paid-on", "When it was, else today.", "<day>")] = "",
    due_days: Annotated[
        int | None, _payment("--due-days", "Days to pay it where it is not paid; else DUE_DAYS.")
    ] = None,
    no_mail: Annotated[
        bool, typer.Option("--no-mail", help="Do not send it to the customer.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would stand on it; take no number.")
    ] = False,
    yes: YesOption = False,
) -> View:
    """Issue an invoice of no order: with several lines, for a period, paid or to be paid.

    Amounts include VAT; its rate is never guessed. While an invoice of the reference stands, the
    same command makes no second one: it ends what was interrupted. Paid orders get theirs from
    invoices generate, subscriptions of Stripe from Stripe. The file names everything as files of
    orders do: reference, lines, customer_name, country, since, until, paid, due_days.
    """
    from stakactl.operations.create_invoice import create_invoice, plan_invoice
    from stakactl.output.reports.create_invoice import create_view

    said: dict[str, tuple[str, object]] = {
        "reference": ("--reference", reference),
        "nature": ("--nature", nature),
        "currency": ("--currency", currency),
        "since": ("--since", since),
        "until": ("--until", until),
        "customer_of": ("--customer-of", customer_of),
        "stripe_customer_id" if customer.startswith("cus_") else "customer_id": (
            "--customer",
            customer,
        ),
        "customer_email": ("--email", email),
        "customer_name": ("--name", name),
        "customer_company": ("--company", company),
        "customer_siren": ("--siren", siren),
        "customer_vat_number": ("--vat-number", vat_number),
        "address_line1": ("--address", address),
        "postal_code": ("--postal-code", postal_code),
        "city": ("--city", city),
        "country": ("--country", country),
        "locale": ("--locale", locale),
        "paid": ("--paid", paid),
        "paid_on": ("--paid-on", paid_on),
        "due_days": ("--due-days", due_days),
    }
    wanted = call.container.read_new_invoice(
        source,
        {name: value for name, (_, value) in said.items()},
        {name: option for name, (option, _) in said.items()},
        lines or (),
    )
    plan = plan_invoice(call.container, wanted, by_mail=not no_mail)
    if dry_run:
        return create_view(plan, dry_run=True)
    if plan.invoice is None and not yes:
        call.show(create_view(plan))
        call.confirm("Issue this invoice? Its number can never be taken back.", yes)
    return create_view(create_invoice(call.container, wanted, by_mail=not no_mail))
