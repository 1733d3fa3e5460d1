"""`stakactl invoices credit · cancel`."""

from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.invoices import app
from stakactl.cli.invoices.listing import NumberArgument
from stakactl.cli.nightly import YesOption
from stakactl.cli.options import command
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.operations.credit_notes import CreditRequest

ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why; stands on the credit note.", show_default=False)
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be credited; take no number.")
]


@command(
    app,
    name="credit",
    example=[
        "stakactl invoices credit FACT-2026-000123 --dry-run",
        'stakactl invoices credit FACT-2026-000123 --amount 12.50 --reason "one copy damaged"',
    ],
)
def credit(
    call: Call,
    number: NumberArgument,
    amount: Annotated[
        str | None,
        typer.Option(
            "--amount", help="How much, VAT included; else all that is left.", show_default=False
        ),
    ] = None,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> View:
    """Issue a credit note (avoir) on an invoice, over a part or all that is left of it.

    It moves no money: refund the payment in Stripe. All credit notes of an invoice together never
    exceed it.
    """
    from stakactl.operations.credit_notes import CreditRequest
    from stakactl.operations.invoice_files import known_invoice

    minor = None
    if amount is not None:
        minor = _minor(amount, known_invoice(call.container, number).total.currency)
    return _issue(call, CreditRequest(number, minor, reason), dry_run, yes)


@command(
    app,
    name="cancel",
    example='stakactl invoices cancel FACT-2026-000123 --reason "wrong company"',
)
def cancel(
    call: Call,
    number: NumberArgument,
    reason: ReasonOption = "",
    dry_run: DryRunOption = False,
    yes: YesOption = False,
) -> View:
    """Cancel an invoice: a credit note over all that is left of it, and the status CANCELLED.

    Nothing is deleted. An order that stays paid gets a new invoice from the next invoices generate,
    so correct the order first.
    """
    from stakactl.operations.credit_notes import CreditRequest

    return _issue(call, CreditRequest(number, None, reason, cancel=True), dry_run, yes)


def _issue(call: Call, request: "CreditRequest", dry_run: bool, yes: bool) -> View:
    from stakactl.operations.credit_notes import issue_credit, plan_credit
    from stakactl.output.reports.credit_notes import credit_view

    plan = plan_credit(call.container, request)
    if dry_run:
        return credit_view(plan)
    if plan.invoiced_again and not yes:
        call.warn(
            f"order {plan.invoice.order_id} is still paid: the next invoices generate issues a new "
            "invoice for it. Correct the order first."
        )
    doing = "Cancel" if request.cancel else "Credit"
    call.confirm(
        f"{doing} {plan.invoice.number} by {plan.amount}? This can never be taken back.", yes
    )
    return credit_view(issue_credit(call.container, request))


def _minor(text: str, currency: str) -> int:
    """12.50 as whole minor units."""
    from decimal import Decimal, InvalidOperation

    from stakactl.domain.money import exponent
    from stakactl.errors import UsageError

    try:
        minor = Decimal(text.replace(",", ".")).scaleb(exponent(currency))
        whole = int(minor)
    except (InvalidOperation, OverflowError, ValueError):
        minor, whole = Decimal(1), 0
    if minor != whole:
        raise UsageError(
            f"--amount {text!r} is no amount in {currency.upper()}", hint="write it as 12.50"
        )
    return whole
