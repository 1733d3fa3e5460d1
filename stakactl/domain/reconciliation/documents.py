"""Whether an order has one legal invoice at most, and a credit note for what was given back."""

from collections.abc import Iterator

from stakactl.domain.case import Case
from stakactl.domain.findings import Discrepancy, Finding
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.refunds import refunded_so_far, succeeded_refunds


def live_invoices(case: Case) -> dict[str, str]:
    """Every legal invoice of the order that stands: its number and who issued it.

    One number is one document: an application that records the number of our invoice, or of
    Stripe's, did not issue another one.
    """
    found = {one.number: "Stripe's" for one in case.stripe_invoices if one.is_legal and one.number}
    if case.invoice_number:
        found.setdefault(case.invoice_number, "ours")
    if case.order.invoice_number:
        found.setdefault(case.order.invoice_number, "the application's")
    return found


def duplicate_findings(case: Case) -> Iterator[Finding]:
    found = live_invoices(case)
    if len(found) < 2:
        return
    order = case.order
    first, *others = sorted(found)
    yield Finding(
        Discrepancy.INVOICE_DUPLICATE,
        since=order.paid_at or order.created_at,
        expected="one invoice",
        seen=", ".join(f"{number} ({issuer})" for number, issuer in sorted(found.items())),
        hint="the customer holds several: credit the one too many where it was issued",
        order_id=order.order_id,
        invoice_number=first,
        refs={"duplicate": ",".join(others)},
    )


def credit_note_findings(case: Case) -> Iterator[Finding]:
    """Asked once order and Stripe agree on what was refunded, and for our own invoices alone: the
    credit notes of the application and of Stripe are in their own books, and an alarm about what
    cannot be seen would be invented."""
    refunds = succeeded_refunds(case)
    if case.invoice_number is None or not refunds:
        return
    running = refunded_so_far(case)
    if running is not None and not running[-1]:
        return  # an excess was returned: the invoice is over what was kept
    # Refunded in another currency: how much of the invoice that is, the note's author knew.
    wanted = 1 if running is None else running[-1]
    if case.credited_minor >= wanted:
        return
    sums: dict[str, Money] = {}
    for refund in refunds:
        currency = refund.amount.currency
        sums[currency] = sums.get(currency, Money.zero(currency)) + refund.amount
    given_back = " + ".join(str(amount) for amount in sums.values())
    yield Finding(
        Discrepancy.REFUND_NO_CREDIT_NOTE,
        since=refunds[0].created_at,
        expected=f"a credit note over {given_back}",
        seen=f"{given_back} refunded, {case.invoice_number} stands {_standing(case)}",
        hint="stakactl invoices credit NUMBER issues it (--amount AMOUNT for a part)",
        order_id=case.order.order_id,
        invoice_number=case.invoice_number,
        payment_intent_id=case.payments[0].id,
    )


def _standing(case: Case) -> str:
    if not case.credited_minor:
        return "in full"
    return f"but for {Money(case.credited_minor, case.order.amount.currency)}"
